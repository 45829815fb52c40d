#pragma once

#include <map>
#include <string>
#include <vector>

#include "catchup/catch_up.h"
#include "cli/settings.h"
#include "diff/finding.h"

namespace plumbline {

// What flags can name: the findings of a comparison, by id or by the name of the object, and what they fold
// in, by the id that it has in a report that folds less (diff/fold.h knows more when dependencies were read).
struct Nameable {
  const std::vector<Finding>& findings;
  const Snapshot& actual;
  const Snapshot& expected;
  const std::vector<Difference>& differences;
};

// What the flags say of a repair. Throws UsageError for words that make no sense.
void check_repair_flags(const CatchUpSettings& asked);

// The options that catchup and diff --sql have in common. Throws UsageError for a finding that there is not.
CatchUpOptions repair_options(const Settings& settings, const Nameable& among);

// Findings of class security that nobody has named, and what is said of them.
std::map<ObjectId, std::string> not_to_be_adopted(const Settings& settings, const Nameable& among,
                                                  SymbolTable& symbols);

// Asks a database, in a read-only transaction with time-outs that runs no code but the server's own; a
// connection is opened with the first question.
AskLive asker(const std::string& conninfo);

// catch_up(); where a unit waits to be told whether something was renamed, somebody at the terminal is asked,
// and what he says counts as --rename and --no-rename.
CatchUp catch_up_asking(const Goal& goal, CatchUpOptions options, const Settings& settings);

// Throws Error when the script did not do what it should, unless the settings ask for it unproven.
void refuse_unproven(const CatchUp& found, const Settings& settings);

// Says what is left, and why. Returns the exit code.
int tell_what_is_left(const CatchUp& found);

}  // namespace plumbline
