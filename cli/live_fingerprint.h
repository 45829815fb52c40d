#pragma once

#include <string>

#include "cli/settings.h"
#include "migrations/ledger.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Of what is live but for the ledgers, which change by being used.
std::string live_fingerprint(const Snapshot& live, const Applied& applied);

// Whether a migration that catchup wrote may be run: what reverts drift wants live as it was then, and what
// was adopted is there already where it was. Reads live only for such. Throws Error.
void check_catch_up(const Migration& migration, const MigrationDirectory& directory,
                    const Settings& settings);

}  // namespace plumbline
