#include "expected/private_root.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#ifdef __linux__
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#endif

namespace plumbline {

namespace {

namespace fs = std::filesystem;

// What the loader, a shell and a server read. Not /opt, /srv, /var and the like: there programs of others
// keep their data, and runners their checkouts.
constexpr std::array system_directories{"/usr",   "/bin",    "/sbin", "/lib",       "/lib32",
                                        "/lib64", "/libx32", "/etc",  "/nix/store", "/gnu/store"};

// A home or a checkout that is one of these is not hidden: nothing could run without them.
constexpr std::array never_hidden{"/usr",       "/usr/bin",       "/usr/sbin",      "/usr/lib",
                                  "/usr/lib32", "/usr/lib64",     "/usr/libexec",   "/usr/share",
                                  "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/share",
                                  "/etc"};

bool lies_in(const fs::path& path, const fs::path& directory) {
  const auto [end, unused] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end();
}

bool is_real_directory(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(fs::symlink_status(path, error));
}

bool is_of_system(const fs::path& path) {
  return std::any_of(system_directories.begin(), system_directories.end(), [&](const char* directory) {
    return is_real_directory(directory) && lies_in(path, directory);
  });
}

#ifdef __linux__

// linux/mount.h, whose declarations not every C library has.
struct MountAttributes {
  std::uint64_t set = 0, clear = 0, propagation = 0, user_namespace = 0;
};
constexpr std::uint64_t read_only = 1, without_setuid = 2, without_devices = 4;
constexpr long mount_setattr_number = 442;  // Linux 5.12
constexpr unsigned of_the_whole_tree = 0x8000;

// Before Linux 5.12 only the topmost mount can be changed, and must keep what is locked.
int restrict_topmost(const char* target, unsigned long more) noexcept {
  struct statvfs status {};
  if (statvfs(target, &status) != 0) return errno;
  unsigned long flags = MS_REMOUNT | MS_BIND | more;
  if (status.f_flag & ST_NODEV) flags |= MS_NODEV;
  if (status.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
  if (status.f_flag & ST_RDONLY) flags |= MS_RDONLY;
  if (status.f_flag & ST_NOATIME) flags |= MS_NOATIME;
  if (status.f_flag & ST_NODIRATIME) flags |= MS_NODIRATIME;
  if (status.f_flag & ST_RELATIME) flags |= MS_RELATIME;
  return mount(nullptr, target, nullptr, flags, nullptr) == 0 ? 0 : errno;
}

int show(const char* source, const char* target, bool writable) noexcept {
  if (mount(source, target, nullptr, MS_BIND | (writable ? 0 : MS_REC), nullptr) != 0) return errno;
  MountAttributes attributes{.set = without_setuid | without_devices | (writable ? 0 : read_only)};
  const unsigned flags = writable ? 0 : of_the_whole_tree;
  if (syscall(mount_setattr_number, AT_FDCWD, target, flags, &attributes, sizeof attributes) == 0) return 0;
  return restrict_topmost(target, MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY));
}

int make_file(const char* path) noexcept {
  const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return errno;
  close(file);
  return 0;
}

int errno_of(int result) noexcept { return result == 0 || errno == EEXIST ? 0 : errno; }

#endif

}  // namespace

PrivateRoot::PrivateRoot(const fs::path& own, const std::vector<fs::path>& readable,
                         const std::vector<fs::path>& hidden)
    : base_(own / "root") {
  add_system();
  for (const fs::path& directory : hidden) hide(directory);
  add_devices();
  add_directory("/proc");
  add(Kind::processes, "proc", "/proc", false);
  add_directory("/tmp");
  add(Kind::writable, own / "tmp", "/tmp");
  add_directory("/var");
  add(Kind::link, "/tmp", "/var/tmp", false);
  for (const fs::path& directory : readable) add_readable(directory);
  add_directory(own);
  add(Kind::writable, own, own);
}

void PrivateRoot::add(Kind kind, const fs::path& source, const fs::path& target, bool needed) {
  steps_.push_back({kind, source, base_ + target.string(), needed});
}

void PrivateRoot::add_directory(const fs::path& target) {
  fs::path part;
  for (const fs::path& name : target) {
    part /= name;
    if (part != "/") add(Kind::directory, {}, part, false);
  }
}

void PrivateRoot::add_system() {
  for (const fs::path directory : system_directories) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(directory, error))) {
      add(Kind::link, fs::read_symlink(directory, error), directory);
    } else if (is_real_directory(directory)) {
      for (fs::path part; const fs::path& name : directory) add(Kind::directory, {}, part /= name, false);
      add(Kind::readable, directory, directory);
    }
  }
}

