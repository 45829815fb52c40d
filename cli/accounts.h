#pragma once

#include <string>
#include <vector>

#include "migrations/migration.h"

namespace plumbline {

// A file that may be a migration and would never run stops whatever claims to know them all. Throws Error
// that names each of them and how to go on.
void refuse_not_understood(const MigrationDirectory& directory);

// The same as a warning, for commands that go on.
void warn_of_not_understood(const MigrationDirectory& directory);

// The error that refuse_not_understood throws, in parts; both empty when every file is accounted for.
struct Unaccounted {
  std::string message, hint;
};
Unaccounted unaccounted(const MigrationDirectory& directory);

// What a user can do about one such file, in lines that can be pasted.
std::string way_on(const MigrationDirectory& directory, const std::vector<OtherFile>& files);

// Files to show to people beside the migrations: those left out for a reason, and what is not understood.
std::vector<OtherFile> files_to_show(const MigrationDirectory& directory);

}  // namespace plumbline
