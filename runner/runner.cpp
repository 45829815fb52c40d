#include "runner/runner.h"

#include <algorithm>
#include <cstdlib>

#include "postgres/error.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"
#include "runner/pooler.h"

namespace plumbline {

Runner::Runner(const MigrationDirectory& directory, RunnerOptions options, std::string search_path,
               Connect connect, RunnerListener listener)
    : directory_(directory),
      options_(std::move(options)),
      search_path_(std::move(search_path)),
      connect_(std::move(connect)),
      listener_(std::move(listener)),
      ledger_(options_.ledger_schema),
      connection_(connect_()) {}

Runner::~Runner() = default;

Lease& Runner::lease() {
  if (lease_) return *lease_;
  refuse_pooler(*connection_, connect_);
  lease_ = std::make_unique<Lease>(
      *connection_, options_.ledger_schema,
      Lease::Patience{std::chrono::seconds(options_.wait), [this](const std::string& text) { say(text); }});
  if (const auto& gone = lease_->predecessor()) {
    const std::string at = gone->doing.empty() ? "" : ", at " + gone->doing;
    say(gone->holder + " held the lock since " + gone->since + at + " and is gone");
    connection_->execute(ledger_.event(
        {.action = "lock_taken_over", .details = gone->holder + ", since " + gone->since + at}));
  }
  return *lease_;
}

std::vector<StepReport> Runner::up(const PlanRequest& request) {
  lease();
  if (request.all_or_nothing) return up_whole(request);
  const LedgerEntries entries = read_entries(*connection_, options_.ledger_schema);
  return run_all(plan_up(directory_, entries, request), request.reason);
}

std::vector<StepReport> Runner::down(const PlanRequest& request) {
  lease();
  const LedgerEntries entries = read_entries(*connection_, options_.ledger_schema);
  return run_all(plan_down(directory_, entries, request), request.reason);
}

std::vector<StepReport> Runner::redo(const PlanRequest& request) {
  lease();
  const LedgerEntries entries = read_entries(*connection_, options_.ledger_schema);
  return run_all(plan_redo(directory_, entries, request), request.reason);
}

std::vector<StepReport> Runner::run_all(const MigrationPlan& plan, const std::string& reason) {
  if (listener_.planned) listener_.planned(plan);
  if (plan.steps.empty()) return {};
  if (hooks_.before) hooks_.before(*connection_, plan);
  std::vector<StepReport> reports;
  try {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      if (listener_.starting) listener_.starting(plan.steps[i], i, plan.steps.size());
      if (hooks_.before_step) hooks_.before_step(*connection_, plan.steps[i]);
      reports.push_back(run(plan.steps[i], reason));
      if (hooks_.after) hooks_.after(*connection_, plan.steps[i], reports.back());
      if (listener_.finished) listener_.finished(reports.back());
    }
    close_open_run("went on without --all-or-nothing");
    if (hooks_.last) hooks_.last(*connection_, reports);
  } catch (const Error& error) {
    if (interrupt::signal() != 0) note_interrupt(error, reports.size(), plan.steps.size());
    throw;
  }
  return reports;
}

void Runner::note_interrupt(const Error& error, std::size_t done, std::size_t total) {
  const interrupt::Shield shield;
  if (error.sqlstate() == "08006") return;
  const std::string where =
      "after " + std::to_string(done) + " of " + std::to_string(total) + " migrations of the run";
  if (connection_->in_transaction()) connection_->execute("ROLLBACK");
  connection_->execute(session_reset());
  connection_->execute(
      ledger_.event({.action = "interrupted", .reason = interrupt::what_happened(), .details = where}));
  if (error.message() == interrupt::what_happened())
    throw Error(error.message() + ", " + where, "What is applied stays; run the command again for the rest.",
                error.report());
}

StepContext Runner::context(const Step& step, const std::string& reason) {
  return {.connection = *connection_,
          .directory = directory_,
          .options = options_,
          .ledger = ledger_,
          .search_path = search_path_,
          .locks = locks_.get(),
          .say = [this](const std::string& text) { say(text); },
          .before_commit =
              [this, &step] {
                if (hooks_.before_commit) hooks_.before_commit(*connection_, step);
              },
          .beside_ledger = [this, &step] { return hooks_.beside_ledger ? hooks_.beside_ledger(step) : ""; },
          .reason = reason};
}

Step Runner::settle(const Step& step) {
  lease().ensure();
  return settle_step(context(step, ""), step);
}

StepReport Runner::run(const Step& step, const std::string& reason) {
  const StepContext own = context(step, reason);
  StepReport report = run_with(own, step);
  done_.push_back(report);
  if (hooks_.confirm) hooks_.confirm(*connection_, step);
  return report;
}

StepReport Runner::run_with(const StepContext& context, const Step& step) {
  lease().ensure();
  if (!locks_) {
    const std::string pid = *connection_->value("SELECT pg_catalog.pg_backend_pid()");
    locks_ = std::make_unique<LockWatch>(std::atoi(pid.c_str()), connect_,
                                         [this](const std::string& text) { say(text); });
  }
  StepContext own = context;
  own.locks = locks_.get();
  const Migration& migration = directory_.migrations[step.place];
  connection_->execute(session_reset() + ledger_.doing((step.down ? "the down of " : "") + step.version));
  const StepResult result = run_step(own, step);
  connection_->execute(session_reset());  // by itself: what is sent with it goes by the settings before
  connection_->execute(ledger_.doing(""));
  return {.version = step.version,
          .file = step.down ? migration.down_file : migration.file,
          .direction = step.down ? "down" : "up",
          .name = migration.name,
          .duration_ms = result.duration_ms,
          .lock_wait_ms = result.lock_wait_ms,
          .attempts = result.attempts,
          .schema_version = {},
          .rolled_back = {}};
}

}  // namespace plumbline
