#include "tests/server/terminal.h"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace plumbline::testing {

namespace {

[[noreturn]] void become(const std::vector<const char*>& words, const Environment& environment,
                         const std::filesystem::path& folder) {
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  if (chdir(folder.c_str()) == 0) execv(PLUMBLINE_PROGRAM, const_cast<char* const*>(words.data()));
  _exit(126);
}

}  // namespace

ProgramResult on_terminal(const std::vector<std::string>& arguments, const Environment& environment,
                          const std::filesystem::path& folder, const std::string& typed,
                          const std::string& question) {
  std::vector<const char*> words{PLUMBLINE_PROGRAM};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) become(words, environment, folder);
  ProgramResult result;
  std::array<char, 4096> buffer{};
  bool answered = false;
  for (ssize_t size = 0; (size = read(terminal, buffer.data(), buffer.size())) > 0;) {
    result.out.append(buffer.data(), static_cast<std::size_t>(size));
    if (answered || result.out.find(question) == std::string::npos) continue;
    answered = write(terminal, typed.data(), typed.size()) > 0;
  }
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace plumbline::testing
