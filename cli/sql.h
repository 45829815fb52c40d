#pragma once

#include <string>

#include "cli/settings.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct SqlSide {
  const Snapshot& snapshot;
  std::string description;
  std::string conninfo;  // of a live database; empty: it is none
};

// Writes the SQL that turns the actual side into the expected one to where the settings say, by the rules of
// catchup: what was tried is printed, and what is left is a comment. Returns the exit code: 0, or 2 when
// something is left. `creator` is the role that will run it, where that is known.
int write_plan(const SqlSide& actual, const SqlSide& expected, SymbolTable& symbols, const Settings& settings,
               const std::string& creator);

// Writes the SQL that makes the schema in an empty database to where the settings say; proven as below unless
// the settings ask for it unproven. Returns the exit code: 0, or 2 when something stays that no statement of
// ours makes.
int write_schema(const Snapshot& schema, SymbolTable& symbols, const Settings& settings);

// The SQL that makes the schema in an empty database, proven on a throw-away server. Throws Error when that
// cannot be: something that no statement of ours makes, or a proof that fails.
std::string sql_that_makes(const Snapshot& schema, SymbolTable& symbols, const Settings& settings,
                           const std::string& creator);

}  // namespace plumbline
