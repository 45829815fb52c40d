#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "migrations/directory.h"
#include "runner/lease.h"
#include "runner/ledger_rows.h"
#include "runner/open_run.h"
#include "runner/phases.h"

namespace plumbline {

// A migration of the directory and what the ledger says of it.
struct MigrationState {
  std::string version, file, name, state;  // as in the ledger; "pending" where it says nothing
  std::string type, phase, applied_by, applied_at, error;
  std::size_t statements = 0, done = 0, running = 0;
  std::int64_t duration_ms = 0;
  bool edited = false;
  std::optional<Waiting> waiting = {};  // of a pending one that must not be run yet
};

struct StatusReport {
  std::string database, ledger, tool, schema_version;
  std::string environment;  // as the ledger says, else as it was named; empty: neither
  std::vector<MigrationState> migrations;
  std::vector<std::string> unknown;    // versions of the ledger without a file
  std::vector<OtherFile> other_files;  // of the directory, that are no migrations
  std::optional<LeaseHolder> lease;
  std::vector<std::string> invalid_indexes;
  std::string last_snapshot_at;                // empty: no run has left one
  std::optional<std::size_t> drift_since_run;  // findings; nothing: not known

  std::optional<OpenRun> open_run;       // of --all-or-nothing, that did not end
  std::vector<std::string> its_applied;  // what it applied

  std::size_t count(std::string_view state) const;
  // Whether the session that holds the lock is at this migration now.
  bool is_at_work_on(const MigrationState& migration) const;
  // A migration failed or stopped half-way, or a run of all or nothing did not end, and nobody is at it now.
  bool is_broken() const;
};

// Failed, or half of it is done, in either direction.
bool is_unfinished(const MigrationState& migration);

// Reads only.
StatusReport read_status(const MigrationDirectory& directory, const Settings& settings);

// The migrations of the directory when live cannot be asked: their state is "unknown".
StatusReport status_without_live(const MigrationDirectory& directory);

}  // namespace plumbline
