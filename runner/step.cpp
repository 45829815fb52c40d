#include "runner/step.h"

#include <algorithm>
#include <chrono>

#include "migrations/execution.h"
#include "migrations/header.h"
#include "migrations/scan.h"
#include "migrations/secrets.h"
#include "postgres/error.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"
#include "runner/settle.h"

namespace plumbline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view lost_connection = "08006";

std::int64_t milliseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// Statements that leave something in the session for those behind them.
bool sets_session(std::string_view sql) {
  const std::vector<Token> words = significant_tokens(sql, 4);
  const auto at = [&](std::size_t i, std::string_view word) {
    return i < words.size() && same_word(words[i].of(sql), word);
  };
  if (at(0, "set")) return !at(1, "local") && !at(1, "transaction") && !at(1, "constraints");
  if (at(0, "reset")) return true;
  return at(0, "select") && (at(1, "set_config") || (at(1, "pg_catalog") && at(3, "set_config")));
}

class StepRun : public ExecutionObserver {
 public:
  StepRun(const StepContext& context, const Step& step)
      : context_(context),
        connection_(context.connection),
        step_(step),
        migration_(context.directory.migrations[step.place]),
        script_{shown_file(context.directory, step.down ? migration_.down_file : migration_.file),
                statements_of(context.directory, step), migration_.transactional, context.inside},
        settings_(step_settings(migration_, context.options)),
        done_(step.first),
        running_(step.running),
        mark_(step.mark) {
    for (const SqlStatement& statement : script_.statements) {
      const std::string text = to_lower(statement.text);
      says_read_only_ =
          says_read_only_ || text.find("read only") != text.npos || text.find("read_only") != text.npos;
    }
  }

  StepResult run() {
    const Clock::time_point start = Clock::now();
    start_ = start;
    if (context_.locks) context_.locks->take_waited();
    StepResult result;
    while (!attempt(result.attempts)) ++result.attempts;
    result.duration_ms = milliseconds_since(start);
    result.lock_wait_ms = waited_ms_;
    return result;
  }

  // What is known of a statement in flight, from the catalogue.
  void settle_running() {
    if (running_ == 0) return;
    begin_session();
    const SqlStatement& statement = script_.statements[running_ - 1];
    const Settlement settlement = settle(connection_, statement.text, mark_);
    for (const std::string& index : settlement.dropped)
      say("dropped the index " + index + ", which was left invalid");
    if (settlement.outcome == Fate::unknown) refuse_unknown_fate();
    done_ = settlement.outcome == Fate::done ? running_ : running_ - 1;
    say("statement " + std::to_string(running_) + " of " + std::to_string(count()) + " of " + script_.file +
        (settlement.outcome == Fate::done ? " had been done" : " had not been done"));
    running_ = 0;
    mark_.clear();
    if (done_ < count()) note(done_, 0, "running");
  }

  std::size_t done() const { return done_; }

  bool wants_transactions() const override { return true; }

  void before(std::size_t i) override {
    current_ = i;
    const SqlStatement& statement = script_.statements[i];
    if (connection_.in_transaction() || transaction_control(statement.text) != TransactionControl::none)
      return;
    mark_ = mark_before(connection_, statement.text);
    running_ = i + 1;
    note(i, i + 1, "running");
    // Waiting for others is what the CONCURRENTLY forms do; being cut short would leave an invalid index.
    if (!settings_.lock_timeout_is_own) set_lock_timeout("0", own_lock_timeout_);
  }

  void after(std::size_t i, bool inside) override {
    if (connection_.in_transaction()) return;
    const interrupt::Shield shield;  // what is done is noted, whatever comes
    if (!settings_.lock_timeout_is_own && running_ > 0) set_lock_timeout(own_lock_timeout_, "0");
    running_ = 0;
    const bool committed_by_file =
        inside && transaction_control(script_.statements[i].text) == TransactionControl::commit;
    if (!committed_by_file || unrecorded_) record(i + 1);
    unrecorded_ = false;
    done_ = i + 1;
  }

  // In a transaction that takes no writes there is nothing to lose by noting it afterwards.
  void before_commit(std::size_t done) override {
    unrecorded_ = says_read_only_ && connection_.value("SHOW transaction_read_only") == "on";
    if (!unrecorded_) record(done);
  }
  void after_commit(std::size_t done) override {
    if (unrecorded_) record(done);
    unrecorded_ = false;
    done_ = done;
  }

  [[noreturn]] void failed(const Error& error, std::size_t statement) override {
    if (error.sqlstate() == lost_connection) lose(error, statement);
    throw located(error, script_, statement, "");
  }

 private:
  std::size_t count() const { return script_.statements.size(); }
  void say(const std::string& text) const {
    if (context_.say) context_.say(text);
  }

