#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"
#include "postgres/connection.h"

namespace plumbline {

// A row of schema_migrations.
struct LedgerEntry {
  std::string version;  // as ledger_keys() has it
  std::string state;    // pending, running, applied, failed, rolled_back
  std::string checksum, name, file, direction, error, applied_by, applied_at;
  std::size_t statements = 0;  // of the section that was run last
  std::size_t done = 0;        // how many of them are committed; all of them: 0 again
  std::string done_checksum;   // of these
  std::size_t running = 0;     // the number of the statement that was sent outside a transaction; 0: none
  std::string mark;            // what was there before it, for settle()
  std::int64_t duration_ms = 0;
  std::optional<std::int64_t> applied_epoch;  // applied_at in seconds since 1970; nothing: not known
  std::int64_t applied_ago = 0;               // seconds since then, by the clock of the server

  // Some of it is done and some is not, or that is not known.
  bool is_partial() const { return done > 0 || running > 0; }
};

using LedgerEntries = std::map<std::string, LedgerEntry>;  // by version

// Empty when there is no ledger. Throws Error when the role may not read it.
LedgerEntries read_entries(Connection& connection, const std::string& schema);

// One row for migration_history; what is empty is written as NULL.
struct HistoryEvent {
  std::string action;  // applied, rolled_back, failed, baseline, imported, repaired, approved, ...
  std::string version = {}, name = {}, direction = {}, checksum = {};
  std::optional<std::size_t> statements = {}, done = {};
  std::optional<std::int64_t> duration_ms = {}, lock_wait_ms = {};
  std::string reason = {}, details = {};
};

// A row of migration_history.
struct HistoryRow {
  std::string id, at, action, version, name, direction, duration_ms, lock_wait_ms, performed_by, client,
      reason, details, statements, statements_done, plumbline_version;
};
std::vector<HistoryRow> read_history(Connection& connection, const std::string& schema, std::size_t limit);

// The first thing that is wrong with the chain of hashes: "row 12 was changed"; nothing: all is well.
struct ChainVerdict {
  std::size_t rows = 0;
  std::optional<std::string> broken;
};
ChainVerdict verify_history(Connection& connection, const std::string& schema);

// Who runs this program: "alice@ci-7, process 4711".
std::string client_name();

// SQL texts that change the ledger; each to be sent by the session that does the work, so that it can be in
// the same transaction.
class LedgerWriter {
 public:
  explicit LedgerWriter(std::string schema);

  const std::string& schema() const { return schema_; }
  // A table of the ledger as SQL.
  std::string table(std::string_view name) const;

  // "statement `running` of the migration is about to be sent outside a transaction" (0: none), or
  // "the first `done` are committed".
  struct ProgressNote {
    std::string state, direction;
    std::size_t statements = 0, done = 0, running = 0;
    std::string done_checksum = {}, mark = {}, error = {};
    std::int64_t duration_ms = 0;  // so far
  };
  std::string progress(const std::string& version, const Migration& migration,
                       const ProgressNote& note) const;
  // All statements are done.
  std::string finished(const std::string& version, const Migration& migration, bool down,
                       std::int64_t duration_ms) const;
  std::string event(const HistoryEvent& event) const;
  std::string doing(const std::string& what) const;  // into the lease

 private:
  std::string upsert(const std::string& version, const Migration& migration, std::int64_t duration_ms,
                     const std::vector<std::pair<std::string, std::string>>& values) const;
  std::string schema_;
};

// The SQL for a session whose role and settings a migration may have changed: inside a transaction, until its
// end.
std::string as_ourselves();
// `sql` as ourselves inside a transaction that goes on as it was: deferred triggers run at its COMMIT, and
// find the role and the search_path of the migration.
std::string in_between_as_ourselves(const std::string& sql);
// The same outside a transaction; for good.
std::string session_reset();

}  // namespace plumbline
