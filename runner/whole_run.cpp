#include <algorithm>

#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"
#include "runner/open_run.h"
#include "runner/runner.h"

// A run of which nothing stays when one of its migrations fails.
namespace plumbline {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string versions_of(const MigrationPlan& plan) {
  std::vector<std::string> versions;
  for (const Step& step : plan.steps) versions.push_back(step.version);
  return join(versions, ", ");
}

}  // namespace

std::optional<OpenRun> mind_open_run(Connection& connection, const LedgerWriter& ledger,
                                     PlanRequest& request) {
  if (!request.all_or_nothing) return std::nullopt;
  std::optional<OpenRun> open = open_run(connection, ledger);
  request.goes_on = open.has_value();
  return open;
}

std::vector<StepReport> Runner::up_whole(PlanRequest request) {
  const std::optional<OpenRun> open = mind_open_run(*connection_, ledger_, request);
  const LedgerEntries entries = read_entries(*connection_, options_.ledger_schema);
  const MigrationPlan plan = plan_up(directory_, entries, request);
  if (listener_.planned) listener_.planned(plan);
  if (open)
    say("the run of " + open->started + " did not end; what it applied goes back, too, if this one fails");
  if (plan.steps.empty()) {
    close_open_run("nothing was left to do");
    return {};
  }
  if (hooks_.before) hooks_.before(*connection_, plan);
  return plan.one_transaction ? run_in_one_transaction(plan, request.reason)
                              : run_with_downs(plan, request.reason, open);
}

void Runner::close_open_run(const std::string& reason) {
  if (const std::optional<OpenRun> open = open_run(*connection_, ledger_))
    connection_->execute(
        ledger_.event({.action = "run_finished", .reason = reason, .details = open->mark()}));
}

std::vector<StepReport> Runner::run_in_one_transaction(const MigrationPlan& plan, const std::string& reason) {
  std::vector<StepReport> reports;
  for (int attempt = 1;; ++attempt) {
    try {
      if (attempt > 1) interrupt::sleep_for(pause_after(attempt - 1));
      reports = try_one_transaction(plan, reason, attempt > options_.retries);
      break;
    } catch (const Error& error) {
      if (error.sqlstate() == "08006") throw;
      clear_session();
      if (attempt > options_.retries || !is_worth_a_retry(error)) fail_whole(plan, error);
      say(first_line(error.message()) + "; the run begins again");
    }
  }
  for (StepReport& report : reports) {
    if (listener_.finished) listener_.finished(report);
  }
  if (hooks_.after) hooks_.after(*connection_, plan.steps.back(), reports.back());
  done_.insert(done_.end(), reports.begin(), reports.end());
  if (hooks_.last) hooks_.last(*connection_, reports);
  return reports;
}

std::vector<StepReport> Runner::try_one_transaction(const MigrationPlan& plan, const std::string& reason,
                                                    bool is_last_try) {
  std::vector<StepReport> reports;
  connection_->execute(session_reset());
  if (hooks_.begins) hooks_.begins(*connection_);
  connection_->execute("BEGIN");
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    if (listener_.starting) listener_.starting(step, i, plan.steps.size());
    if (hooks_.before_step) hooks_.before_step(*connection_, step);
    StepContext own = context(step, reason);
    own.inside = true;
    own.last_try = is_last_try;
    reports.push_back(run_with(own, step));
    if (hooks_.confirm) hooks_.confirm(*connection_, step);
  }
  connection_->execute("COMMIT");
  return reports;
}

void Runner::clear_session() {
  const interrupt::Shield shield;
  if (connection_->in_transaction()) connection_->execute("ROLLBACK");
  connection_->execute(session_reset());
  connection_->execute(ledger_.doing(""));
}

void Runner::fail_whole(const MigrationPlan& plan, const Error& error) {
  const interrupt::Shield shield;
  connection_->execute(ledger_.event({.action = "run_rolled_back",
                                      .reason = first_line(error.message()),
                                      .details = "not committed: " + versions_of(plan)}));
  throw Error(
      error.message() + "\n  nothing of the run stays: it was one transaction (" + versions_of(plan) + ")",
      error.hint(), error.report());
}

