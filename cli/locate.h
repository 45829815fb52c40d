#pragma once

#include <string>

#include "cli/settings.h"

namespace plumbline {

// The directory of the migrations: the one that a flag, the environment or plumbline.toml names; else the
// only one at a usual place (migrations/usual_places.h) of the project, which is reported on stderr. The
// project is the directory of plumbline.toml, else the first from the working directory up to the top of its
// repository that has migrations. Throws UsageError when there is none and when there is more than one.
std::string migrations_path(const Settings& settings);

// Where migrations are to be written: the directory above; without one an empty directory at a usual place,
// else "migrations", which need not be there. Throws UsageError when there is more than one.
std::string new_migrations_path(const Settings& settings);
}  // namespace plumbline
