#pragma once

#include <string>
#include <vector>

#include "migrations/directory.h"
#include "migrations/migration.h"
#include "migrations/own_ledger.h"
#include "postgres/connection.h"

namespace plumbline {

// What a live database says has been applied, held against the files.
struct Applied {
  std::string tool = {};   // "flyway"; empty: no ledger was found
  std::string table = {};  // "public.flyway_schema_history"
  std::string owner = {};  // the role that owns the ledger: who migrates
  std::vector<std::string> objects =
      {};              // tables (schema.name) and whole schemas ("drizzle.*") that are the other tool's own
  OwnLedger own = {};  // plumbline's own objects, whichever tool the ledger above is of
  std::vector<std::size_t> applied = {};  // places in MigrationDirectory::migrations, ascending
  std::vector<std::size_t> pending = {};
  std::vector<std::string> unknown = {};  // versions that the ledger names and the directory lacks
  std::vector<std::string> failed = {};   // versions that the ledger calls dirty, failed or half done
  std::vector<std::size_t> edited = {};   // applied, but the tool's recorded checksum is another now
  std::string version = {};               // the last applied version, for people
};

// Reads the ledger of the directory's tool (reads only). Looks in every schema the role may read, so a ledger
// outside public is found. No ledger on live: everything is pending, tool is empty. Throws Error when two
// ledgers of the tool exist and none is configured.
Applied read_ledger(Connection& connection, const MigrationDirectory& directory,
                    const MigrationOptions& options);

// The same of the tool's own ledger, whatever plumbline's says.
Applied read_tool_ledger(Connection& connection, const MigrationDirectory& directory,
                         const MigrationOptions& options);

// How plumbline's own ledger calls each migration of the directory: by its version, a repeatable one
// "repeatable NAME", and of several files with one version the later ones "VERSION FILE".
std::vector<std::string> ledger_keys(const MigrationDirectory& directory);

// The same answer without a ledger: "head", or everything up to and including VERSION. Throws Error when no
// file has it.
Applied applied_at(const MigrationDirectory& directory, const std::string& version);

}  // namespace plumbline
