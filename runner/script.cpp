#include "runner/script.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "migrations/execution.h"
#include "migrations/scan.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"
#include "runner/lock_watch.h"
#include "runner/pooler.h"

namespace plumbline {

// One try.
class ScriptRunner::Run : public ExecutionObserver {
 public:
  Run(Connection& connection, const LooseScript& script, const std::vector<SqlStatement>& statements)
      : connection_(connection), script_(script), sql_{script.name, statements, false} {
    for (const SqlStatement& statement : statements) changes_.push_back(changes(statement.text));
    end_ = last_change(statements.size());
  }

  void run() { run_script(connection_, sql_, *this); }

  // How many statements are committed; one that was sent outside a transaction may have left something.
  std::size_t done() const { return done_; }
  bool is_untouched() const { return done_ == 0 && !sent_outside_; }

  // The transactions are those in which the script was tried.
  bool wants_transactions() const override { return true; }

  void before(std::size_t i) override {
    if (changes_[i] && !connection_.in_transaction()) sent_outside_ = true;
  }
  void after(std::size_t i, bool inside) override {
    if (connection_.in_transaction()) return;
    const bool commits = transaction_control(sql_.statements[i].text) == TransactionControl::commit;
    if (!inside || commits) note(i + 1);
  }
  void before_commit(std::size_t done) override {
    if (done < end_ || done_ >= end_ || told_ || !script_.before_last_commit) return;
    told_ = true;
    script_.before_last_commit(connection_);
  }
  void after_commit(std::size_t done) override { note(done); }

  [[noreturn]] void failed(const Error& error, std::size_t statement) override {
    throw located(error, sql_, statement, "");
  }

 private:
  // The settings of the session and the guard may be sent once more, and COMMIT by itself does nothing.
  bool changes(const std::string& text) const {
    if (transaction_control(text) != TransactionControl::none) return false;
    if (!script_.guard.empty() && trim(text) == trim(script_.guard)) return false;
    const std::vector<Token> words = significant_tokens(text, 1);
    return words.empty() || !same_word(words.front().of(text), "set");
  }

  // Behind the last statement of the first `count` that changes anything.
  std::size_t last_change(std::size_t count) const {
    while (count > 0 && !changes_[count - 1]) --count;
    return count;
  }

  void note(std::size_t done) { done_ = std::max(done_, last_change(done)); }

  Connection& connection_;
  const LooseScript& script_;
  SqlScript sql_;
  std::vector<bool> changes_;
  std::size_t end_ = 0, done_ = 0;
  bool sent_outside_ = false, told_ = false;
};

namespace {

using Moment = std::chrono::steady_clock;

bool may_go_better(const Error& error) {
  if (interrupt::signal() != 0) return false;
  return error.sqlstate() == "55P03" || error.sqlstate() == "40P01" || error.sqlstate() == "40001";
}

Error with_hint(const Error& error, const std::string& hint) {
  return {error.message(), error.hint() + (error.hint().empty() ? "" : " ") + hint, error.report()};
}

}  // namespace

ScriptRunner::ScriptRunner(RunnerOptions options, Connect connect, Say say)
    : options_(std::move(options)),
      connect_(std::move(connect)),
      say_(std::move(say)),
      ledger_(options_.ledger_schema),
      connection_(connect_()) {}

void ScriptRunner::lock() {
  refuse_pooler(*connection_, connect_);
  lease_ = std::make_unique<Lease>(
      *connection_, options_.ledger_schema,
      Lease::Patience{.limit = std::chrono::seconds(options_.wait), .waiting = say_, .makes_ledger = false});
  const auto& gone = lease_->predecessor();
  if (!gone) return;
  const std::string at = gone->doing.empty() ? "" : ", at " + gone->doing;
  say_(gone->holder + " held the lock since " + gone->since + at + " and is gone");
  record({.action = "lock_taken_over", .details = gone->holder + ", since " + gone->since + at});
}

void ScriptRunner::record(const HistoryEvent& event) {
  if (!has_ledger()) return;
  connection_->execute(session_reset());
  connection_->execute(ledger_.event(event));
}

LooseResult ScriptRunner::run(const LooseScript& script) {
  const std::vector<SqlStatement> statements = split_sql(script.text, script.name);
  LockWatch locks(std::atoi(connection_->value("SELECT pg_catalog.pg_backend_pid()")->c_str()), connect_,
                  say_);
  LooseResult result{.statements = statements.size()};
  const Moment::time_point start = Moment::now();
  record(told(script, "_started", result));
  if (has_ledger()) connection_->execute(ledger_.doing(script.name));
  for (;; ++result.attempts) {
    Run run(*connection_, script, statements);
    const std::optional<Error> error = attempt(run);
    result.done = error ? run.done() : statements.size();
    result.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(Moment::now() - start).count();
    result.lock_wait_ms += locks.take_waited().count();
    if (!error) break;
    const bool again = run.is_untouched() && may_go_better(*error) && result.attempts <= options_.retries;
    if (!again) fail(script, *error, result, run.is_untouched());
    wait_for_next(script.name, *error, result.attempts);
  }
  connection_->execute(session_reset() + (has_ledger() ? ledger_.doing("") : std::string()));
  return result;
}

HistoryEvent ScriptRunner::told(const LooseScript& script, const std::string& end,
                                const LooseResult& result) const {
  HistoryEvent event = script.event;
  event.action += end;
  event.statements = result.statements;
  if (end == "_started") return event;
  event.done = result.done;
  event.duration_ms = result.duration_ms;
  event.lock_wait_ms = result.lock_wait_ms;
  return event;
}

std::optional<Error> ScriptRunner::attempt(Run& run) {
  try {
    begin_session();
    run.run();
    return std::nullopt;
  } catch (const Error& error) {
    const interrupt::Shield shield;
    if (error.sqlstate() != "08006" && connection_->in_transaction()) connection_->execute("ROLLBACK");
    return error;
  }
}

void ScriptRunner::fail(const LooseScript& script, const Error& error, const LooseResult& result,
                        bool untouched) {
  const interrupt::Shield shield;
  if (error.sqlstate() == "08006")
    throw with_hint(error, "What was committed stays, the rest is rolled back. " + script.again);
  HistoryEvent event = told(script, "_failed", result);
  event.reason = error.message().substr(0, error.message().find('\n'));
  record(event);
  std::string what = "Nothing was changed.";
  if (!untouched) {
    what = result.done > 0 ? "What was committed before it stays. "
                           : "It ran outside a transaction and may have left something behind. ";
    what += script.again;
  }
  throw with_hint(error, what);
}

void ScriptRunner::begin_session() {
  lease_->ensure();
  std::string sql = session_reset() + watch_client("session") + ";";
  if (!options_.lock_timeout.empty())
    sql += "SET lock_timeout = " + quote_literal(options_.lock_timeout) + ";";
  if (!options_.statement_timeout.empty())
    sql += "SET statement_timeout = " + quote_literal(options_.statement_timeout) + ";";
  connection_->execute(sql);
}

void ScriptRunner::wait_for_next(const std::string& name, const Error& error, int attempt) {
  const std::chrono::milliseconds pause(std::min(10'000, 250 << std::min(attempt - 1, 6)));
  say_(name + ": " + error.message().substr(0, error.message().find('\n')) + "; try " +
       std::to_string(attempt + 1) + " in " + std::to_string(pause.count()) + " ms");
  interrupt::sleep_for(pause);
}

}  // namespace plumbline
