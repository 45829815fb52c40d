#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/connection.h"
#include "postgres/error.h"
#include "runner/lease.h"
#include "runner/ledger_rows.h"
#include "runner/options.h"

namespace plumbline {

// SQL that is no migration of a directory, and is run once.
struct LooseScript {
  std::string name;  // as messages have it
  std::string text;
  std::string guard;   // one of its statements, which changes nothing; empty: there is none such
  HistoryEvent event;  // what the history is told; the action gets "_started" and "_failed" behind it
  std::string again;   // what to do when it failed half way, a sentence
  // Called before the COMMIT behind which no statement changes anything, if there is such a one; may throw.
  std::function<void(Connection&)> before_last_commit = {};
};

struct LooseResult {
  std::size_t statements = 0, done = 0;
  std::int64_t duration_ms = 0, lock_wait_ms = 0;
  int attempts = 1;
};

// Runs such under the lock of those who migrate. Without a ledger on the database it makes none: the lock is
// taken, and nothing is recorded.
class ScriptRunner {
 public:
  using Connect = std::function<std::unique_ptr<Connection>()>;
  using Say = std::function<void(const std::string&)>;
  ScriptRunner(RunnerOptions options, Connect connect, Say say);

  // Takes the lock. Throws Error when others hold it for longer than the options wait.
  void lock();
  bool has_ledger() const { return lease_ && lease_->has_ledger(); }
  Connection& connection() { return *connection_; }
  void record(const HistoryEvent& event);

  // With the lock held. A lock that a statement waits for too long is tried again, as often as the options
  // say, as long as nothing is done yet. Throws Error "name:line:column: ...".
  LooseResult run(const LooseScript& script);

 private:
  class Run;  // one try

  std::optional<Error> attempt(Run& run);
  void begin_session();
  void wait_for_next(const std::string& name, const Error& error, int attempt);
  HistoryEvent told(const LooseScript& script, const std::string& end, const LooseResult& result) const;
  [[noreturn]] void fail(const LooseScript& script, const Error& error, const LooseResult& result,
                         bool untouched);

  RunnerOptions options_;
  Connect connect_;
  Say say_;
  LedgerWriter ledger_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Lease> lease_;
};

}  // namespace plumbline
