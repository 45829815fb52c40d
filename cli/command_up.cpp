#include <memory>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/runner_setup.h"
#include "postgres/error.h"
#include "runner/record.h"

namespace plumbline {
namespace {

PlanRequest request_of(const RunnerOptions& options, const RunnerFlags& flags) {
  PlanRequest request;
  request.target = flags.target.value_or("");
  request.phase = flags.phase.value_or("");
  request.resume = flags.resume;
  request.out_of_order = options.out_of_order;
  request.lenient = flags.skip_validation;
  return request;
}

// What --dry-run tells is what the ledger says now, without a lock.
Plan look_ahead(const MigrationDirectory& directory, const Settings& settings, const RunnerOptions& options,
                const std::function<Plan(const LedgerEntries&)>& plan) {
  const std::unique_ptr<Connection> connection = connector(settings)();
  refuse_foreign_ledger(*connection, directory, settings);
  return plan(read_entries(*connection, options.ledger_schema));
}

// Everything that surrounds the steps of a run.
class Session {
 public:
  Session(const Settings& settings, const RunnerFlags& flags)
      : options_(runner_options(settings, flags)),
        directory_(load_directory(settings)),
        talk_(directory_, options_),
        record_(options_, talk_.listener()),
        runner_(directory_, options_, settings.search_path, connector(settings), talk_.listener()) {
    refuse_foreign_ledger(runner_.connection(), directory_, settings);
    runner_.set_hooks(
        {.before = [this](Connection& live, const Plan&) { record_.before(live); },
         .after = [this](Connection& live, const Step& step,
                         StepReport& report) { record_.after(live, step, report); },
         .last = [this](Connection& live,
                        const std::vector<StepReport>& reports) { record_.last(live, reports); }});
  }

  Runner& runner() { return runner_; }
  const MigrationDirectory& directory() const { return directory_; }
  const RunnerOptions& options() const { return options_; }

 private:
  RunnerOptions options_;
  MigrationDirectory directory_;
  RunnerTalk talk_;
  Record record_;
  Runner runner_;
};

PlanRequest down_request(const RunnerFlags& flags) {
  PlanRequest request;
  if (!flags.arguments.empty()) request.target = flags.arguments.front();
  request.resume = flags.resume;
  if (flags.steps) request.steps = static_cast<std::size_t>(*flags.steps);
  if (request.target.empty() == !flags.steps) {
    throw UsageError("down needs either a VERSION or --steps N",
                     "\"plumbline down --steps 1\" rolls back the last migration.");
  }
  return request;
}

}  // namespace

int run_up(const Settings& settings, const RunnerFlags& flags) {
  if (flags.dry_run) {
    const RunnerOptions options = runner_options(settings, flags);
    const MigrationDirectory directory = load_directory(settings);
    write_plan(settings, flags, directory,
               look_ahead(directory, settings, options, [&](const LedgerEntries& entries) {
                 return plan_up(directory, entries, request_of(options, flags));
               }));
    return 0;
  }
  Session session(settings, flags);
  const auto reports = session.runner().up(request_of(session.options(), flags));
  write_run(settings, flags, session.directory(), reports);
  return 0;
}

int run_down(const Settings& settings, const RunnerFlags& flags) {
  const PlanRequest request = down_request(flags);
  if (flags.dry_run) {
    const RunnerOptions options = runner_options(settings, flags);
    const MigrationDirectory directory = load_directory(settings);
    write_plan(settings, flags, directory,
               look_ahead(directory, settings, options, [&](const LedgerEntries& entries) {
                 return plan_down(directory, entries, request);
               }));
    return 0;
  }
  Session session(settings, flags);
  write_run(settings, flags, session.directory(), session.runner().down(request));
  return 0;
}

int run_redo(const Settings& settings, const RunnerFlags& flags) {
  PlanRequest request;
  request.steps = static_cast<std::size_t>(flags.steps.value_or(1));
  Session session(settings, flags);
  std::vector<StepReport> reports = session.runner().down(request);
  if (reports.empty()) {
    write_run(settings, flags, session.directory(), reports);
    return 0;
  }
  PlanRequest again;
  again.target = reports.front().version;
  again.out_of_order = true;
  for (StepReport& report : session.runner().up(again)) reports.push_back(std::move(report));
  write_run(settings, flags, session.directory(), reports);
  return 0;
}

}  // namespace plumbline