  bool attempt(int number) {
    finished_ = false;
    try {
      settle_running();
      begin_session();
      repeat_session_settings();
      run_script(connection_, script_, *this, done_);
      if (context_.inside) check_deferred();
      if (!finished_) record(count());
      return true;
    } catch (const Error& error) {
      if (error.sqlstate() == lost_connection) throw;
      finished_ = false;
      roll_back();
      if (context_.inside && !context_.last_try && is_worth_a_retry(error)) throw;
      if (context_.inside || !is_worth_a_retry(error) || number > settings_.retries) fail(error);
      const std::chrono::milliseconds pause = pause_after(number);
      say(script_.file + ": " + error.message().substr(0, error.message().find('\n')) + "; try " +
          std::to_string(number + 1) + " in " + std::to_string(pause.count()) + " ms");
      interrupt::sleep_for(pause);
      return false;
    }
  }

  void roll_back() {
    const interrupt::Shield shield;
    if (connection_.in_transaction()) connection_.execute("ROLLBACK");
  }

  // What a COMMIT here would check is checked here, so that the migration at fault is the one that fails, and
  // no trigger of it is pending when the next one alters its table. Those deferred at first are so again.
  void check_deferred() {
    try {
      connection_.execute("SET CONSTRAINTS ALL IMMEDIATE");
    } catch (const Error& error) {
      failed(error, count());
    }
    const std::string deferred = connection_
                                     .value(
                                         "SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', "
                                         "n.nspname, c.conname), ', ') FROM pg_catalog.pg_constraint c JOIN "
                                         "pg_catalog.pg_namespace n ON n.oid = c.connamespace WHERE "
                                         "c.condeferred AND c.conparentid = 0 AND n.nspname !~ '^pg_' AND "
                                         "pg_catalog.has_schema_privilege(n.oid, 'USAGE')")
                                     .value_or("");
    if (!deferred.empty()) connection_.execute("SET CONSTRAINTS " + deferred + " DEFERRED");
  }

  void begin_session() {
    std::string sql =
        session_start(context_.directory, context_.search_path) + "; " + watch_client("session");
    if (!settings_.lock_timeout.empty())
      sql += "; SET lock_timeout = " + quote_literal(settings_.lock_timeout);
    if (!settings_.statement_timeout.empty())
      sql += "; SET statement_timeout = " + quote_literal(settings_.statement_timeout);
    connection_.execute(sql);
    own_lock_timeout_ = connection_.value("SHOW lock_timeout").value_or("0");
  }

  // What earlier statements have set lives no longer than their session did.
  void repeat_session_settings() {
    for (std::size_t i = 0; i < done_ && i < count(); ++i) {
      if (sets_session(script_.statements[i].text)) connection_.execute(script_.statements[i].text);
    }
  }

  // Unless the file has set another one.
  void set_lock_timeout(const std::string& value, const std::string& instead_of) {
    connection_.execute(
        "SELECT pg_catalog.set_config('lock_timeout', $1, false) "
        "WHERE pg_catalog.current_setting('lock_timeout') = $2",
        {value, instead_of});
  }

  void write(const std::string& sql) {
    if (connection_.in_transaction()) {
      connection_.execute(in_between_as_ourselves(sql));
    } else {
      connection_.execute("BEGIN READ WRITE; " + as_ourselves() + sql + "COMMIT");
    }
  }

  void note(std::size_t done, std::size_t running, const std::string& state, const std::string& error = {}) {
    write(context_.ledger.progress(step_.version, migration_,
                                   {.state = state,
                                    .direction = step_.down ? "down" : "up",
                                    .statements = count(),
                                    .done = done,
                                    .running = running,
                                    .done_checksum = statements_checksum(script_.statements.subspan(0, done)),
                                    .mark = running > 0 ? mark_ : "",
                                    .error = error,
                                    .duration_ms = milliseconds_since(start_)}));
  }

  void record(std::size_t done) {
    if (done < count()) return note(done, 0, "running");
    if (context_.before_commit) context_.before_commit();
    if (context_.locks) waited_ms_ += context_.locks->take_waited().count();
    const std::int64_t duration = milliseconds_since(start_);
    write(context_.ledger.finished(step_.version, migration_, step_.down, duration) +
          context_.ledger.event(event(step_.down ? "rolled_back" : "applied", duration)) +
          (context_.beside_ledger ? context_.beside_ledger() : std::string()));
    finished_ = true;
  }

  HistoryEvent event(const std::string& action, std::int64_t duration) const {
    return {.action = action,
            .version = step_.version,
            .name = migration_.name,
            .direction = step_.down ? "down" : "up",
            .checksum = migration_.checksum,
            .statements = count(),
            .done = finished_ || action != "failed" ? count() : done_,
            .duration_ms = duration,
            .lock_wait_ms = waited_ms_,
            .reason = context_.reason,
            .details = context_.details};
  }

