#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expected/server_user.h"
#include "tests/server/server.h"

namespace plumbline::testing {

// The program at work, as run_plumbline() starts it, for tests that disturb it meanwhile.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments, const Environment& environment = {},
                          std::string_view input = {}, const std::filesystem::path& directory = {},
                          const std::optional<ServerUser>& user = {});
  ~RunningProgram();  // killed, when nobody has waited for it
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void send(int signal) const;
  ProgramResult wait();
  pid_t process() const { return process_; }

 private:
  struct Files;
  TemporaryDirectory elsewhere_;
  std::unique_ptr<Files> files_;
  pid_t process_ = -1;
};

// Until the SQL condition holds, asked again and again, within a transaction of ours, too; a minute at most.
void wait_until(Connection& connection, const std::string& condition);

}  // namespace plumbline::testing
