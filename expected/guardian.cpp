#include "expected/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "postgres/error.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

constexpr char start_order = 'S', stop_order = 'Q';
constexpr int control_number = 3, lock_number = 4;

void ignore_signal(int) {}

fs::path remover() {
  for (const char* path : {"/bin/rm", "/usr/bin/rm", "/run/current-system/sw/bin/rm"}) {
    if (access(path, X_OK) == 0) return path;
  }
  throw Error("cannot find the program \"rm\"", "Install the core utilities of your system.");
}

void sleep_milliseconds(long milliseconds) {
  const timespec time{.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  nanosleep(&time, nullptr);
}

// The life of the guardian process. It is forked from a program that may have threads, so everything here
// must be async-signal-safe: no allocation, no locks, no C++ runtime. All it needs was made before the fork.
class Watch {
 public:
  Watch(const Invocation& server, const fs::path& log, const fs::path& directory)
      : server_(server),
        removal_({.words = {remover(), "-rf", "--", directory}}),
        log_(log),
        directory_(directory) {}

  [[noreturn]] void run(int control, int lock) {
    detach(control, lock);
    while (true) {
      wait_for_news();
      report_end();
      char order = 0;
      const ssize_t size = recv(control_number, &order, 1, MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) break;
      if (size == 1 && order == start_order) start();
      if (size == 1 && order == stop_order && process_ > 0) kill(process_, SIGINT);
    }
    end_server();
    end_orphans();
    remove_directory();
    _exit(0);
  }

 private:
  // Our own session, so that a Ctrl-C is not for us; none of the program's files, so that whoever reads its
  // output sees the end of it when the program ends.
  void detach(int control, int lock) {
    setsid();
    for (const int signal : {SIGINT, SIGHUP, SIGTERM, SIGPIPE, SIGQUIT, SIGTSTP}) ::signal(signal, SIG_IGN);
    const int control_copy = fcntl(control, F_DUPFD, 10), lock_copy = fcntl(lock, F_DUPFD, 10);
    const int nothing = open("/dev/null", O_RDWR);
    for (const int number : {0, 1, 2}) dup2(nothing, number);
    dup2(control_copy, control_number);
    dup2(lock_copy, lock_number);
    close_from(lock_number + 1);
    for (const int number : {control_number, lock_number}) fcntl(number, F_SETFD, FD_CLOEXEC);
#ifdef __linux__
    prctl(PR_SET_NAME, "plumbline-guard");
    // What the server leaves behind comes to us, where it has no process namespace that ends with it.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
    [[maybe_unused]] const int moved = chdir("/");
    // The end of a child interrupts pselect and nothing else, so none is missed.
    struct sigaction action {};
    action.sa_handler = ignore_signal;
    sigaction(SIGCHLD, &action, nullptr);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_SETMASK, &child, nullptr);
  }

  void wait_for_news() {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(control_number, &readable);
    sigset_t none;
    sigemptyset(&none);
    pselect(control_number + 1, &readable, nullptr, nullptr, nullptr, &none);
  }

  void report_end() {
    int status = 0;
    if (process_ <= 0 || waitpid(process_, &status, WNOHANG) != process_) return;
    process_ = 0;
    send(control_number, &status, sizeof status, MSG_NOSIGNAL);
  }

  void start() {
    process_ = fork();
    if (process_ != 0) return;
    const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    // SIGQUIT: should somebody kill us too, the server goes at once.
    const int error = server_.exec(SIGQUIT);
    const char* text = strerrordesc_np(error);
    [[maybe_unused]] ssize_t written = write(STDERR_FILENO, "cannot run it: ", 15);
    if (text) written = write(STDERR_FILENO, text, std::strlen(text));
    _exit(127);
  }

  bool ended_within(int milliseconds) {
    for (int waited = 0; waited < milliseconds; waited += 2) {
      const pid_t ended = waitpid(process_, nullptr, WNOHANG);
      if (ended == process_ || (ended < 0 && errno == ECHILD)) return true;
      sleep_milliseconds(2);
    }
    return false;
  }

  // SIGQUIT is the "immediate" shutdown: no checkpoint. The server itself gives its children five seconds.
  void end_server() {
    if (process_ <= 0) return;
    kill(process_, SIGQUIT);
    if (ended_within(8000)) return;
    kill(process_, SIGKILL);
    ended_within(8000);
  }

  // Their children become ours in turn. Without CONFIG_PROC_CHILDREN in the kernel nobody can be found.
  void end_orphans() {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      kill_children();
      pid_t ended = 0;
      do ended = waitpid(-1, nullptr, WNOHANG);
      while (ended > 0);
      if (ended < 0) return;
      sleep_milliseconds(2);
    }
  }

  // Numbers with spaces between them.
  void kill_children() {
    const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (list < 0) return;
    std::array<char, 4096> text{};
    pid_t child = 0;
    for (ssize_t size = 1; size > 0;) {
      size = read(list, text.data(), text.size());
      for (ssize_t at = 0; at < size; ++at) {
        const char c = text[static_cast<std::size_t>(at)];
        if (c >= '0' && c <= '9') child = child * 10 + (c - '0');
        if (c != ' ') continue;
        if (child > 1) kill(child, SIGKILL);
        child = 0;
      }
    }
    close(list);
  }

  // More than once, since a server process that is still on its way out may make a file in between.
  void remove_directory() {
    struct stat file {};
    for (int attempt = 0; attempt < 50 && lstat(directory_.c_str(), &file) == 0; ++attempt) {
      if (attempt > 0) sleep_milliseconds(50);
      const pid_t child = fork();
      if (child == 0) {
        removal_.exec(0);
        _exit(127);
      }
      while (child > 0 && waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

  PreparedInvocation server_, removal_;
  fs::path log_, directory_;
  pid_t process_ = 0;
};

}  // namespace

Guardian::Guardian(const Invocation& server, const fs::path& log, const fs::path& directory, int lock)
    : directory_(directory) {
  Watch watch(server, log, directory);
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Error(std::string("cannot make a socket: ") + std::strerror(errno));
  }
  process_ = fork();
  if (process_ == 0) watch.run(ends[1], lock);
  close(ends[1]);
  control_ = ends[0];
  if (process_ > 0) return;
  close(control_);
  throw Error(std::string("cannot start a process: ") + std::strerror(errno));
}

Guardian::~Guardian() {
  close(control_);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  // Still there only when somebody killed the guardian; then the server goes by itself, writing till its end.
  std::error_code error;
  for (int attempt = 0; attempt < 500 && fs::exists(fs::symlink_status(directory_, error)); ++attempt) {
    if (attempt > 0) sleep_milliseconds(10);
    fs::remove_all(directory_, error);
  }
}

void Guardian::send(char order) {
  if (::send(control_, &order, 1, MSG_NOSIGNAL) == 1) return;
  throw Error("the process that watches the throw-away server is gone", "Run the command again.");
}

void Guardian::start_server() { send(start_order); }

void Guardian::stop_server() { send(stop_order); }

std::optional<int> Guardian::wait_for_end(std::chrono::milliseconds time) {
  pollfd control{.fd = control_, .events = POLLIN, .revents = 0};
  if (poll(&control, 1, static_cast<int>(time.count())) <= 0) return std::nullopt;
  int status = 0;
  if (recv(control_, &status, sizeof status, 0) == sizeof status) return exit_code_of(status);
  throw Error("the process that watches the throw-away server is gone", "Run the command again.");
}

}  // namespace plumbline
