#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "expected/shadow.h"
#include "postgres/error.h"

namespace plumbline::testing {

// Where a throw-away server lives and what must be gone afterwards.
struct Traces {
  std::filesystem::path directory;
  pid_t server = 0, guardian = 0;

  bool gone() const;
  bool gone_soon() const;
  static bool lives(pid_t process);
};

Traces traces_of(const Shadow& shadow);

// A program of its own that starts a shadow, says a line and waits until it is killed; its output comes here.
class Holder {
 public:
  // `start` runs in the other program and returns the line.
  explicit Holder(const std::function<std::string()>& start);
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  const std::string& told() const { return told_; }
  // What a holder of hold_throw_away_server told.
  Traces traces() const;
  void end(int signal);
  // Waits for the end of its output.
  bool output_ended();

 private:
  pid_t process_ = 0;
  int output_ = -1;
  std::string told_;
};

// For a Holder: starts a throw-away server and tells its traces.
std::string hold_throw_away_server();

// Sets a variable of the environment until the end of the scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value);
  ~Variable();
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

ShadowOptions with_cache();
// The error with which it does not start.
Error error_of(const ShadowOptions& options);
std::size_t entries(const std::filesystem::path& directory);

}  // namespace plumbline::testing
