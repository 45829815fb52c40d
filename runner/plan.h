#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migrations/migration.h"
#include "runner/dependents.h"
#include "runner/ledger_rows.h"
#include "runner/phases.h"

namespace plumbline {

// One migration that is to be run, in one direction.
struct Step {
  std::size_t place = 0;     // in the directory
  std::string version = {};  // as the ledger has it
  bool down = false;
  std::size_t first = 0;    // statements before this one are done
  std::size_t running = 0;  // the number of one whose fate is not known; 0: none
  std::string mark = {};    // of that one
};

struct PlanRequest {
  std::string target;            // up: up to this version; down: back to it, "0": all; empty: all, or `steps`
  std::string phase;             // up: only migrations of this phase; those without one count as expand
  std::size_t steps = 0;         // down: how many; 0: back to the target
  bool resume = false;           // go on where something stopped half-way
  bool out_of_order = false;     // what is older than the newest applied one may be applied
  bool lenient = false;          // --skip-validation: edited files and unknown versions stop nothing
  std::string reason = {};       // why, for the history
  bool all_or_nothing = false;   // up: a failure rolls back the whole run
  bool looked_at = false;        // up: others look at each migration when it is committed
  bool goes_on = false;          // up: with a run that did not end
  std::string version = {};      // down: this one alone
  bool with_dependents = false;  // down: and the later ones that depend on it
  FindDependents dependents = {};  // besides those that headers declare; empty: no others
};

struct MigrationPlan {
  std::vector<Step> steps;
  std::vector<Waiting> waiting;       // pending, asked for, and not to be run yet
  std::vector<std::string> warnings;  // to be said before it is run
  bool one_transaction = false;       // of all its steps: a failure leaves nothing of them
};

// What `up` would run, from the files and what the ledger says. A migrate or contract that has to wait is
// left out and stands in `waiting`. Throws Error: a migration that stopped half-way, an edited file, one that
// is older than what was applied of its phase or needs it, a version that no file has, a dependency that is
// not applied, an unknown phase where the rules are skipped, a phase or target of which all that is pending
// waits, and where all or nothing is wanted one that could not be rolled back.
MigrationPlan plan_up(const MigrationDirectory& directory, const LedgerEntries& entries,
                      const PlanRequest& request);

// What `down` would run, newest first. Throws Error: a version that is not applied, one that later ones
// depend on, one without a down section, one that stopped half-way, and an applied version behind the oldest
// of them that no file has.
MigrationPlan plan_down(const MigrationDirectory& directory, const LedgerEntries& entries,
                        const PlanRequest& request);

// What `redo` would run: down, and the same migrations up again, no others. Throws Error as plan_down does.
MigrationPlan plan_redo(const MigrationDirectory& directory, const LedgerEntries& entries,
                        const PlanRequest& request);

// Identifies what a plan would do: versions, directions and statements.
std::string plan_hash(const MigrationDirectory& directory, const MigrationPlan& plan);

// Whether the file calls the migration irreversible, and why: "-- Irreversible: reason". "no" or nothing
// there is no reason.
std::optional<std::string> irreversible_reason(const Migration& migration);

// The statements of the step's direction.
const std::vector<SqlStatement>& statements_of(const MigrationDirectory& directory, const Step& step);

// The place of the version in the directory: its version, its file or its name. Throws Error.
std::size_t find_place(const MigrationDirectory& directory, const std::string& version);

// The migration that a dependency names, by version or by file.
std::optional<std::size_t> place_named(const MigrationDirectory& directory, const std::string& name);

// Its file as the user can open it.
std::string shown_name(const MigrationDirectory& directory, const Migration& migration);

}  // namespace plumbline
