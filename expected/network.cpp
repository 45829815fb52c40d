#include "expected/network.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#ifdef __linux__
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#endif

namespace plumbline {

#ifdef __linux__

namespace {

// A new namespace has a loopback device that is down. The statistics collector of PostgreSQL before 15 sends
// itself datagrams over it (src/backend/postmaster/pgstat.c, pgstat_init).
int raise_loopback() noexcept {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int error = ioctl(socket, SIOCSIFFLAGS, &request) == 0 ? 0 : errno;
  close(socket);
  return error;
}

int write_file(const char* path, std::string_view text) noexcept {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const ssize_t written = write(file, text.data(), text.size());
  const int error = written == static_cast<ssize_t>(text.size()) ? 0 : written < 0 ? errno : EIO;
  close(file);
  return error;
}

// "1000 1000 1", made without allocation.
class IdentityMap {
 public:
  explicit IdentityMap(unsigned id) noexcept {
    add(id);
    text_[size_++] = ' ';
    add(id);
    text_[size_++] = ' ';
    add(1);
  }
  std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  void add(unsigned number) noexcept {
    std::array<char, 10> digits{};
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0) text_[size_++] = digits[--count];
  }

  std::array<char, 32> text_{};
  std::size_t size_ = 0;
};

// The maps of a process that is not "dumpable", as after a change of user, belong to root (proc(5)). A group
// may be mapped once setgroups is denied (user_namespaces(7)).
int enter_user_namespace() noexcept {
  const IdentityMap user(geteuid()), group(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return errno;
  prctl(PR_SET_DUMPABLE, 1);
  for (const auto& [path, text] :
       {std::pair{"/proc/self/setgroups", std::string_view("deny")},
        std::pair{"/proc/self/uid_map", user.text()}, std::pair{"/proc/self/gid_map", group.text()}}) {
    if (const int error = write_file(path, text)) return error;
  }
  return raise_loopback();
}

}  // namespace

int leave_network() noexcept {
  if (unshare(CLONE_NEWNET) != 0) return errno;
  return raise_loopback();
}

// Ubuntu 24.04 lets anybody make a user namespace and nobody write its maps
// (kernel.apparmor_restrict_unprivileged_userns); there is no way back, so a child tries it first.
int leave_network_with_user_namespace() noexcept {
  const pid_t child = fork();
  if (child == 0) _exit(enter_user_namespace());
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno;
  }
  if (child < 0) return errno;
  if (!WIFEXITED(status)) return EPERM;
  return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : enter_user_namespace();
}

bool network_can_be_left() {
  const pid_t child = fork();
  if (child == 0) _exit(leave_network() == 0 || leave_network_with_user_namespace() == 0 ? 0 : 1);
  int status = 1;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && status == 0;
}

bool has_network_of_its_own(pid_t process) {
  std::error_code failed;
  const auto own = std::filesystem::read_symlink("/proc/self/ns/net", failed);
  if (failed) return false;
  const auto other = std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/ns/net", failed);
  return !failed && own != other;
}

#else

int leave_network() noexcept { return ENOSYS; }
int leave_network_with_user_namespace() noexcept { return ENOSYS; }
bool network_can_be_left() { return false; }
bool has_network_of_its_own(pid_t) { return false; }

#endif

}  // namespace plumbline
