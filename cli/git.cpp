#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

#include "cli/state.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct Answer {
  int exit_code = 0;
  std::string output, errors;
};

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read() { close_end(0); }
  void close_write() { close_end(1); }

 private:
  void close_end(int which) {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }
  int ends_[2] = {-1, -1};
};

// Without the end of `pipe`'s data: true.
bool read_some(Pipe& pipe, std::string& into) {
  std::array<char, 65536> bytes;
  const ssize_t count = read(pipe.read_end(), bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) {
    pipe.close_read();
    return false;
  }
  into.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

void write_some(Pipe& pipe, std::string_view& left) {
  const ssize_t count = write(pipe.write_end(), left.data(), left.size());
  if (count > 0) left.remove_prefix(static_cast<std::size_t>(count));
  const bool failed = count < 0 && errno != EINTR && errno != EAGAIN;
  if (failed || left.empty()) pipe.close_write();
}

// Feeds the child and reads it side by side: whoever does one after the other waits for ever once a pipe is
// full.
void converse(Pipe& in, Pipe& out, Pipe& err, std::string_view input, Answer& answer) {
  fcntl(in.write_end(), F_SETFL, O_NONBLOCK);
  if (input.empty()) in.close_write();
  while (out.read_end() >= 0 || err.read_end() >= 0) {
    pollfd all[] = {{in.write_end(), POLLOUT, 0}, {out.read_end(), POLLIN, 0}, {err.read_end(), POLLIN, 0}};
    if (poll(all, 3, -1) < 0 && errno != EINTR) break;
    if (all[0].fd >= 0 && all[0].revents) write_some(in, input);
    if (all[1].fd >= 0 && all[1].revents) read_some(out, answer.output);
    if (all[2].fd >= 0 && all[2].revents) read_some(err, answer.errors);
  }
}

// Git and what it starts (a credential helper, ssh) get what steers them, and no secret of ours.
bool is_for_git(std::string_view variable) {
  constexpr std::array names{"PATH",        "HOME",       "USER",        "LOGNAME",       "TMPDIR",
                             "LANG",        "http_proxy", "https_proxy", "no_proxy",      "HTTPS_PROXY",
                             "NO_PROXY",    "ALL_PROXY",  "all_proxy",   "SSL_CERT_FILE", "LD_LIBRARY_PATH",
                             "SSL_CERT_DIR"};
  constexpr std::array prefixes{"GIT_", "SSH_", "XDG_"};
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::find(names.begin(), names.end(), name) != names.end() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const char* prefix) { return name.starts_with(prefix); });
}

std::vector<std::string> environment_for_git() {
  std::vector<std::string> result;
  for (char** variable = environ; *variable; ++variable) {
    if (is_for_git(*variable)) result.emplace_back(*variable);
  }
  result.emplace_back("LC_ALL=C");
  result.emplace_back("GIT_OPTIONAL_LOCKS=0");
  result.emplace_back("GIT_TERMINAL_PROMPT=0");
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

pid_t start(std::vector<std::string> words, const Pipe& in, const Pipe& out, const Pipe& err) {
  std::vector<std::string> environment = environment_for_git();
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, in.read_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.write_end(), STDERR_FILENO);
  sigset_t usual;  // we ignore SIGPIPE, and children would inherit that
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  sigset_t none;  // we block the signals that we wait for
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t process = -1;
  const int failure = posix_spawnp(&process, words[0].c_str(), &files, &attributes, pointers(words).data(),
                                   pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failure == 0) return process;
  throw Error(std::string("cannot run git: ") + std::strerror(failure),
              "Install git, or name the migrations folder itself instead of git:REVISION:FOLDER.");
}