void PrivateRoot::add_readable(const fs::path& directory) {
  std::error_code error;
  const fs::path real = fs::canonical(directory, error);
  if (error || !fs::is_directory(real) || real == "/") return;
  add_directory(real);
  add(Kind::readable, real, real);
}

// The nodes cannot be made in a user namespace, but shown.
void PrivateRoot::add_devices() {
  add_directory("/dev");
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}) {
    add(Kind::file, {}, device);
    add(Kind::device, device, device);
  }
  add(Kind::link, "/proc/self/fd", "/dev/fd");
  add(Kind::link, "/proc/self/fd/0", "/dev/stdin");
  add(Kind::link, "/proc/self/fd/1", "/dev/stdout");
  add(Kind::link, "/proc/self/fd/2", "/dev/stderr");
  add(Kind::open_directory, {}, "/dev/shm");
}

// All the rest is not there anyhow.
void PrivateRoot::hide(const fs::path& directory) {
  if (!is_of_system(directory)) return;
  if (std::find(never_hidden.begin(), never_hidden.end(), directory) != never_hidden.end()) return;
  if (std::find(system_directories.begin(), system_directories.end(), directory) != system_directories.end())
    return;
  add(Kind::empty, {}, directory);
}

#ifdef __linux__

int PrivateRoot::take(const Step& step, bool with_processes) noexcept {
  const char *source = step.source.c_str(), *target = step.target.c_str();
  constexpr unsigned long tame = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  switch (step.kind) {
    case Kind::directory:
      return errno_of(mkdir(target, 0755));
    case Kind::open_directory:
      return errno_of(mkdir(target, 0700)) != 0 ? errno : errno_of(chmod(target, 01777));
    case Kind::file:
      return make_file(target);
    case Kind::link:
      return errno_of(symlink(source, target));
    case Kind::writable:
      return show(source, target, true);
    case Kind::readable:
      return show(source, target, false);
    case Kind::device:
      return errno_of(mount(source, target, nullptr, MS_BIND, nullptr));
    case Kind::empty:
      return errno_of(mount("none", target, "tmpfs", tame, "size=1m,mode=755"));
    case Kind::processes:
      return with_processes ? errno_of(mount("proc", target, "proc", tame, nullptr)) : 0;
  }
  return EINVAL;
}

int PrivateRoot::build(bool with_processes) const noexcept {
  for (const Step& step : steps_) {
    const int error = take(step, with_processes);
    if (error != 0 && step.needed) return error;
  }
  if (chdir(base_.c_str()) != 0) return errno;
  // The old root comes to lie over the new one, and is then taken away (pivot_root(2)).
  if (syscall(SYS_pivot_root, ".", ".") != 0) return errno;
  if (umount2(".", MNT_DETACH) != 0) _exit(127);
  return errno_of(chdir("/"));
}

int PrivateRoot::enter(bool with_processes) const noexcept {
  if (mount("none", base_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755") != 0) return errno;
  const mode_t mask = umask(022);
  const int error = build(with_processes);
  umask(mask);
  if (error != 0) umount2(base_.c_str(), MNT_DETACH);
  return error;
}

#else

int PrivateRoot::take(const Step&, bool) noexcept { return ENOSYS; }
int PrivateRoot::build(bool) const noexcept { return ENOSYS; }
int PrivateRoot::enter(bool) const noexcept { return ENOSYS; }

#endif

std::vector<fs::path> needed_by_programs(const fs::path& programs) {
  if (programs.filename() != "bin") return {programs};
  std::vector<fs::path> result;
  std::error_code error;
  for (const char* name : {"bin", "lib", "lib64", "share", "libexec"}) {
    const fs::path directory = programs.parent_path() / name;
    if (fs::is_directory(directory, error)) result.push_back(directory);
  }
  return result;
}

std::vector<fs::path> private_directories() {
  std::vector<fs::path> result;
  std::error_code error;
  const auto add = [&](const fs::path& directory) {
    const fs::path real = fs::canonical(directory, error);
    if (!error && real != "/") result.push_back(real);
  };
  if (const char* home = std::getenv("HOME"); home && *home) add(home);
  const fs::path here = fs::current_path(error);
  if (error) return result;
  add(here);
  for (fs::path folder = here; folder.has_relative_path(); folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", error)) add(folder);
  }
  return result;
}

}  // namespace plumbline