  // Nothing of a transaction is left; what was committed before it is.
  [[noreturn]] void fail(const Error& error) {
    const interrupt::Shield shield;
    if (context_.locks) waited_ms_ += context_.locks->take_waited().count();
    const std::string reason = error.message().substr(0, error.message().find('\n'));
    HistoryEvent failure = event("failed", milliseconds_since(start_));
    failure.reason = reason;
    connection_.execute("SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL");
    if (step_.down && done_ == 0 && running_ == 0) {
      write("UPDATE " + context_.ledger.table("schema_migrations") + " SET error = " + quote_literal(reason) +
            ", changed_at = clock_timestamp() WHERE version = " + quote_literal(step_.version) + "; " +
            context_.ledger.event(failure));
    } else {
      note(done_, running_, "failed", reason);
      write(context_.ledger.event(failure));
    }
    throw Error(error.message() + who_was_in_the_way(error) + leftovers(),
                error.hint() + (error.hint().empty() ? "" : " ") + hint(), error.report());
  }

  std::string who_was_in_the_way(const Error& error) const {
    const std::string seen =
        context_.locks && error.sqlstate() == "55P03" ? context_.locks->in_the_way() : "";
    return seen.empty() ? "" : "\n  it waited for " + seen;
  }

  // An index that the failed statement has left invalid.
  std::string leftovers() {
    if (running_ == 0) return {};
    const std::vector<std::string> invalid = invalid_indexes(connection_);
    return invalid.empty() ? "" : "\n  left invalid: the index " + join(invalid, ", the index ");
  }

  std::string hint() const {
    const bool interrupted = interrupt::signal() != 0;
    if (done_ == 0 && running_ == 0) {
      return std::string("Nothing of this migration was applied: ") +
             (interrupted ? "run the command again." : "correct the file and run it again.");
    }
    return std::to_string(done_) + " of " + std::to_string(count()) + " statements are done. " +
           (interrupted ? "Go on with --resume." : "Correct the rest of the file and go on with --resume.");
  }

  [[noreturn]] void lose(const Error& error, std::size_t statement) const {
    const std::string where =
        statement < count() ? "statement " + std::to_string(statement + 1) + " of " + std::to_string(count())
                            : "its COMMIT";
    const Error said =
        statement < count() ? without_secrets(error, script_.statements[statement].text) : error;
    throw Error(script_.file + ": " + said.message() + ", at " + where,
                "The ledger says what is done: see \"plumbline status\", then run the command again; add "
                "--resume when it asks for that.",
                said.report());
  }

  [[noreturn]] void refuse_unknown_fate() const {
    throw Error("cannot determine whether statement " + std::to_string(running_) + " of " +
                    std::to_string(count()) + " of " + script_.file + " completed",
                "Look at the database, then run \"plumbline repair " + step_.version +
                    " --statement done\" or \"--statement not-done\".");
  }

  const StepContext& context_;
  Connection& connection_;
  const Step& step_;
  const Migration& migration_;
  SqlScript script_;
  StepSettings settings_;
  std::string own_lock_timeout_;
  Clock::time_point start_;
  std::size_t done_, running_, current_ = 0;
  std::string mark_;
  bool finished_ = false;
  bool says_read_only_ = false;
  bool unrecorded_ = false;  // a transaction is committed, and the ledger does not know it yet
  std::int64_t waited_ms_ = 0;
};

}  // namespace

// lock_not_available, deadlock_detected, serialization_failure
bool is_worth_a_retry(const Error& error) {
  if (interrupt::signal() != 0) return false;
  return error.sqlstate() == "55P03" || error.sqlstate() == "40P01" || error.sqlstate() == "40001";
}

std::chrono::milliseconds pause_after(int attempt) {
  return std::chrono::milliseconds(std::min(10'000, 250 << std::min(attempt - 1, 6)));
}

StepSettings step_settings(const Migration& migration, const RunnerOptions& options) {
  StepSettings settings{options.lock_timeout, options.statement_timeout, options.retries};
  const auto said = [&](std::string_view key) { return header_value(migration.up_bytes, key); };
  if (const std::string text = said("lock timeout"); !text.empty()) {
    settings.lock_timeout = text;
    settings.lock_timeout_is_own = true;
  }
  if (const std::string text = said("statement timeout"); !text.empty()) settings.statement_timeout = text;
  if (const std::string text = said("retries"); !text.empty()) settings.retries = std::atoi(text.c_str());
  return settings;
}

StepResult run_step(const StepContext& context, const Step& step) { return StepRun(context, step).run(); }

Step settle_step(const StepContext& context, const Step& step) {
  StepRun run(context, step);
  run.settle_running();
  Step settled = step;
  settled.first = run.done();
  settled.running = 0;
  settled.mark.clear();
  return settled;
}

}  // namespace plumbline
