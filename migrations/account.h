#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/convention.h"
#include "migrations/layout.h"

namespace plumbline {

// Says of every file that is no migration what it is, in the order of the paths. Whatever may be a migration
// and is none of `reading` is not understood.
std::vector<OtherFile> account_for(const Convention& convention, const FileSet& files, const Reading& reading,
                                   const MigrationOptions& options);

// Adds the warning that names SQL which is no migration by its name.
void warn_of_helpers(MigrationDirectory& directory);

// True for a file in a programming language or a script of a shell, by its ending.
bool is_program(std::string_view path);

// The path as an SQL file beside the program would have it: "3_x.go" is 3_x.sql, and 3_x.up.sql for tools
// with pairs. Nothing when the convention names no migration so.
std::optional<NameMatch> match_program(const NamePattern& pattern, const std::string& path);

// True for a name that begins as versions do: 003_x, V2__x, 2024-01-31-x, R__x.
bool has_version(std::string_view file_name);

}  // namespace plumbline
