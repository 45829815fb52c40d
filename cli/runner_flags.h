#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace plumbline {

struct Command;

// What the command line says to the commands of the runner.
struct RunnerFlags {
  std::vector<std::string> arguments;
  std::optional<std::string> target, phase, reason, type, description, statement, location, back_to, into;
  std::optional<int> steps, wait, limit;
  bool dry_run = false, skip_validation = false, require_approval = false, resume = false;
  bool with_dependents = false, all_or_nothing = false, in_place = false, disconnect = false,
       out_of_order = false, check_effect = false, no_backup = false;
  bool json = false, exit_code = false, pending = false, verify = false;
  bool from_start = false, accept_edits = false, import = false, set_environment = false, ledger = false;
};

// Adds the flags and arguments that the command has of these.
void define_runner_flags(CLI::App& app, const Command& command, RunnerFlags& flags);

}  // namespace plumbline
