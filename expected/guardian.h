#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "expected/process.h"

namespace plumbline {

// A process of its own that starts the server for us, and outlives us just long enough to clean up: when this
// object or the whole program is gone, however that came about, it stops the server and removes the
// directory. docs/decisions/guardian.md has the reasons.
class Guardian {
 public:
  // Nothing runs yet. `directory` is what goes in the end; the server's output is appended to `log`; `lock`
  // is a descriptor that the guardian keeps open as long as it lives.
  Guardian(const Invocation& server, const std::filesystem::path& log, const std::filesystem::path& directory,
           int lock);
  // Returns when nothing is left.
  ~Guardian();
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  void start_server();
  // Asks for the "fast" shutdown, which leaves a clean data directory.
  void stop_server();
  // Waits for the server to end, so long at most; its exit code, or nothing while it runs.
  std::optional<int> wait_for_end(std::chrono::milliseconds time);

 private:
  void send(char order);

  std::filesystem::path directory_;
  pid_t process_ = -1;
  int control_ = -1;
};

}  // namespace plumbline
