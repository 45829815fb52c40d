#include "cli/runner_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// Each says which commands have it, separated by blanks.
struct RunnerSwitch {
  const char *commands, *name, *help;
  bool RunnerFlags::*value;
};
constexpr RunnerSwitch runner_switches[] = {
    {"up down redo repair baseline", "--dry-run", "say what would be done and do nothing",
     &RunnerFlags::dry_run},
    {"up", "--skip-validation", "apply although rules are broken, files edited or versions unknown",
     &RunnerFlags::skip_validation},
    {"up", "--require-approval", "only what another role has approved (plumbline approve)",
     &RunnerFlags::require_approval},
    {"up down", "--resume", "go on where a migration stopped half-way", &RunnerFlags::resume},
    {"up", "--out-of-order", "also what is older than the last applied migration",
     &RunnerFlags::out_of_order},
    {"up", "--check-effect", "before each COMMIT compare the schema with what a replay of the files predicts",
     &RunnerFlags::check_effect},
    {"up down redo", "--no-backup", "without the backup that plumbline.toml asks for",
     &RunnerFlags::no_backup},
    {"up down redo status list history validate verify-checksums prove approve repair baseline", "--json",
     "the result as JSON", &RunnerFlags::json},
    {"status", "--exit-code", "exit with 3 when migrations are pending", &RunnerFlags::exit_code},
    {"list", "--pending", "only those that are not applied", &RunnerFlags::pending},
    {"history", "--verify", "find out whether a row was changed or is gone", &RunnerFlags::verify},
    {"repair", "--from-start", "forget what was done: the next run starts at the first statement",
     &RunnerFlags::from_start},
    {"repair", "--accept-edits", "take the applied files as they are now", &RunnerFlags::accept_edits},
    {"init baseline", "--import", "take over what another tool's ledger says", &RunnerFlags::import},
};

struct RunnerText {
  const char *commands, *name, *type, *help;
  std::optional<std::string> RunnerFlags::*value;
};
constexpr RunnerText runner_texts[] = {
    {"up approve", "--target", "VERSION", "up to this version", &RunnerFlags::target},
    {"up approve", "--phase", "PHASE", "only migrations of this phase: expand, migrate, contract",
     &RunnerFlags::phase},
    {"new", "--phase", "PHASE", "expand, migrate or contract", &RunnerFlags::phase},
    {"new", "--type", "TYPE", "schema, data, security or perf", &RunnerFlags::type},
    {"new", "--description", "TEXT", "for the header", &RunnerFlags::description},
    {"repair baseline approve down redo up", "--reason", "TEXT", "why, for the history",
     &RunnerFlags::reason},
    {"repair", "--statement", "FATE", "what became of the statement nobody knows about: done or not-done",
     &RunnerFlags::statement},
};

struct RunnerNumber {
  const char *commands, *name, *help;
  std::optional<int> RunnerFlags::*value;
};
constexpr RunnerNumber runner_numbers[] = {
    {"down redo", "--steps", "how many migrations, the newest first", &RunnerFlags::steps},
    {"up down redo repair baseline", "--wait", "seconds to wait while another runner is at work",
     &RunnerFlags::wait},
    {"history", "--limit", "only the last rows", &RunnerFlags::limit},
};

struct Positional {
  const char *command, *name, *help;
  bool required, many;
};
constexpr Positional positionals[] = {
    {"down", "VERSION", "roll back what came after it; 0 for everything", false, false},
    {"baseline", "VERSION", "everything up to it counts as applied", false, false},
    {"repair", "VERSION", "only this migration; without it all that failed", false, false},
    {"new", "NAME", "what it does, in a few words", true, true},
    {"validate", "FILE", "only these files; without any all of the directory", false, true},
    {"prove", "VERSION", "only these migrations; without any all of the directory", false, true},
};

}  // namespace

void define_runner_flags(CLI::App& app, const Command& command, RunnerFlags& flags) {
  const char* group = "Options";
  for (const Positional& each : positionals) {
    if (command.name != each.command) continue;
    CLI::Option* option = app.add_option(each.name, flags.arguments, each.help)->type_name("");
    option->required(each.required);
    if (!each.many) option->expected(0, 1);
  }
  for (const RunnerSwitch& each : runner_switches) {
    if (is_named_in(each.commands, command.name))
      app.add_flag(each.name, flags.*each.value, each.help)->group(group);
  }
  for (const RunnerText& each : runner_texts) {
    if (is_named_in(each.commands, command.name))
      app.add_option(each.name, flags.*each.value, each.help)->type_name(each.type)->group(group);
  }
  for (const RunnerNumber& each : runner_numbers) {
    if (!is_named_in(each.commands, command.name)) continue;
    app.add_option(each.name, flags.*each.value, each.help)
        ->type_name("N")
        ->check(CLI::Range(0, 1'000'000).description(""))
        ->group(group);
  }
}

}  // namespace plumbline
