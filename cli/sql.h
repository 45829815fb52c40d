#pragma once

#include <string>

#include "cli/settings.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Writes the SQL that turns the actual side into the expected one to where the settings say. It is proven
// before on a throw-away server; what does not prove is not written, unless the settings ask for it unproven.
// Returns the exit code: 0, or 1 when something stays that no statement repairs. `creator` is the role that
// will run it, where that is known.
int write_plan(const Snapshot& actual, const Snapshot& expected, SymbolTable& symbols,
               const Settings& settings, const std::string& creator);

// The SQL that makes the schema in an empty database, proven on a throw-away server. Throws Error when that
// cannot be: something that no statement of ours makes, or a proof that fails.
std::string sql_that_makes(const Snapshot& schema, SymbolTable& symbols, const Settings& settings,
                           const std::string& creator);

}  // namespace plumbline
