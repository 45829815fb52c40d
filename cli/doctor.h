#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace plumbline {

// One thing that plumbline sees, or does not.
struct Observation {
  enum class State { ok, note, problem } state;  // problem: check cannot run
  std::string subject;                           // "live database"
  std::string text;
  std::string hint;  // how to mend it
};

std::string_view to_string(Observation::State state);

// Looks at all that check needs. Throws nothing: what fails is a problem.
std::vector<Observation> examine(const Settings& settings);

bool check_could_run(const std::vector<Observation>& observations);

void write_json(const std::vector<Observation>& observations, std::ostream& out);

}  // namespace plumbline
