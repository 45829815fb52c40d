#pragma once

#include <filesystem>
#include <optional>

#include "expected/server_user.h"

namespace plumbline {

// Where what the server's user has to reach is put: PLUMBLINE_TMPDIR, else TMPDIR, else /tmp. Throws Error
// for a PLUMBLINE_TMPDIR that the user cannot enter.
std::filesystem::path base_directory(const std::optional<ServerUser>& user);

// A new directory that only we and the server's user can enter, short enough a name for a unix socket, under
// TMPDIR or /tmp. Whoever keeps lock() open says that the directory is in use; the directories of programs
// that are gone (a machine that lost power, a whole container killed) are removed when the next one is made.
class PrivateDirectory {
 public:
  explicit PrivateDirectory(const std::optional<ServerUser>& user);
  ~PrivateDirectory();  // closes the lock; to remove the directory is the guardian's work
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // For what has many files: a directory, not there yet, of a name that was never used before.
  std::filesystem::path data() const { return path_ / path_.filename(); }
  int lock() const { return lock_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace plumbline
