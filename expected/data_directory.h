#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "expected/server_user.h"
#include "expected/shadow.h"

namespace plumbline {

// Makes the data directory of a throw-away server.
class DataDirectory {
 public:
  DataDirectory(ServerBinaries binaries, std::optional<ServerUser> user, std::filesystem::path path)
      : binaries_(std::move(binaries)), user_(std::move(user)), path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }

  // A copy of one that was saved. Throws Error when there is none or another installation made it.
  void copy_saved(const std::filesystem::path& saved);
  // A copy of the one that initdb made here once, kept in `cache`; false when there is none that can be read.
  bool copy_cached(const std::filesystem::path& cache);
  // By initdb. Throws Error with what initdb said.
  void initialise();
  // Keeps a copy of a fresh one for the next time. Throws Error.
  void keep_in(const std::filesystem::path& cache) const;
  // Removes what is at path(), or the broken one in the cache.
  void clear() const;
  void discard_cached(const std::filesystem::path& cache) const;

 private:
  void write_origin() const;
  std::string origin() const;
  std::filesystem::path cached(const std::filesystem::path& cache) const;

  ServerBinaries binaries_;
  std::optional<ServerUser> user_;
  std::filesystem::path path_;
};

}  // namespace plumbline
