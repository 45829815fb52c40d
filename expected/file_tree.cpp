#include "expected/file_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

#include "postgres/error.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path, int error) {
  throw Error(std::string("cannot ") + doing + " \"" + path.string() + "\": " + std::strerror(error),
              error == ENOSPC || error == EDQUOT ? "Make room on that disk." : "");
}

class File {
 public:
  File(const fs::path& path, int flags)
      : path_(path), number_(open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (number_ < 0) fail(flags == O_RDONLY ? "read" : "write", path, errno);
  }
  ~File() { close(number_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int number() const { return number_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  int number_;
};

void copy_bytes(const File& source, const File& target) {
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t size = read(source.number(), buffer.data(), buffer.size());
    if (size < 0) fail("read", source.path(), errno);
    if (size == 0) return;
    for (ssize_t done = 0; done < size;) {
      const ssize_t written =
          write(target.number(), buffer.data() + done, static_cast<std::size_t>(size - done));
      if (written < 0) fail("write", target.path(), errno);
      done += written;
    }
  }
}

void copy_file(const fs::path& from, const fs::path& to, const std::optional<ServerUser>& owner) {
  const File source(from, O_RDONLY), target(to, O_WRONLY | O_CREAT | O_EXCL);
  if (owner && fchown(target.number(), owner->user, owner->group) != 0) fail("give away", to, errno);
#ifdef FICLONE
  // File systems that share blocks (btrfs, xfs) copy nothing.
  if (ioctl(target.number(), FICLONE, source.number()) == 0) return;
#endif
  copy_bytes(source, target);
}

void copy_entry(const fs::path& from, const fs::file_status& status, const fs::path& to,
                const std::optional<ServerUser>& owner) {
  switch (status.type()) {
    case fs::file_type::directory:
      if (mkdir(to.c_str(), 0700) != 0) fail("make", to, errno);
      return give_to(owner, to);
    case fs::file_type::symlink:
      fs::copy_symlink(from, to);
      return give_to(owner, to);
    case fs::file_type::regular:
      return copy_file(from, to, owner);
    default:
      return;  // a socket or the like means nothing to another server
  }
}

// A finished copy takes a second; what is an hour old belongs to nobody any more.
void remove_remains(const fs::path& directory) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().filename().string().find(".part-") == std::string::npos) continue;
    const auto time = fs::last_write_time(entry.path(), error);
    if (!error && time + std::chrono::hours(1) < fs::file_time_type::clock::now()) {
      fs::remove_all(entry.path(), error);
    }
  }
}

}  // namespace

void copy_tree(const fs::path& source, const fs::path& target, const std::optional<ServerUser>& owner) {
  try {
    copy_entry(source, fs::file_status(fs::file_type::directory), target, owner);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(source)) {
      copy_entry(entry.path(), entry.symlink_status(), target / entry.path().lexically_relative(source),
                 owner);
    }
  } catch (const fs::filesystem_error& e) {
    fail("copy", source, e.code().value());
  }
}

bool is_own_directory(const fs::path& directory) {
  struct stat status {};
  return lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

void keep_tree(const fs::path& source, const fs::path& target) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) fail("make", target.parent_path(), error.value());
  if (!is_own_directory(target.parent_path())) fail("write", target.parent_path(), EPERM);
  remove_remains(target.parent_path());
  std::string part = target.string() + ".part-XXXXXX";
  if (!mkdtemp(part.data())) fail("write", target.parent_path(), errno);
  try {
    copy_tree(source, fs::path(part) / "tree", std::nullopt);
  } catch (...) {
    fs::remove_all(part, error);
    throw;
  }
  const int failed = rename((fs::path(part) / "tree").c_str(), target.c_str());
  const int problem = errno;
  fs::remove_all(part, error);
  if (failed != 0 && problem != EEXIST && problem != ENOTEMPTY) fail("write", target, problem);
}

}  // namespace plumbline
