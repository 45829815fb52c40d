#include "expected/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "postgres/error.h"
#include "postgres/interrupt.h"

namespace plumbline {

namespace {

// Closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Pipe() : Pipe(open()) {}
  Descriptor read_end, write_end;

 private:
  explicit Pipe(std::array<int, 2> ends) : read_end(ends[0]), write_end(ends[1]) {}
  static std::array<int, 2> open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    return ends;
  }
};

std::string read_all(int descriptor) {
  std::string result;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size > 0) result.append(buffer.data(), static_cast<std::size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) return result;
  }
}

// As read_all. After a signal to us the child gets a SIGTERM and time to end; what it has started itself may
// keep the pipe open for longer than we wait.
std::string read_all_of(pid_t child, int descriptor) {
  constexpr int patience = 2000;  // ms
  std::string result;
  std::array<char, 4096> buffer{};
  bool asked_to_end = false;
  for (;;) {
    std::array<pollfd, 2> waited{{{.fd = descriptor, .events = POLLIN, .revents = 0},
                                  {.fd = interrupt::descriptor(), .events = POLLIN, .revents = 0}}};
    const int ready = poll(waited.data(), asked_to_end ? 1 : 2, asked_to_end ? patience : -1);
    if (ready < 0 && errno != EINTR) return result;
    if (ready == 0) {
      kill(child, SIGKILL);
      return result;
    }
    if (ready > 0 && !asked_to_end && waited[1].revents != 0) {
      kill(child, SIGTERM);
      asked_to_end = true;
    }
    if (ready < 0 || waited[0].revents == 0) continue;
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size > 0) result.append(buffer.data(), static_cast<std::size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) return result;
  }
}

// Between fork and exec.
[[noreturn]] void become(const PreparedInvocation& command, const Pipe& output, int errors,
                         const Pipe& trouble) {
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output.write_end.number(), STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  const int error = command.exec(SIGTERM);
  [[maybe_unused]] const ssize_t written = write(trouble.write_end.number(), &error, sizeof error);
  _exit(127);
}

// A file without a name for what comes out beside what we read: nobody has to read two pipes at once.
class Aside {
 public:
  Aside() : file_(std::tmpfile(), &std::fclose) {
    if (!file_) throw Error(std::string("cannot make a temporary file: ") + std::strerror(errno));
    fcntl(number(), F_SETFD, FD_CLOEXEC);
  }
  int number() const { return fileno(file_.get()); }
  std::string content() const {
    lseek(number(), 0, SEEK_SET);
    return read_all(number());
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

bool sets(const Invocation& command, std::string_view name) {
  return std::any_of(command.variables.begin(), command.variables.end(), [&](const std::string& variable) {
    return std::string_view(variable).substr(0, variable.find('=')) == name;
  });
}

std::vector<std::string> environment_of(const Invocation& command) {
  std::vector<std::string> result{"LC_ALL=C"};
  result.insert(result.end(), command.variables.begin(), command.variables.end());
  if (command.sees_our_environment) {
    for (char** variable = environ; *variable; ++variable) {
      if (!std::string_view(*variable).starts_with("LC_ALL=")) result.emplace_back(*variable);
    }
    return result;
  }
  // What loaders and libraries of a server may need: paths, nothing secret.
  for (const char* name : {"PATH", "HOME", "TMPDIR", "TZDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
                           "ICU_DATA", "PROJ_LIB", "GDAL_DATA", "ASAN_OPTIONS"}) {
    if (const char* value = std::getenv(name); value && !sets(command, name))
      result.push_back(std::string(name) + "=" + value);
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

PreparedInvocation::PreparedInvocation(const Invocation& command)
    : command_(command),
      environment_(environment_of(command)),
      arguments_(pointers(command_.words)),
      variables_(pointers(environment_)) {}

int PreparedInvocation::exec([[maybe_unused]] int death_signal) const noexcept {
  for (const int signal : {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2}) {
    ::signal(signal, SIG_DFL);
  }
  umask(077);
  if (const int error = command_.sandbox ? command_.sandbox->enter() : become(command_.user)) return error;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
#ifdef __linux__
  // After the change of user, which clears it (prctl(2)).
  if (death_signal != 0) prctl(PR_SET_PDEATHSIG, death_signal);
#endif
  // initdb wants a current directory that it can read.
  if (chdir(command_.directory.c_str()) != 0) return errno;
  execve(arguments_[0], arguments_.data(), variables_.data());
  return errno;
}

Outcome run(const Invocation& command) {
  const PreparedInvocation prepared(command);
  Pipe output, trouble;
  std::optional<Aside> aside;
  if (command.errors_apart) aside.emplace();
  const pid_t child = fork();
  if (child < 0) throw Error(std::string("cannot start a process: ") + std::strerror(errno));
  if (child == 0) become(prepared, output, aside ? aside->number() : output.write_end.number(), trouble);
  output.write_end.close();
  trouble.write_end.close();

  Outcome outcome{.exit_code = 0, .output = read_all_of(child, output.read_end.number())};
  const std::string error = read_all(trouble.read_end.number());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  interrupt::check();
  if (error.size() == sizeof(int)) {
    int number = 0;
    std::memcpy(&number, error.data(), sizeof number);
    throw Error("cannot run \"" + command.words.front() + "\"" +
                    (command.user ? " as the user \"" + command.user->name + "\"" : "") + ": " +
                    std::strerror(number),
                "Is the program there, and may that user read its directory?");
  }
  outcome.exit_code = exit_code_of(status);
  if (aside) outcome.errors = aside->content();
  return outcome;
}

void close_from(int first) noexcept {
#if defined(__linux__) && defined(CLOSE_RANGE_UNSHARE)
  if (close_range(static_cast<unsigned>(first), ~0U, 0) == 0) return;
#endif
  const long limit = std::min(sysconf(_SC_OPEN_MAX), 65536L);
  for (int number = first; number < limit; ++number) close(number);
}

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace plumbline
