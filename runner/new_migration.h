#pragma once

#include <string>

#include "migrations/migration.h"

namespace plumbline {

struct NewMigration {
  std::string name;  // a few words
  std::string type = {}, phase = {}, description = {};
  std::string up = {}, down = {};  // the sections; empty: a template for the phase
  std::string irreversible = {};   // why there is no down section; empty: there is one
};

// Writes a file in plumbline's own format and returns its path. Its version is the time, or later when the
// directory has that already: no two files ever get the same. `directory` may hold no migration yet. Throws
// Error for a directory of another tool, a name without a letter or digit, and an unknown type or phase.
std::string write_new_migration(const std::string& path, const MigrationDirectory* directory,
                                const NewMigration& migration);

}  // namespace plumbline
