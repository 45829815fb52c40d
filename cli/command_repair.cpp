#include <ostream>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/runner_json.h"
#include "cli/runner_setup.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "runner/ledger_environment.h"
#include "runner/repair.h"

namespace plumbline {
namespace {

std::string first_argument(const RunnerFlags& flags) {
  return flags.arguments.empty() ? std::string() : flags.arguments.front();
}

Applied import_from(Connection& live, const MigrationDirectory& directory, const Settings& settings) {
  Applied applied = read_ledger(live, directory, settings.migrations);
  if (applied.tool.empty() || applied.tool == "plumbline") {
    throw Error("live has no ledger of " + directory.convention + " to take over",
                "Say with \"plumbline baseline VERSION\" what is applied.");
  }
  if (!applied.failed.empty()) {
    throw Error(
        "the ledger " + applied.table + " says these failed or are half done: " + join(applied.failed, ", "),
        "Finish or repair them with " + applied.tool + " first.");
  }
  for (const std::string& version : applied.unknown)
    log::warning("the ledger " + applied.table + " names " + version + ", which no file has; it is left out");
  for (const std::size_t place : applied.edited)
    log::warning(directory.migrations[place].file +
                 " was edited after it was applied; it counts as it is now");
  return applied;
}

// The database was given to another environment, or had none.
int set_environment(Runner& runner, const Settings& settings, const RunnerOptions& options) {
  if (settings.environment.empty())
    throw UsageError("--set-environment needs the name of an environment",
                     "plumbline repair --set-environment --env NAME");
  runner.lease();
  remember_environment(runner.connection(), runner.ledger(), options.ledger_schema, settings.environment);
  log::info(runner.connection().description() + " belongs to the environment \"" + settings.environment +
            "\" from now on");
  return 0;
}

}  // namespace

int run_repair(const Settings& settings, const RunnerFlags& flags) {
  if (flags.statement && *flags.statement != "done" && *flags.statement != "not-done") {
    throw UsageError("--statement is \"" + *flags.statement + "\"", "Say done or not-done.");
  }
  const RunnerOptions options = runner_options(settings, flags);
  const MigrationDirectory directory = load_directory(settings);
  RunnerTalk talk(directory, options);
  Runner runner(directory, options, settings.search_path, connector(settings), talk.listener());
  if (flags.set_environment) return set_environment(runner, settings, options);
  refuse_other_environment(runner.connection(), options.ledger_schema, settings.environment);
  const std::vector<Repair> repairs = repair(runner, directory,
                                             {.version = first_argument(flags),
                                              .reason = flags.reason.value_or(""),
                                              .statement = flags.statement.value_or(""),
                                              .from_start = flags.from_start,
                                              .accept_edits = flags.accept_edits,
                                              .dry_run = flags.dry_run});
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json(repairs, out);
    for (const Repair& each : repairs)
      out << visible_line(each.version + ": " + each.was + " -> " + each.is + " (" + each.note + ")") << '\n';
  });
  return 0;
}

int run_baseline(const Settings& settings, const RunnerFlags& flags) {
  const std::string version = first_argument(flags);
  if (version.empty() != flags.import) {
    throw UsageError("baseline needs either a VERSION or --import",
                     "\"plumbline baseline head\" marks every migration as applied.");
  }
  const RunnerOptions options = runner_options(settings, flags);
  const MigrationDirectory directory = load_directory(settings);
  RunnerTalk talk(directory, options);
  Runner runner(directory, options, settings.search_path, connector(settings), talk.listener());
  refuse_other_environment(runner.connection(), options.ledger_schema, settings.environment);
  const Applied applied =
      flags.import ? import_from(runner.connection(), directory, settings) : applied_at(directory, version);
  HistoryEvent why{.action = flags.import ? "imported" : "baseline", .reason = flags.reason.value_or("")};
  if (flags.import) why.details = applied.tool + " " + applied.table;
  std::vector<std::string> marked;
  if (flags.dry_run) {
    const std::vector<std::string> keys = ledger_keys(directory);
    for (const std::size_t place : applied.applied) marked.push_back(keys[place]);
  } else {
    marked = mark_applied(runner, directory, applied.applied, why);
    remember_environment(runner.connection(), runner.ledger(), options.ledger_schema, settings.environment);
  }
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json(why.action, marked, out);
    out << marked.size() << (marked.size() == 1 ? " migration counts" : " migrations count")
        << " as applied\n";
  });
  return 0;
}

int run_verify_checksums(const Settings& settings, const RunnerFlags& flags) {
  const MigrationDirectory directory = load_directory(settings);
  const std::unique_ptr<Connection> live = connector(settings)();
  const LedgerEntries entries = read_entries(*live, settings.runner.ledger_schema);
  std::vector<std::string> files;
  for (const std::size_t place : edited_files(directory, entries))
    files.push_back(directory.migrations[place].file);
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json("edited", files, out);
    for (const std::string& file : files)
      out << "edited after it was applied: " << visible_line(file) << '\n';
    if (files.empty()) out << "no applied file was edited\n";
  });
  return files.empty() ? 0 : 1;
}

int run_approve(const Settings& settings, const RunnerFlags& flags) {
  const RunnerOptions options = runner_options(settings, flags);
  const MigrationDirectory directory = load_directory(settings);
  const std::unique_ptr<Connection> live = connector(settings)();
  refuse_other_environment(*live, options.ledger_schema, settings.environment);
  PlanRequest request;
  request.target = flags.target.value_or("");
  request.phase = flags.phase.value_or("");
  request.out_of_order = options.out_of_order;
  const MigrationPlan plan = plan_up(directory, read_entries(*live, options.ledger_schema), request);
  if (plan.steps.empty() && !plan.waiting.empty())
    throw Error("there is nothing to approve: " + sentence(directory, plan.waiting.front()),
                plan.waiting.front().next);
  if (plan.steps.empty()) throw Error("there is nothing to approve", "No migration is pending.");
  write_plan(settings, flags, {directory, settings.environment, live->description()}, plan);
  const LedgerWriter ledger(options.ledger_schema);
  live->execute(ledger.event({.action = "approved",
                              .statements = plan.steps.size(),
                              .reason = flags.reason.value_or(""),
                              .details = plan_hash(directory, plan)}));
  log::info("approved by \"" + live->user() + "\"");
  return 0;
}

}  // namespace plumbline
