#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/accounts.h"
#include "cli/applied.h"
#include "cli/commands.h"
#include "cli/comparison.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/render.h"
#include "cli/sides.h"
#include "cli/standings.h"
#include "cli/target.h"
#include "cli/witness.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "report/wording.h"
#include "snapshot/capture.h"
#include "snapshot/coverage.h"

namespace plumbline {

namespace {

namespace fs = std::filesystem;

// As whoever looks at the repository finds it, wherever we are started; outside of one as it was given.
std::string path_in_repository(const std::string& path) {
  std::error_code failed;
  const fs::path whole = fs::weakly_canonical(path, failed);
  for (fs::path folder = whole; !failed && folder.has_relative_path(); folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", failed)) return whole.lexically_relative(folder).generic_string();
  }
  return path;
}

void say_what_was_replayed(const Expected& expected, const Applied& applied) {
  log::detail((expected.from_cache() ? "took from the cache the schema of " : "replayed ") +
              counted(applied.applied.size(), "migration") + ", PostgreSQL " +
              std::to_string(expected.server_version()));
}

void say_what_is_compared(Report& report, const MigrationDirectory& directory, const Applied& applied,
                          const Settings& settings) {
  report.tool_version = PLUMBLINE_VERSION;
  report.command = "check";
  report.migrations = path_in_repository(directory.path);
  report.convention = directory.convention;
  report.at = settings.at == "applied" ? applied.version : settings.at;
  report.expected = "migrations in " + directory.path + (report.at.empty() ? "" : " at " + report.at);
  report.warnings = settings.warnings;
}

void say_what_is_pending(Report& report, const MigrationDirectory& directory, const Applied& applied) {
  for (const std::size_t place : applied.pending) {
    report.pending.push_back({directory.migrations[place].version, directory.migrations[place].file});
  }
}

void say_what_is_odd(Report& report, const MigrationDirectory& directory, const Applied& applied) {
  report.warnings.insert(report.warnings.end(), directory.warnings.begin(), directory.warnings.end());
  if (!applied.failed.empty()) {
    report.warnings.push_back("the ledger " + applied.table +
                              " says these failed or are half done: " + few_of(applied.failed));
  }
  for (const std::size_t place : applied.edited) {
    const std::string& file = directory.migrations[place].file;
    report.warnings.push_back(file + " was edited after it was applied");
    for (Finding& finding : report.findings) {
      if (finding.last_changed && finding.last_changed->file == file) {
        finding.cause = "migration edited after it was applied";
      }
    }
  }
}

// All that is read of live, in one transaction.
struct Live {
  Applied applied;
  Snapshot snapshot;
  std::string description, role;
  int version = 0;
  decltype(Report::not_compared) not_compared;
  std::vector<Condition> conditions;
  std::vector<ActivePreset> presets;
};

Live live_of(LiveSide& side, const MigrationDirectory& directory, SymbolTable& symbols,
             const Settings& settings) {
  Connection& connection = side.connection();
  Live live;
  live.applied = applied_state(connection, directory, settings);
  live.role = migrating_role(connection, live.applied, settings);
  live.snapshot = side.capture(symbols, settings.cluster, wants(settings, "html"));
  live.description = side.description();
  live.version = connection.version();
  live.not_compared = not_compared(connection);
  live.conditions = conditions_of(connection);
  live.presets = active_presets(settings.presets, &connection);
  return live;
}

void say_about_versions(Report& report) {
  if (report.actual_version == report.expected_version) return;
  report.warnings.push_back(
      "the migrations were replayed on PostgreSQL " + std::to_string(report.expected_version) + ", live is " +
      std::to_string(report.actual_version) + ": install that version's server here for an exact answer");
}

}  // namespace

int run_check(const Settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  const MigrationDirectory directory = migrations_of(settings);
  refuse_not_understood(directory);
  check_witness(settings);
  SymbolTable symbols;
  const bool page = wants(settings, "html");
  Report report;
  Live live =
      read_live(settings.url, [&](LiveSide& side) { return live_of(side, directory, symbols, settings); });
  report.actual = with_environment(settings, live.description);
  report.not_compared = live.not_compared;
  report.conditions = live.conditions;
  const Applied& applied = live.applied;
  const Snapshot& actual = live.snapshot;
  ExpectedOptions options = expected_options(settings, live.version, live.role);
  options.dependencies = page;

  log::ProgressLine progress;
  options.replay.progress = progress.callback();
  Expected expected(directory, applied.applied, symbols, options);
  say_what_was_replayed(expected, applied);
  say_what_is_compared(report, directory, applied, settings);
  const Compared compared = compare_into(report,
                                         {.actual = actual,
                                          .expected = expected.snapshot(),
                                          .symbols = symbols,
                                          .attribution = &expected.attribution(),
                                          .expected_server = [&] { return &expected.connection(); },
                                          .spellings = expected.spellings(),
                                          .ledger_tool = applied.tool,
                                          .ledger_objects = applied.objects,
                                          .own_ledger = applied.own,
                                          .presets = std::move(live.presets),
                                          .last_run = last_run_of(applied, symbols, settings)},
                                         settings);
  call_witness(
      report, compared.all, [&] { return settings.url; }, [&] { return expected.conninfo(); }, settings);
  say_what_is_pending(report, directory, applied);
  say_what_is_odd(report, directory, applied);
  say_about_versions(report);
  add_warnings(report, expected.warnings());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (page) {
    add_timeline(report, directory, expected.attribution());
    add_diagram(report, {&actual, &expected.snapshot()});
  }
  tell_time(report);
  tell_standings(report, settings);
  write_report(report, settings);
  return exit_code_of(report, settings);
}

}  // namespace plumbline
