#include "expected/private_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

constexpr const char* directory_prefix = "plumbline-pg-";
// sockaddr_un holds 107 bytes on Linux, 103 on macOS; behind the base come
// "/plumbline-pg-XXXXXX/.s.PGSQL.5432".
constexpr std::size_t longest_base = 103 - 34;
constexpr std::time_t settled = 60;  // seconds after which every living directory has been locked

// Others than root must be able to pass through all of it.
bool server_can_enter(const fs::path& directory, const std::optional<ServerUser>& user) {
  if (!user) return access(directory.c_str(), W_OK | X_OK) == 0;
  for (fs::path part = directory; part.has_relative_path(); part = part.parent_path()) {
    struct stat status {};
    if (stat(part.c_str(), &status) != 0) return false;
    const bool passes =
        (status.st_mode & S_IXOTH) != 0 || (status.st_uid == user->user && (status.st_mode & S_IXUSR) != 0);
    if (!passes) return false;
  }
  return true;
}

std::optional<fs::path> usable(const char* directory, const std::optional<ServerUser>& user) {
  if (!directory || !*directory) return std::nullopt;
  std::error_code error;
  fs::path base = fs::canonical(directory, error);
  if (error || base.native().size() > longest_base || !server_can_enter(base, user)) return std::nullopt;
  return base;
}

int open_lock(const fs::path& directory) {
  const int lock = open((directory / "lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT, 0600);
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  const int error = errno;
  if (lock >= 0) close(lock);
  errno = error;
  return -1;
}

bool is_settled_directory_of(const fs::path& path, const std::optional<ServerUser>& user) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return false;
  const bool ours = status.st_uid == geteuid() || (user && status.st_uid == user->user);
  return ours && status.st_mtime + settled < std::time(nullptr);
}

// ext4 puts the directories below one that has this flag anywhere on the disk, by their names, instead of
// beside it. It passes over the inodes of files deleted in the last minutes, one by one for each new file, so
// a server that always came to lie where the last one was removed would take ten times as long to copy
// (docs/decisions/0003-throw-away-servers.md).
void let_contents_spread([[maybe_unused]] const fs::path& directory) {
#ifdef FS_TOPDIR_FL
  const int number = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return;
  int flags = 0;  // an int for the kernel, whatever the macro says (ioctl_iflags(2))
  if (ioctl(number, FS_IOC_GETFLAGS, &flags) == 0) {
    flags |= FS_TOPDIR_FL;
    ioctl(number, FS_IOC_SETFLAGS, &flags);  // other file systems refuse, and have no need of it
  }
  close(number);
#endif
}

void remove_abandoned(const fs::path& base, const std::optional<ServerUser>& user) {
  std::error_code error;
  std::vector<fs::path> abandoned;
  for (const fs::directory_entry& entry : fs::directory_iterator(base, error)) {
    if (!glob_matches(std::string(directory_prefix) + "??????", entry.path().filename().string())) continue;
    if (is_settled_directory_of(entry.path(), user)) abandoned.push_back(entry.path());
  }
  for (const fs::path& directory : abandoned) {
    const int lock = open_lock(directory);
    if (lock < 0) continue;
    fs::remove_all(directory, error);
    close(lock);
  }
}

}  // namespace

// Not XDG_RUNTIME_DIR: it lives in memory, with a quota that a big history could fill.
fs::path base_directory(const std::optional<ServerUser>& user) {
  const char* chosen = std::getenv("PLUMBLINE_TMPDIR");
  if (auto base = usable(chosen, user)) return *base;
  if (chosen && *chosen) {
    throw Error("PLUMBLINE_TMPDIR names \"" + std::string(chosen) + "\", where no throw-away server can live",
                "Name a directory that is there, has a path of less than " + std::to_string(longest_base) +
                    " bytes and can be entered by " + (user ? "the user \"" + user->name + "\"." : "you."));
  }
  return usable(std::getenv("TMPDIR"), user).value_or("/tmp");
}

PrivateDirectory::PrivateDirectory(const std::optional<ServerUser>& user) {
  const fs::path base = base_directory(user);
  remove_abandoned(base, user);
  std::string name = base / (std::string(directory_prefix) + "XXXXXX");
  if (!mkdtemp(name.data())) {
    throw Error("cannot make a directory in \"" + base.string() + "\": " + std::strerror(errno),
                "Let PLUMBLINE_TMPDIR name a directory that can be written and has room.");
  }
  path_ = name;
  lock_ = open_lock(path_);
  const int problem = errno;
  std::error_code error;
  if (lock_ < 0) {
    fs::remove_all(path_, error);
    throw Error("cannot write in \"" + path_.string() + "\": " + std::strerror(problem),
                "Let PLUMBLINE_TMPDIR name a directory that can be written and has room.");
  }
  let_contents_spread(path_);
  give_to(user, path_);
}

PrivateDirectory::~PrivateDirectory() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace plumbline
