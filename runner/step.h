#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "migrations/migration.h"
#include "postgres/connection.h"
#include "postgres/error.h"
#include "runner/ledger_rows.h"
#include "runner/lock_watch.h"
#include "runner/options.h"
#include "runner/plan.h"

namespace plumbline {

// What a step is run with.
struct StepContext {
  Connection& connection;
  const MigrationDirectory& directory;
  const RunnerOptions& options;
  const LedgerWriter& ledger;
  std::string search_path;
  LockWatch* locks = nullptr;
  std::function<void(const std::string&)> say = {};  // what happened along the way
  // Called when all statements are run and nothing of a last transaction is committed yet; may throw.
  std::function<void()> before_commit = {};
  // SQL that goes into the transaction in which the ledger says that the migration is done.
  std::function<std::string()> beside_ledger = {};
  std::string reason = {};   // for the history
  std::string details = {};  // for the history: of which run it is a part
  // It runs in a transaction of the caller's, which is open; an error has rolled that back. One that another
  // try may mend is then thrown as it is, with nothing said in the ledger, unless there is no other try.
  bool inside = false, last_try = true;
};

// Whether another try may go better: it waited too long for a lock, or others were in the way.
bool is_worth_a_retry(const Error& error);
// How long to wait before the next one.
std::chrono::milliseconds pause_after(int attempt);

struct StepResult {
  std::int64_t duration_ms = 0, lock_wait_ms = 0;
  int attempts = 1;
};

// Runs one migration in one direction and writes into the ledger, in the same transaction, how far it is.
// Whatever happens and whenever it ends, the ledger tells the truth. On an error that the server reports,
// the migration's state in the ledger says so, too; throws Error "file:line:column: ...".
StepResult run_step(const StepContext& context, const Step& step);

// Finds out about the statement of which nobody knows whether it was done, and writes that down. Throws Error
// when the catalogue cannot tell. Returns the step to go on with, and says what was dropped.
Step settle_step(const StepContext& context, const Step& step);

}  // namespace plumbline
