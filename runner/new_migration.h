#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"

namespace plumbline {

struct NewMigration {
  std::string name;  // a few words
  std::string type = {}, phase = {}, description = {};
  std::string up = {}, down = {};        // the sections; empty: a template for the phase
  std::vector<std::string> header = {};  // further lines of comment, "Key: value"
  std::string location = {};             // folder below the directory; empty: that of the last one
  std::string irreversible = {};         // why there is no down section; empty: there is one
};

// Writes what the tool whose convention it is would make, and returns the paths. The version has the shape of
// those that are there and comes after them: a time that nobody has, or the next number; no two migrations
// ever get the same. `directory` may hold no migration yet, then `convention` says whose format it is to be.
// Throws Error for a tool that must do it itself, a name without a letter or digit, an unknown phase, and a
// type where the format has none.
std::vector<std::string> write_new_migration(const std::string& path, const MigrationDirectory* directory,
                                             const NewMigration& migration,
                                             std::string_view convention = "plumbline");

}  // namespace plumbline
