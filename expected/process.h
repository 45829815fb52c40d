#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expected/sandbox.h"
#include "expected/server_user.h"

namespace plumbline {

// A program to run, with a small environment in the C locale: neither our PG* variables nor any password
// reach it, unless it is to see what we see.
struct Invocation {
  std::vector<std::string> words;  // the first is the path of the program
  std::filesystem::path directory = "/";
  std::optional<ServerUser> user{};          // who runs it, as far as that is not ourselves
  bool sees_our_environment = false;         // for what connects where we connect
  std::vector<std::string> variables{};      // besides, "NAME=value"
  bool errors_apart = false;                 // what run() reads of stderr is no part of the output
  std::shared_ptr<const Sandbox> sandbox{};  // in which it runs, as the sandbox's user
};

// An invocation in the form the kernel wants, made before a fork so that the child need not allocate.
class PreparedInvocation {
 public:
  explicit PreparedInvocation(const Invocation& command);
  PreparedInvocation(const PreparedInvocation&) = delete;
  PreparedInvocation& operator=(const PreparedInvocation&) = delete;

  // Turns this process, a forked child, into the program; safe where only async-signal-safe functions are.
  // Returns errno when that failed. `death_signal` is sent to it when its parent dies (Linux only), 0: none.
  int exec(int death_signal) const noexcept;

 private:
  Invocation command_;
  std::vector<std::string> environment_;
  std::vector<char*> arguments_, variables_;
};

struct Outcome {
  int exit_code = 0;     // as a shell has it: 128 + n when signal n ended it
  std::string output;    // what it wrote to stdout and stderr
  std::string errors{};  // what it wrote to stderr, when that is wanted apart
};

// Runs it to its end, with nothing on its stdin. It goes when we go. Throws Error when it cannot be started
// at all.
Outcome run(const Invocation& command);

// As a shell has it.
int exit_code_of(int wait_status);

// Closes all descriptors from this one on; async-signal-safe.
void close_from(int first) noexcept;

}  // namespace plumbline
