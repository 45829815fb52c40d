#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrations/directory.h"

namespace plumbline {

// The files below a migrations directory, by path.
struct FileSet {
  struct File {
    std::string path;   // relative to the directory, with '/'
    std::string local;  // relative to its location; the same when there are no locations
    std::string bytes;
  };
  std::string directory;  // as the user wrote it, for messages
  std::vector<File> files;
  std::vector<OtherFile> set_aside = {};  // not looked at any further: excluded, hidden, no regular file

  const File* find(std::string_view path) const;
  // "directory/path": how messages name a file.
  std::string shown(std::string_view path) const;
  // The names of the first SQL files, for messages; empty when there is none.
  std::string examples() const;
};

// Reads what may belong to migrations (SQL and the small files that tools keep beside it) below options.path.
FileSet read_files(const MigrationOptions& options);
// The same with no more than the first 64 KiB of each file, which is enough to recognise a convention.
FileSet read_heads(const MigrationOptions& options);
// The same of files in memory.
FileSet take_files(const MigrationOptions& options, const std::vector<SourceFile>& files);

}  // namespace plumbline
