#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrations/directory.h"
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

}  // namespace plumbline