std::vector<StepReport> Runner::run_with_downs(const MigrationPlan& plan, const std::string& reason,
                                               const std::optional<OpenRun>& open) {
  const OpenRun run = open ? *open : begin_run(*connection_, ledger_, versions_of(plan));
  std::vector<StepReport> reports;
  try {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const Step& step = plan.steps[i];
      if (listener_.starting) listener_.starting(step, i, plan.steps.size());
      if (hooks_.before_step) hooks_.before_step(*connection_, step);
      StepContext own = context(step, reason);
      own.details = run.mark();
      reports.push_back(run_with(own, step));
      if (hooks_.confirm) hooks_.confirm(*connection_, step);
      if (hooks_.after) hooks_.after(*connection_, step, reports.back());
      if (listener_.finished) listener_.finished(reports.back());
    }
  } catch (const Error& error) {
    if (error.sqlstate() == "08006") throw;
    const interrupt::Shield shield;
    take_back(plan, run, error);
  }
  close_open_run("");
  done_.insert(done_.end(), reports.begin(), reports.end());
  if (hooks_.last) hooks_.last(*connection_, reports);
  return reports;
}

void Runner::take_back(const MigrationPlan& plan, const OpenRun& run, const Error& error) {
  const std::string why = first_line(error.message());
  std::vector<std::string> back;
  try {
    clear_session();
    for (const Step& step : left_of_run(plan, run, why)) {
      StepContext own = context(step, "rolled back: " + why);
      own.before_commit = {};  // a run that went wrong need not go back as predicted
      StepReport report = run_with(own, step);
      if (hooks_.confirm) hooks_.confirm(*connection_, step);
      back.push_back(step.version);
      if (hooks_.after) hooks_.after(*connection_, step, report);
      if (listener_.finished) listener_.finished(report);
    }
    connection_->execute(ledger_.event({.action = "run_rolled_back", .reason = why, .details = run.mark()}));
  } catch (const Error& second) {
    throw Error(error.message() + "\n  the run could not be rolled back: " + second.message() +
                    (back.empty() ? "" : "\n  rolled back before that: " + join(back, ", ")),
                "\"plumbline status\" says what is applied. " + second.hint(), error.report());
  }
  throw Error(error.message() + (back.empty() ? std::string("\n  nothing of the run is applied")
                                              : "\n  rolled back by their down sections, newest first: " +
                                                    join(back, ", ")),
              error.hint().empty() ? "Correct it, and run the command again." : error.hint(), error.report());
}

std::vector<Step> Runner::left_of_run(const MigrationPlan& plan, const OpenRun& run, const std::string& why) {
  const std::vector<std::string> keys = ledger_keys(directory_);
  const std::vector<std::string> applied = applied_in(*connection_, ledger_, run);
  const LedgerEntries entries = read_entries(*connection_, options_.ledger_schema);
  std::vector<Step> steps;
  for (std::size_t place = keys.size(); place-- > 0;) {
    const auto entry = entries.find(keys[place]);
    if (entry == entries.end()) continue;
    const bool is_applied =
        entry->second.state == "applied" && std::ranges::find(applied, keys[place]) != applied.end();
    const bool is_of_plan = std::ranges::find(plan.steps, keys[place], &Step::version) != plan.steps.end();
    const Step step{.place = place, .version = keys[place], .down = true};
    if (is_applied ||
        (is_of_plan && entry->second.is_partial() && leaves_something(entry->second, place, why)))
      steps.push_back(step);
  }
  return steps;
}

// Whether there is something to roll back of a migration that stopped half-way.
bool Runner::leaves_something(const LedgerEntry& entry, std::size_t place, const std::string& why) {
  Step step{.place = place, .version = entry.version, .first = entry.done, .running = entry.running};
  step.mark = entry.mark;
  if (step.running > 0) step = settle(step);
  if (step.first > 0) return true;
  connection_->execute(
      ledger_.progress(entry.version, directory_.migrations[place],
                       {.state = "failed", .direction = "up", .statements = entry.statements, .error = why}));
  return false;
}

}  // namespace plumbline
