#pragma once

#include <string>
#include <vector>

#include "expected/shadow.h"

namespace plumbline {

// An object whose schema a rule hides from the verdict.
struct HiddenName {
  std::string schema, name;  // an empty schema: it is in none; the name "*": all of the schema and itself
};

struct WitnessOptions {
  ShadowOptions shadow;            // where both sides are restored when their dumps differ
  std::vector<HiddenName> hidden;  // whatever mentions one of these is left out
};

// pg_dump, which shares no code with us, says in what two databases of equal schema differ. It is asked
// twice: of the databases as they are, and when that gives a difference, of what a restore makes of each on
// one server, where spellings, the order of columns and the majors of the servers no longer count. Returns a
// line for each object and the lines that only one side has, "+" actual, "-" expected; nothing is the good
// answer. `major` is the newer of the two servers'. Throws Error when pg_dump cannot be asked.
std::vector<std::string> contradictions(const std::string& actual_conninfo,
                                        const std::string& expected_conninfo, int major,
                                        const WitnessOptions& options);

}  // namespace plumbline
