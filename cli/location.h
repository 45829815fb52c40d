#pragma once

#include <string>

#include "cli/settings.h"
#include "migrations/migration.h"

namespace plumbline {

// Where a new migration goes among the locations of the settings: to the one of the newest migration that
// every environment of plumbline.toml reads, else the change would never reach some of them; `wanted`
// overrules that. Empty: there are no locations. Throws Error for a location that the settings do not have.
std::string location_of_new(const Settings& settings, const std::string& wanted,
                            const MigrationDirectory* directory);

}  // namespace plumbline
