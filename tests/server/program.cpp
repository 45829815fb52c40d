#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tests/server/running.h"

extern char** environ;

namespace plumbline::testing {

namespace {

namespace fs = std::filesystem;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File temporary_file() {
  File file(std::tmpfile(), &std::fclose);
  if (!file) throw std::runtime_error("cannot make a temporary file");
  return file;
}

std::string content(const File& file) {
  std::string result;
  std::array<char, 4096> buffer{};
  std::rewind(file.get());
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    result.append(buffer.data(), size);
  }
  return result;
}

bool is_read_by_plumbline(std::string_view name) {
  if (name == "PLUMBLINE_PG_BIN" || name == "PLUMBLINE_SERVER_USER" || name == "PLUMBLINE_TMPDIR")
    return false;
  return name.starts_with("PG") || name.starts_with("PLUMBLINE_") || name == "DATABASE_URL" || name == "CI" ||
         name == "NO_COLOR" || name == "GITHUB_ACTIONS" || name == "XDG_CONFIG_HOME";
}

std::vector<std::string> merged(const Environment& given) {
  Environment all;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || is_read_by_plumbline(text.substr(0, equals))) continue;
    all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  all["XDG_CACHE_HOME"] = test_cache();
  for (const auto& [name, value] : given) all[name] = value;
  std::vector<std::string> result;
  for (const auto& [name, value] : all) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

int wait_for(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

struct RunningProgram::Files {
  File in = temporary_file(), out = temporary_file(), err = temporary_file();
};

RunningProgram::RunningProgram(const std::vector<std::string>& arguments, const Environment& environment,
                               std::string_view input, const fs::path& directory,
                               const std::optional<ServerUser>& user)
    : files_(std::make_unique<Files>()) {
  std::fwrite(input.data(), 1, input.size(), files_->in.get());
  std::rewind(files_->in.get());
  std::vector<std::string> words = arguments, variables = merged(environment);
  words.insert(words.begin(), PLUMBLINE_PROGRAM);
  const std::vector<char*> argv = pointers(words), envp = pointers(variables);
  const fs::path where = directory.empty() ? elsewhere_.path() : directory;

  process_ = fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ > 0) return;
  const std::array<const File*, 3> files{&files_->in, &files_->out, &files_->err};
  for (int number = 0; number < 3; ++number)
    dup2(fileno(files[static_cast<std::size_t>(number)]->get()), number);
  if (chdir(where.c_str()) == 0 && become(user) == 0) execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

RunningProgram::~RunningProgram() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  wait_for(process_);
}

void RunningProgram::send(int signal) const { ::kill(process_, signal); }

ProgramResult RunningProgram::wait() {
  const int exit_code = wait_for(process_);
  process_ = 0;
  return {.exit_code = exit_code, .out = content(files_->out), .err = content(files_->err)};
}

ProgramResult run_plumbline(const std::vector<std::string>& arguments, const Environment& environment,
                            std::string_view input, const fs::path& directory) {
  return RunningProgram(arguments, environment, input, directory).wait();
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = fs::temp_directory_path() / "plumbline-test-XXXXXXXX";
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary directory");
  path_ = fs::canonical(name);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  fs::remove_all(path_, error);
}

fs::path TemporaryDirectory::write(const fs::path& name, std::string_view text) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
  return path;
}

void wait_until(Connection& connection, const std::string& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (true) {
    connection.execute("SELECT pg_stat_clear_snapshot()");  // a transaction sees no newer statistics else
    if (connection.value("SELECT " + condition) == "t") return;
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain until " + condition);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace plumbline::testing
