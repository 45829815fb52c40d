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
    {"up down redo", "--dry-run", "print the SQL that would be run, without running it",
     &RunnerFlags::dry_run},
    {"repair baseline", "--dry-run", "print what would be done, without doing it", &RunnerFlags::dry_run},
    {"up", "--skip-validation", "apply despite rule violations, edited files and unknown versions",
     &RunnerFlags::skip_validation},
    {"up", "--require-approval", "apply only what another role has approved (see approve)",
     &RunnerFlags::require_approval},
    {"up down", "--resume", "continue a migration that was interrupted", &RunnerFlags::resume},
    {"down", "--with-dependents", "also roll back the later migrations that depend on VERSION",
     &RunnerFlags::with_dependents},
    {"up", "--out-of-order", "also apply migrations older than the last applied one of their phase",
     &RunnerFlags::out_of_order},
    {"up", "--all-or-nothing", "if a migration fails, roll back all that this run applied",
     &RunnerFlags::all_or_nothing},
    {"up", "--check-effect", "before each COMMIT, compare the schema with a replay of the files",
     &RunnerFlags::check_effect},
    {"up down redo", "--no-backup", "skip the backup that plumbline.toml configures",
     &RunnerFlags::no_backup},
    {"up down redo restore status list history validate verify-checksums prove approve repair baseline",
     "--json", "print the result as JSON", &RunnerFlags::json},
    {"status", "--exit-code", "exit with 3 if migrations are pending", &RunnerFlags::exit_code},
    {"list", "--pending", "list only migrations that are not applied", &RunnerFlags::pending},
    {"history", "--verify", "detect changed and missing rows", &RunnerFlags::verify},
    {"restore", "--in-place", "replace the live database; it is kept under another name",
     &RunnerFlags::in_place},
    {"restore", "--disconnect", "with --in-place: end the sessions of others", &RunnerFlags::disconnect},
    {"repair", "--from-start", "run the migration again from its first statement", &RunnerFlags::from_start},
    {"repair", "--accept-edits", "accept the current text of applied files", &RunnerFlags::accept_edits},
    {"repair", "--set-environment", "record the environment of --env as the one of this database",
     &RunnerFlags::set_environment},
    {"init baseline", "--import", "take the applied versions from another tool's ledger",
     &RunnerFlags::import},
    {"init", "--ledger", "also create the ledger in the database, and record the first migration there",
     &RunnerFlags::ledger},
};

struct RunnerText {
  const char *commands, *name, *type, *help;
  std::optional<std::string> RunnerFlags::*value;
};
constexpr RunnerText runner_texts[] = {
    {"up approve", "--target", "VERSION", "last version to apply", &RunnerFlags::target},
    {"restore", "--into", "NAME", "name of the new database (default: DATABASE_restored_TIME)",
     &RunnerFlags::into},
    {"down", "--to", "VERSION", "roll back everything after VERSION; 0: all", &RunnerFlags::back_to},
    {"up approve", "--phase", "PHASE", "apply only this phase: expand, migrate or contract",
     &RunnerFlags::phase},
    {"new", "--phase", "PHASE", "expand, migrate or contract", &RunnerFlags::phase},
    {"new", "--type", "TYPE", "schema, data, security or perf", &RunnerFlags::type},
    {"new", "--location", "DIR",
     "folder below the migrations directory (default: one that every environment reads)",
     &RunnerFlags::location},
    {"new", "--description", "TEXT", "description for the header", &RunnerFlags::description},
    {"repair baseline approve down redo up restore", "--reason", "TEXT", "reason, for the history",
     &RunnerFlags::reason},
    {"repair", "--statement", "FATE", "whether the interrupted statement completed: done or not-done",
     &RunnerFlags::statement},
};

struct RunnerNumber {
  const char *commands, *name, *help;
  std::optional<int> RunnerFlags::*value;
};
constexpr RunnerNumber runner_numbers[] = {
    {"down redo", "--steps", "number of migrations, newest first", &RunnerFlags::steps},
    {"up down redo repair baseline catchup", "--wait", "seconds to wait for another runner to finish",
     &RunnerFlags::wait},
    {"history", "--limit", "print only the last N rows", &RunnerFlags::limit},
};

struct Positional {
  const char *command, *name, *help;
  bool required, many;
};
constexpr Positional positionals[] = {
    {"down", "VERSION", "migration to roll back", false, false},
    {"restore", "FILE", "backup to restore (default: the newest of this database)", false, false},
    {"baseline", "VERSION", "last version to mark as applied; head for all", false, false},
    {"repair", "VERSION", "migration to repair (default: all that failed)", false, false},
    {"new", "NAME", "name of the migration, in a few words", true, true},
    {"validate", "FILE", "files to check (default: all of the directory)", false, true},
    {"prove", "VERSION", "migrations to test (default: all of the directory)", false, true},
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
