#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "migrations/directory.h"

namespace plumbline {

// Where tools and projects usually keep their migrations, relative to the project's directory. Nothing else
// is ever searched, so what stands in node_modules, vendor or a nested repository is never found.
std::vector<std::string> usual_places();

// A directory at one of them.
struct UsualDirectory {
  std::string path;                      // as it is written from the working directory
  std::string place;                     // as it is written from the project's directory
  std::string tool;                      // whose place it is; empty: anybody's
  std::vector<std::string> conventions;  // that its files follow; none: it holds no migrations
  std::vector<std::string> files;        // names of the first ones, hidden files and README left out
};

// The directories that exist at the usual places below `project` and at those in `more`, each directory once
// however many names lead to it. A symbolic link counts, also out of the project, as it does when its name is
// given. A directory below another usual place is no part of that one. Throws Error for an unknown
// convention, and for a directory or file that cannot be read: whether it holds migrations is not known then.
std::vector<UsualDirectory> find_usual_directories(const std::filesystem::path& project,
                                                   const MigrationOptions& options,
                                                   std::span<const std::string> more = {});

// Whether anything but hidden files and README is in the directory; false when it does not exist.
bool holds_files(const std::string& path);

}  // namespace plumbline