Answer git(std::vector<std::string> words, std::string_view input = {}) {
  words.insert(words.begin(), {"git", "--no-pager", "--literal-pathspecs"});
  Pipe in, out, err;
  const pid_t process = start(std::move(words), in, out, err);
  in.close_read();
  out.close_write();
  err.close_write();
  Answer answer;
  converse(in, out, err, input, answer);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

std::string first_line(std::string_view text) { return std::string(trim(text.substr(0, text.find('\n')))); }

void check_repository() {
  const Answer answer = git({"rev-parse", "--git-dir"});
  if (answer.exit_code == 0) return;
  const std::string reason = first_line(answer.errors);
  if (reason.find("not a git repository") != reason.npos) {
    throw Error("the working directory is in no git repository", "Run plumbline inside the repository.");
  }
  throw Error("git cannot read the repository: " + reason, "Make \"git status\" work here first.");
}

std::string commit_of(const std::string& revision) {
  const Answer answer = git({"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
  if (answer.exit_code == 0) return first_line(answer.output);
  const bool shallow = first_line(git({"rev-parse", "--is-shallow-repository"}).output) == "true";
  throw Error("git knows no revision \"" + revision + "\"",
              shallow ? "This clone is shallow: fetch more of the history (fetch-depth: 0 in GitHub Actions)."
                      : "Use a branch, a tag or a commit that \"git rev-parse\" knows; git fetch may help.");
}

std::string tree_of(const std::string& commit, const std::string& revision, const std::string& path) {
  const auto object = [&](const std::string& of) {
    return git({"rev-parse", "--verify", "--quiet", "--end-of-options", commit + ":" + of});
  };
  std::string folder = path;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const Answer answer = object(folder == "." ? "./" : folder);
  if (answer.exit_code != 0) {
    const bool here = folder[0] != '.' && folder[0] != '/' && object("./" + folder).exit_code == 0;
    throw Error("there is no \"" + path + "\" at revision \"" + revision + "\"",
                here
                    ? "A path starts at the top of the repository; write git:" + revision + ":./" + path + "."
                    : "A path starts at the top of the repository, or with ./ at the working directory.");
  }
  std::string id = first_line(answer.output);
  if (first_line(git({"cat-file", "-t", id}).output) == "tree") return id;
  throw Error("\"" + path + "\" is a file at revision \"" + revision + "\"",
              "Name the folder of the migrations.");
}

struct TreeEntry {
  std::string id, path;
};

// Each entry is "mode type id\tpath" and a NUL. Links and submodules are no files.
std::vector<TreeEntry> files_of(const std::string& tree) {
  std::vector<TreeEntry> result;
  const Answer answer = git({"ls-tree", "-r", "-z", "--full-tree", tree});
  if (answer.exit_code != 0) throw Error("git cannot list the files: " + first_line(answer.errors));
  for (const std::string& line : split(answer.output, '\0')) {
    const std::size_t tab = line.find('\t');
    if (tab == line.npos || !line.starts_with("100")) continue;
    const std::vector<std::string> facts = split(line.substr(0, tab), ' ');
    if (facts.size() == 3) result.push_back({facts[2], line.substr(tab + 1)});
  }
  return result;
}

// The answer holds, for each id in turn, "id blob size\n", the bytes and a line break.
std::vector<SourceFile> contents_of(const std::vector<TreeEntry>& entries) {
  std::string ids;
  for (const TreeEntry& entry : entries) ids += entry.id + "\n";
  const Answer answer = git({"cat-file", "--batch"}, ids);
  std::string_view rest = answer.output;
  std::vector<SourceFile> result;
  for (const TreeEntry& entry : entries) {
    const std::size_t line = rest.find('\n');
    const std::size_t space = line == rest.npos ? rest.npos : rest.rfind(' ', line);
    std::size_t size = 0;
    if (space == rest.npos ||
        std::from_chars(rest.data() + space + 1, rest.data() + line, size).ec != std::errc() ||
        rest.size() < line + 1 + size) {
      throw Error("git cannot read \"" + entry.path + "\": " + first_line(answer.errors),
                  "Where objects are fetched on demand, git fetch may help.");
    }
    result.push_back({entry.path, std::string(rest.substr(line + 1, size))});
    rest.remove_prefix(std::min(rest.size(), line + 1 + size + 1));
  }
  return result;
}

}  // namespace

std::vector<SourceFile> read_git(const std::string& revision, const std::string& path) {
  check_repository();
  const std::string tree = tree_of(commit_of(revision), revision, path);
  const std::vector<TreeEntry> entries = files_of(tree);
  if (entries.empty()) {
    throw Error("there is no file in \"" + path + "\" at revision \"" + revision + "\"",
                "Name the folder of the migrations.");
  }
  return contents_of(entries);
}

}  // namespace plumbline
