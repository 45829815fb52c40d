#include "tests/server/traces.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "postgres/text.h"
#include "tests/server/server.h"

namespace plumbline::testing {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void hold(const std::array<int, 2>& ends, const std::function<std::string()>& start) {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[0]);
  close(ends[1]);
  std::string text;
  try {
    text = start();
  } catch (const std::exception& e) {
    text = std::string("error: ") + e.what();
  }
  text += '\n';
  [[maybe_unused]] const ssize_t size = write(STDOUT_FILENO, text.data(), text.size());
  while (true) pause();
}

}  // namespace

bool Traces::gone() const { return !fs::exists(directory) && !lives(server) && !lives(guardian); }

bool Traces::gone_soon() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!gone() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return gone();
}

// A process that ended but that nobody has asked about yet does not count: whoever adopted it will.
bool Traces::lives(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return bool(status >> number >> name >> state) && state != "Z";
}

namespace {

std::string words_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/cmdline", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string fact_of(pid_t process, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word, value; status >> word;) {
    if (word == name && status >> value) return value;
  }
  return {};
}

// In its own namespace the server has another number, so postmaster.pid does not help.
pid_t server_in(const fs::path& data) {
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    const std::string start = std::string("postgres\0-D\0", 12) + data.string();
    if (process > 0 && words_of(process).find(start) != std::string::npos) return process;
  }
  return 0;
}

}  // namespace

Traces traces_of(const Shadow& shadow) {
  const fs::path data = shadow.connect("postgres")->value("SHOW data_directory").value();
  Traces traces{.directory = data.parent_path(), .server = server_in(data)};
  for (pid_t process = traces.server; process > 1;) {
    process = std::atoi(fact_of(process, "PPid:").c_str());
    if (fact_of(process, "Name:") != "plumbline-guard") break;
    traces.guardian = process;
  }
  return traces;
}

Holder::Holder(const std::function<std::string()>& start) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("cannot make a pipe");
  process_ = fork();
  if (process_ == 0) hold(ends, start);
  close(ends[1]);
  output_ = ends[0];
  for (char c = 0; read(output_, &c, 1) == 1 && c != '\n';) told_ += c;
}

Holder::~Holder() {
  end(SIGKILL);
  close(output_);
}

Traces Holder::traces() const {
  const std::vector<std::string> words = split(told_, ' ');
  if (words.size() != 3) throw std::runtime_error("the holder told \"" + told_ + "\"");
  return {.directory = words[0], .server = std::stoi(words[1]), .guardian = std::stoi(words[2])};
}

void Holder::end(int signal) {
  if (process_ <= 0) return;
  kill(process_, signal);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

bool Holder::output_ended() {
  char c = 0;
  return read(output_, &c, 1) == 0;
}

std::string hold_throw_away_server() {
  static std::unique_ptr<Shadow> shadow;
  shadow = start_shadow(with_cache());
  const Traces traces = traces_of(*shadow);
  return traces.directory.string() + " " + std::to_string(traces.server) + " " +
         std::to_string(traces.guardian);
}

Variable::Variable(const char* name, const std::string& value) : name_(name) {
  if (const char* old = std::getenv(name)) old_ = old;
  setenv(name, value.c_str(), 1);
}

Variable::~Variable() {
  if (old_) {
    setenv(name_, old_->c_str(), 1);
  } else {
    unsetenv(name_);
  }
}

ShadowOptions with_cache() {
  ShadowOptions options;
  options.cache_directory = test_cache();
  return options;
}

Error error_of(const ShadowOptions& options) {
  try {
    start_shadow(options);
  } catch (const Error& e) {
    return e;
  }
  return Error("no error");
}

std::size_t entries(const fs::path& directory) {
  std::error_code error;
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory, error), {}));
}

}  // namespace plumbline::testing
