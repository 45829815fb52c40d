#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "migrations/directory.h"
#include "postgres/connection.h"
#include "postgres/error.h"
#include "runner/lease.h"
#include "runner/ledger_rows.h"
#include "runner/open_run.h"
#include "runner/options.h"
#include "runner/plan.h"
#include "runner/step.h"

namespace plumbline {

// What was done to one migration.
struct StepReport {
  std::string version, file, direction, name;
  std::int64_t duration_ms = 0, lock_wait_ms = 0;
  int attempts = 1;
  std::string schema_version;  // after it; empty: not determined
  std::string rolled_back;     // why it was rolled back; empty: it was not
};

// Told what happens; all may be empty.
struct RunnerListener {
  std::function<void(const MigrationPlan&)> planned = {};
  std::function<void(const Step&, std::size_t number, std::size_t total)> starting = {};
  std::function<void(const StepReport&)> finished = {};
  std::function<void(const std::string&)> say = {};
};

// Where all or nothing is wanted: the run that did not end, which this one would go on with.
std::optional<OpenRun> mind_open_run(Connection& connection, const LedgerWriter& ledger,
                                     PlanRequest& request);

// A database that is migrated: one session, which holds the lock.
class Runner {
 public:
  using Connect = std::function<std::unique_ptr<Connection>()>;
  Runner(const MigrationDirectory& directory, RunnerOptions options, std::string search_path, Connect connect,
         RunnerListener listener);
  ~Runner();

  // Each takes the lock, plans on what the ledger says then, runs and returns what was run. Throws Error at
  // the first migration that fails; what was finished before it stays, unless all or nothing is wanted. Then
  // the run is one transaction, or what it applied is rolled back by the down sections, newest first; the
  // error says which.
  std::vector<StepReport> up(const PlanRequest& request);
  std::vector<StepReport> down(const PlanRequest& request);
  std::vector<StepReport> redo(const PlanRequest& request);

  // Runs before the first migration, with the lock held; and after each one. They may throw.
  struct Hooks {
    std::function<void(Connection&, const MigrationPlan&)> before = {};
    std::function<void(Connection&, const Step&)> before_step = {};
    std::function<void(Connection&, const Step&)> before_commit = {};
    // SQL for the transaction in which the ledger says that the step is done.
    std::function<std::string(const Step&)> beside_ledger = {};
    // When that was run, and before a transaction of several steps begins, perhaps once more.
    std::function<void(Connection&, const Step&)> confirm = {};
    std::function<void(Connection&)> begins = {};
    std::function<void(Connection&, const Step&, StepReport&)> after = {};
    std::function<void(Connection&, const std::vector<StepReport>&)> last = {};
  };
  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

  const std::vector<StepReport>& done() const { return done_; }
  Connection& connection() { return *connection_; }
  const LedgerWriter& ledger() const { return ledger_; }
  // Takes the lock, for what else changes the ledger.
  Lease& lease();
  StepReport run(const Step& step, const std::string& reason = {});
  // As settle_step() in step.h.
  Step settle(const Step& step);

 private:
  StepContext context(const Step& step, const std::string& reason);
  StepReport run_with(const StepContext& context, const Step& step);
  std::vector<StepReport> run_all(const MigrationPlan& plan, const std::string& reason);

  // All or nothing: runner/whole_run.cpp.
  std::vector<StepReport> up_whole(PlanRequest request);
  std::vector<StepReport> run_in_one_transaction(const MigrationPlan& plan, const std::string& reason);
  std::vector<StepReport> try_one_transaction(const MigrationPlan& plan, const std::string& reason,
                                              bool is_last_try);
  std::vector<StepReport> run_with_downs(const MigrationPlan& plan, const std::string& reason,
                                         const std::optional<OpenRun>& open);
  [[noreturn]] void fail_whole(const MigrationPlan& plan, const Error& error);
  [[noreturn]] void take_back(const MigrationPlan& plan, const OpenRun& run, const Error& error);
  std::vector<Step> left_of_run(const MigrationPlan& plan, const OpenRun& run, const std::string& why);
  bool leaves_something(const LedgerEntry& entry, std::size_t place, const std::string& why);
  void close_open_run(const std::string& reason);
  void clear_session();

  // Of a run that a signal has ended; throws what there is to say of it, if that is more than `error` says.
  void note_interrupt(const Error& error, std::size_t done, std::size_t total);
  void say(const std::string& text) const {
    if (listener_.say) listener_.say(text);
  }

  const MigrationDirectory& directory_;
  RunnerOptions options_;
  std::string search_path_;
  Connect connect_;
  RunnerListener listener_;
  Hooks hooks_;
  LedgerWriter ledger_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<LockWatch> locks_;
  std::vector<StepReport> done_;
};

}  // namespace plumbline
