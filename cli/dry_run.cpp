#include "cli/dry_run.h"

#include <algorithm>
#include <ostream>

#include "cli/output.h"
#include "cli/runner_setup.h"
#include "cli/target.h"
#include "migrations/execution.h"
#include "migrations/secrets.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "report/wording.h"

namespace plumbline {
namespace {

// Writes down what it is told to send, so that a dry run shows what a run does, and not what we think of it.
class Transcript : public Connection {
 public:
  explicit Transcript(std::ostream& out) : out_(out) {}

  int version() const override { return 0; }
  int version_number() const override { return 0; }
  std::string database() const override { return {}; }
  std::string user() const override { return {}; }
  std::string description() const override { return {}; }
  void query(std::string_view, const EachRow&) override {}
  void query(std::string_view, Parameters, const EachRow&) override {}
  void stream(std::string_view, const EachRow&) override {}
  void execute(std::string_view sql) override {
    write(sql);
    const TransactionControl control = transaction_control(sql);
    if (control == TransactionControl::begin) in_transaction_ = true;
    if (control == TransactionControl::commit || control == TransactionControl::rollback)
      in_transaction_ = false;
  }
  void copy_in(std::string_view sql, std::string_view data) override {
    write(sql);
    out_ << shown(data) << (data.empty() || data.ends_with('\n') ? "" : "\n") << "\\.\n";
  }
  bool in_transaction() const override { return in_transaction_; }
  void on_notice(std::function<void(std::string_view)>) override {}

  void comment(const std::string& text) { out_ << sql_comment_line(text); }
  void blank_line() { out_ << '\n'; }

 private:
  // Behind a comment at the end of the statement a semicolon would be a part of it.
  void write(std::string_view sql) {
    const std::string_view last = sql.substr(sql.rfind('\n') + 1);  // npos + 1 is 0
    out_ << shown(masked(sql)) << (last.find("--") == last.npos ? ";\n" : "\n;\n");
  }

  // As it is, unless it holds what steers a terminal or hides from the reader.
  std::string shown(std::string_view sql) {
    std::string text(sql);
    std::erase(text, '\r');
    if (visible(text) == text) return std::string(sql);
    comment("What cannot be seen is spelled out in what follows: it is sent as the file has it.");
    return visible(sql);
  }

  std::string masked(std::string_view sql) {
    std::string text = without_secrets(sql);
    if (text != sql) comment("Secrets are '***' in what follows: it is sent as the file has it.");
    return text;
  }

  std::ostream& out_;
  bool in_transaction_ = false;
};

// One step as the runner would send it, with what its ledger would say in between.
class DryStep : public ExecutionObserver {
 public:
  DryStep(Transcript& out, const MigrationDirectory& directory, const Step& step,
          const StepSettings& settings)
      : out_(out), directory_(directory), step_(step), settings_(settings) {}

  // `inside`: in a transaction of the whole run.
  void run(const std::string& search_path, bool inside) {
    const Migration& migration = directory_.migrations[step_.place];
    out_.execute(session_start(directory_, search_path));
    if (!settings_.lock_timeout.empty())
      out_.execute("SET lock_timeout = " + quote_literal(settings_.lock_timeout));
    if (!settings_.statement_timeout.empty())
      out_.execute("SET statement_timeout = " + quote_literal(settings_.statement_timeout));
    run_script(
        out_,
        {step_.down ? migration.down_file : migration.file, statements(), migration.transactional, inside},
        *this, step_.first);
    if (!finished_) record(statements().size());
  }

  bool wants_transactions() const override { return true; }
  void before(std::size_t statement) override {
    is_outside_ = !out_.in_transaction() &&
                  transaction_control(statements()[statement].text) == TransactionControl::none;
    if (!is_outside_) return;
    out_.comment("The ledger records: statement " + std::to_string(statement + 1) + " is running.");
    if (!settings_.lock_timeout_is_own) out_.execute("SET lock_timeout = 0");
  }
  void after(std::size_t statement, bool) override {
    if (!is_outside_) return;
    if (!settings_.lock_timeout_is_own)
      out_.execute(settings_.lock_timeout.empty()
                       ? std::string("RESET lock_timeout")
                       : "SET lock_timeout = " + quote_literal(settings_.lock_timeout));
    record(statement + 1);
  }
  void before_commit(std::size_t done) override { record(done); }
  [[noreturn]] void failed(const Error& error, std::size_t) override { throw Error(error); }

 private:
  const std::vector<SqlStatement>& statements() const { return statements_of(directory_, step_); }

  void record(std::size_t done) {
    finished_ = done == statements().size();
    const std::string what =
        finished_ ? std::string(step_.down ? "rolled back" : "applied")
                  : std::to_string(done) + " of " + counted(statements().size(), "statement") + " done";
    out_.comment("The ledger records" + std::string(out_.in_transaction() ? ", in this transaction" : "") +
                 ": " + step_.version + " is " + what + ".");
  }

  Transcript& out_;
  const MigrationDirectory& directory_;
  const Step& step_;
  StepSettings settings_;
  bool is_outside_ = false, finished_ = false;
};

void write_script(const Settings& settings, const RunnerOptions& options, const RunText& text,
                  const MigrationPlan& plan, std::ostream& out) {
  Transcript transcript(out);
  const std::string target = described_target(settings, text.database);
  for (const Waiting& waiting : plan.waiting)
    transcript.comment("Not sent: " + sentence(text.directory, waiting) + ".");
  if (plan.steps.empty())
    return transcript.comment(
        (plan.waiting.empty() ? "There is nothing to do on " : "Nothing can be sent yet to ") + target + ".");
  transcript.comment("A dry run: nothing was changed. This would be sent to " + target + ".");
  transcript.comment(
      "Plan " + plan_hash(text.directory, plan) +
      ". The ledger is written by plumbline alone: run by hand, these statements are not in it.");
  const std::vector<std::string> lines = describe_plan(text.directory, plan);
  if (plan.one_transaction) transcript.execute("BEGIN");
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    transcript.blank_line();
    transcript.comment("Migration " + step.version + ", " + lines[i]);
    DryStep(transcript, text.directory, step, step_settings(text.directory.migrations[step.place], options))
        .run(settings.search_path, plan.one_transaction);
  }
  if (plan.one_transaction) transcript.execute("COMMIT");
}

}  // namespace

void write_dry_run(const Settings& settings, const RunnerFlags& flags, const RunText& text,
                   const MigrationPlan& plan) {
  if (flags.json) return write_plan(settings, flags, text, plan);
  say_plan(text.directory, plan, described_target(settings, text.database));
  write_output(settings, [&](const Output&, std::ostream& out) {
    write_script(settings, runner_options(settings, flags), text, plan, out);
  });
}

}  // namespace plumbline
