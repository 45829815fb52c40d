#include "cli/runner_setup.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/accounts.h"
#include "cli/applied.h"
#include "cli/output.h"
#include "cli/runner_json.h"
#include "cli/target.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "report/wording.h"
#include "runner/ledger_schema.h"

namespace plumbline {
namespace {

std::string how(const Migration& migration, const std::vector<SqlStatement>& statements) {
  std::size_t outside = 0;
  for (const SqlStatement& statement : statements) outside += statement.in_transaction ? 0 : 1;
  if (!migration.transactional) return ", each by itself";
  return outside == 0 ? ", in one transaction"
                      : ", " + std::to_string(outside) + " of them outside a transaction";
}

// When no step is left: is there nothing, or nothing yet?
std::string nothing_to_do(const std::string& target, std::size_t waiting) {
  const std::string where = " on " + visible_line(target) + "\n";
  if (waiting == 0) return "nothing to do" + where;
  return "nothing can be applied yet, " + counted(waiting, "migration") + " waiting," + where;
}

void write_text(const RunText& text, const std::vector<StepReport>& reports, const std::string& target,
                std::ostream& out) {
  for (const Waiting& waiting : text.waiting)
    out << "not applied " << visible_line(sentence(text.directory, waiting)) << '\n';
  if (reports.empty()) {
    out << nothing_to_do(target, text.waiting.size());
    return;
  }
  std::int64_t total = 0, waited = 0;
  for (const StepReport& report : reports) {
    out << (report.direction == "down" ? "rolled back " : "applied ")
        << visible_line(report.version + "  " + report.file) << "  " << duration_text(report.duration_ms);
    if (report.lock_wait_ms > 0)
      out << ", " << duration_text(report.lock_wait_ms) << " of it waiting for locks";
    if (report.attempts > 1) out << ", " << report.attempts << " tries";
    if (!report.schema_version.empty()) out << ", schema version " << visible_line(report.schema_version);
    if (!report.rolled_back.empty()) out << "; taken back: " << visible_line(report.rolled_back);
    out << '\n';
    total += report.duration_ms;
    waited += report.lock_wait_ms;
  }
  out << counted(reports.size(), "migration") << " on " << visible_line(target) << ", "
      << duration_text(total);
  if (waited > 0) out << ", " << duration_text(waited) << " waiting for locks";
  out << '\n';
}

}  // namespace

RunnerOptions runner_options(const Settings& settings, const RunnerFlags& flags) {
  RunnerOptions options = settings.runner;
  if (flags.wait) options.wait = *flags.wait;
  options.out_of_order = options.out_of_order || flags.out_of_order;
  options.require_approval = options.require_approval || flags.require_approval;
  options.check_effect = options.check_effect || flags.check_effect;
  if (flags.no_backup) {
    options.backup_command.clear();
    options.backup_directory.clear();
  }
  return options;
}

MigrationDirectory load_directory(const Settings& settings, Strays strays) {
  MigrationDirectory directory = migrations_of(settings);
  for (const std::string& warning : directory.warnings) log::detail(warning);
  if (!directory.code_versions.empty()) {
    log::detail(counted(directory.code_versions.size(), "migration") + " are programs and are not run");
  }
  if (strays == Strays::refuse) refuse_not_understood(directory);
  if (strays == Strays::warn) warn_of_not_understood(directory);
  return directory;
}

Runner::Connect connector(const Settings& settings) {
  return [url = settings.url] { return connect({.conninfo = url}); };
}

void refuse_foreign_ledger(Connection& connection, const MigrationDirectory& directory,
                           const Settings& settings) {
  refuse_ledger_elsewhere(connection, settings.runner.ledger_schema);
  const Applied applied = read_ledger(connection, directory, settings.migrations);
  if (applied.tool.empty() || applied.tool == "plumbline" || applied.applied.empty()) return;
  throw Error(
      "live has a ledger of " + applied.tool + " (" + applied.table + ") and none of plumbline",
      "Take over what it says with \"plumbline baseline --import\"; from then on plumbline migrates.");
}

std::unique_ptr<KeptLedger> keep_tool_ledger(Runner& runner, const MigrationDirectory& directory,
                                             const Settings& settings) {
  Connection& live = runner.connection();
  const std::string& tool = settings.runner.keep_ledger_of;
  if (tool.empty()) {
    const Applied left = read_tool_ledger(live, directory, settings.migrations);
    if (!left.tool.empty() && left.tool != "plumbline") {
      log::warning("the ledger of " + left.tool + " (" + left.table +
                   ") is not written: it would run these migrations again; keep_ledger_of = " +
                   toml_string(directory.convention) + " under [runner] in plumbline.toml writes it, too");
    }
    return nullptr;
  }
  const Applied ours = read_ledger(live, directory, settings.migrations);
  auto kept =
      std::make_unique<KeptLedger>(live, directory, settings.migrations, tool,
                                   ours.tool == "plumbline" ? ours.applied : std::vector<std::size_t>());
  for (const std::size_t place : kept->missing()) {
    const std::string& version = directory.migrations[place].version;
    std::string sql = "BEGIN; " + as_ourselves() + kept->sql(place, false);
    sql +=
        runner.ledger().event({.action = "recorded_elsewhere", .version = version, .details = kept->table()});
    live.execute(sql + "COMMIT");
    kept->confirm(live, place, false);
    log::info(fmt::format("recorded {} in {}, the ledger of {}", version, kept->table(), tool));
  }
  return kept;
}

std::string duration_text(std::int64_t milliseconds) {
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  const std::string hundredths = std::to_string(milliseconds / 10 % 100 + 100).substr(1);
  return std::to_string(milliseconds / 1000) + "." + hundredths + " s";
}

std::vector<std::string> describe_plan(const MigrationDirectory& directory, const MigrationPlan& plan) {
  std::vector<std::string> lines;
  for (const Step& step : plan.steps) {
    const Migration& migration = directory.migrations[step.place];
    const std::vector<SqlStatement>& statements = statements_of(directory, step);
    std::string line = (step.down ? "down " : "up ") + (step.down ? migration.down_file : migration.file) +
                       ": " + counted(statements.size(), "statement") + how(migration, statements);
    if (step.first > 0) line += "; goes on behind statement " + std::to_string(step.first);
    lines.push_back(std::move(line));
  }
  return lines;
}

void say_plan(const MigrationDirectory& directory, const MigrationPlan& plan, const std::string& target) {
  constexpr std::size_t limit = 20;
  const std::vector<std::string> lines = describe_plan(directory, plan);
  log::info("plan: " + counted(lines.size(), "migration") + (target.empty() ? "" : " on " + target));
  for (std::size_t i = 0; i < lines.size() && i < limit; ++i) log::info("  " + lines[i]);
  if (lines.size() > limit) log::info("  and " + std::to_string(lines.size() - limit) + " more");
  if (plan.one_transaction && !lines.empty()) log::info("all of it is one transaction");
  for (const Waiting& waiting : plan.waiting)
    log::warning(sentence(directory, waiting) + ". " + waiting.next);
  for (const std::string& warning : plan.warnings) log::warning(warning);
}

RunnerTalk::RunnerTalk(const MigrationDirectory& directory, const RunnerOptions& options)
    : directory_(directory), options_(options) {}

RunnerListener RunnerTalk::listener() {
  RunnerListener listener;
  listener.say = [](const std::string& text) { log::info(text); };
  listener.planned = [this](const MigrationPlan& plan) {
    waiting_ = plan.waiting;
    say_plan(directory_, plan, target_);
  };
  listener.starting = [this](const Step& step, std::size_t number, std::size_t total) {
    progress_.callback()(directory_.migrations[step.place].file, number, total);
  };
  listener.finished = [](const StepReport& report) {
    log::done((report.direction == "down" ? "rolled back " : "applied ") + report.file + " in " +
              duration_text(report.duration_ms));
  };
  return listener;
}

void write_run(const Settings& settings, const RunnerFlags& flags, const RunText& text,
               const std::vector<StepReport>& reports) {
  write_output(settings, [&](const Output&, std::ostream& out) {
    flags.json ? write_json(text, reports, out)
               : write_text(text, reports, described_target(settings, text.database), out);
  });
}

void write_plan(const Settings& settings, const RunnerFlags& flags, const RunText& text,
                const MigrationPlan& plan) {
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json(text, plan, out);
    const std::string target = visible_line(described_target(settings, text.database));
    for (const std::string& line : describe_plan(text.directory, plan)) out << visible_line(line) << '\n';
    for (const Waiting& waiting : plan.waiting)
      out << visible_line(sentence(text.directory, waiting)) << '\n';
    if (plan.steps.empty()) out << nothing_to_do(target, plan.waiting.size());
    if (!plan.steps.empty()) out << "plan " << plan_hash(text.directory, plan) << " on " << target << '\n';
  });
}

}  // namespace plumbline
