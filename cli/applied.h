#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/settings.h"
#include "migrations/directory.h"
#include "migrations/ledger.h"
#include "postgres/connection.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What live says is applied, unless --at says otherwise. Throws Error where that cannot be the basis of a
// verdict.
Applied applied_state(Connection& live, const MigrationDirectory& directory, const Settings& settings);

// Reads, from the ledger of plumbline, the schema that the last run left (Comparison::last_run); empty for
// other ledgers.
std::function<std::shared_ptr<const Snapshot>()> last_run_of(const Applied& applied, SymbolTable& symbols,
                                                             const Settings& settings);

// Who migrates on live.
std::string migrating_role(Connection& live, const Applied& applied, const Settings& settings);

// The migrations at migrations_path (cli/locate.h). Throws Error as load_migrations does.
MigrationDirectory migrations_of(const Settings& settings);

}  // namespace plumbline
