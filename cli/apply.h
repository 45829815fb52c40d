#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catchup/catch_up.h"
#include "cli/settings.h"
#include "diff/compare.h"
#include "diff/finding.h"
#include "migrations/directory.h"
#include "migrations/ledger.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// A script that was proven, and what it was made for.
struct ProvenRepair {
  const CatchUp& found;
  const MigrationDirectory& directory;
  const Applied& applied;
  const Snapshot& expected;
  const std::vector<Finding>& findings;
  const std::vector<Difference>& differences;
  std::string fingerprint;  // of live, when it was read
  SymbolTable& symbols;
  // What differs on a live that is this now, as `differences` were found.
  std::function<std::vector<Difference>(const Snapshot& live)> differences_now;
};

// Throws UsageError for flags that do not go with --apply, and where nobody can be asked.
void check_apply_flags(const Settings& settings);

// Asks, unless the settings say yes; takes the lock of those who migrate, runs the script and says what
// became of live. Throws Error when live has moved, when the script fails, and when a finding that it should
// repair is still there or a new one is. Returns the exit code.
int apply_repair(const ProvenRepair& repair, const Settings& settings);

}  // namespace plumbline
