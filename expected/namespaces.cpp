#include "expected/namespaces.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string_view>
#include <utility>
#ifdef __linux__
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#endif

#include "expected/process.h"

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

// A group may be mapped once setgroups is denied (user_namespaces(7)).
int write_maps(std::string_view user, std::string_view group) noexcept {
  for (const auto& [path, text] :
       {std::pair{"/proc/self/setgroups", std::string_view("deny")}, std::pair{"/proc/self/uid_map", user},
        std::pair{"/proc/self/gid_map", group}}) {
    if (const int error = write_file(path, text)) return error;
  }
  return 0;
}

constexpr std::array passed_on{SIGINT, SIGTERM, SIGQUIT, SIGHUP};

// Blocked from before the fork on, so that none is lost. A blocked signal reaches the first process of a
// namespace, too, which is spared those that it does not handle (pid_namespaces(7)).
sigset_t minded_signals() noexcept {
  sigset_t minded;
  sigemptyset(&minded);
  sigaddset(&minded, SIGCHLD);
  for (const int signal : passed_on) sigaddset(&minded, signal);
  return minded;
}

bool has_ended(pid_t child, int& status) noexcept {
  for (pid_t ended = 1; ended > 0;) {
    ended = waitpid(-1, &status, WNOHANG);
    if (ended == child) return true;
  }
  return false;
}

// Whoever stays behind holds a copy of all that the program keeps in memory, secrets too: nobody may look.
[[noreturn]] void mind(pid_t child) noexcept {
  prctl(PR_SET_DUMPABLE, 0);
  close_from(STDERR_FILENO + 1);
  const sigset_t minded = minded_signals();
  while (true) {
    const int signal = sigwaitinfo(&minded, nullptr);
    int status = 0;
    if (signal > 0 && signal != SIGCHLD) kill(child, signal);
    if (signal == SIGCHLD && has_ended(child, status)) _exit(exit_code_of(status));
  }
}

// The end of a pipe whose other end only the parent holds; written by forked children alone.
int lifeline = -1;

int fork_and_mind() noexcept {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  const sigset_t minded = minded_signals();
  sigprocmask(SIG_BLOCK, &minded, nullptr);
  const pid_t child = fork();
  const int error = errno;
  if (child > 0) {
    dup2(ends[1], STDIN_FILENO);  // which mind() leaves open
    mind(child);
  }
  close(ends[1]);
  if (child == 0) {
    lifeline = ends[0];
    end_with_parent();
    return 0;
  }
  close(ends[0]);
  return error;
}

}  // namespace

// The maps of a process that is not "dumpable", as after a change of user, belong to root (proc(5)).
int enter_user_namespace() noexcept {
  const IdentityMap user(geteuid()), group(getegid());
  if (unshare(CLONE_NEWUSER) != 0) return errno;
  prctl(PR_SET_DUMPABLE, 1);
  const int error = write_maps(user.text(), group.text());
  prctl(PR_SET_DUMPABLE, 0);
  return error;
}

int leave_network() noexcept { return unshare(CLONE_NEWNET) != 0 ? errno : raise_loopback(); }

int leave_mounts() noexcept {
  if (unshare(CLONE_NEWNS) != 0) return errno;
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ? errno : 0;
}

int leave_shared_memory() noexcept { return unshare(CLONE_NEWIPC) != 0 ? errno : 0; }

int enter_process_namespace() noexcept {
  if (unshare(CLONE_NEWPID) != 0) return errno;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return fork_and_mind();
}

int stay_behind_as_first_process() noexcept { return fork_and_mind(); }

// The signal comes only for a death after prctl(2); the end of the pipe tells of one before.
void end_with_parent() noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pollfd parent{.fd = lifeline, .events = 0, .revents = 0};
  if (lifeline >= 0 && poll(&parent, 1, 0) == 1 && (parent.revents & POLLHUP) != 0) _exit(127);
}

#else

int enter_user_namespace() noexcept { return ENOSYS; }
int leave_network() noexcept { return ENOSYS; }
int leave_mounts() noexcept { return ENOSYS; }
int leave_shared_memory() noexcept { return ENOSYS; }
int enter_process_namespace() noexcept { return ENOSYS; }
int stay_behind_as_first_process() noexcept { return ENOSYS; }
void end_with_parent() noexcept {}

#endif

}  // namespace plumbline
