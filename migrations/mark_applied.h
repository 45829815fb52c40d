#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/directory.h"
#include "migrations/ledger_table.h"
#include "migrations/migration.h"
#include "postgres/connection.h"

namespace plumbline {

// What makes the tool of a directory know one of its migrations as applied without running it.
struct MarkApplied {
  std::string tool = {};              // "dbmate"
  std::string table = {};             // its ledger, "public.schema_migrations"; empty: live has none
  std::vector<std::string> sql = {};  // to be run in one transaction; empty: it cannot be written from here
  std::string command = {};           // the tool's own, to be pasted; empty: it has none
  std::string refusal = {};           // why there is no SQL, as a sentence
};

// For the migration with that version of a directory that was loaded with it. Reads only.
MarkApplied how_to_mark_applied(Connection& connection, const MigrationDirectory& directory,
                                const MigrationOptions& options, std::string_view version);

// What to do by hand, as lines for people: the command, the SQL, or why there is neither.
std::string mark_applied_text(const MarkApplied& mark);

// Runs the SQL in one transaction, then reads the ledger: throws Error when the migration does not count as
// applied, or another one does that did not before, and leaves the ledger as it was.
void mark_applied(Connection& connection, const MigrationDirectory& directory,
                  const MigrationOptions& options, std::string_view version);

// A tool's own ledger that is kept in step while plumbline applies the tool's migrations.
class KeptLedger {
 public:
  // Throws Error where `tool` is no convention that reads the directory, live has no ledger of it, only the
  // tool itself can write it, or it has versions that are not in `applied`, the places of what plumbline has
  // applied.
  KeptLedger(Connection& connection, const MigrationDirectory& directory, const MigrationOptions& options,
             std::string_view tool, const std::vector<std::size_t>& applied);

  // "public.schema_migrations"
  std::string table() const { return table_.shown(); }
  // What plumbline has applied and the tool's ledger has not.
  std::vector<std::size_t> missing() const;
  // Statements that record the migration at that place as applied, or as taken back; empty: it is so already.
  // Throws Error where the ledger names the last version alone, and others before it are pending.
  std::string sql(std::size_t place, bool down) const;
  // Reads the ledger again.
  void read(Connection& connection);
  // The same. Throws Error if it does not say so of the migration.
  void confirm(Connection& connection, std::size_t place, bool down);

 private:
  const MigrationDirectory& directory_;
  MigrationOptions options_;
  std::vector<std::size_t> ours_;
  LedgerTable table_;
  std::set<std::size_t> known_;  // what the ledger says is applied
};

}  // namespace plumbline
