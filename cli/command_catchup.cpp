#include <memory>
#include <set>
#include <string>

#include "catchup/catch_up.h"
#include "catchup/patched.h"
#include "cli/accounts.h"
#include "cli/applied.h"
#include "cli/apply.h"
#include "cli/catch_up_text.h"
#include "cli/commands.h"
#include "cli/comparison.h"
#include "cli/live_fingerprint.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/repair.h"
#include "cli/sides.h"
#include "cli/target.h"
#include "migrations/mark_applied.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

void check_what_is_asked(const CatchUpSettings& asked) {
  if (asked.revert == asked.adopt) {
    throw UsageError(asked.revert ? "--revert and --adopt exclude each other"
                                  : "catchup needs to know which way: --revert or --adopt",
                     "--revert changes live, --adopt writes a migration that describes what is live.");
  }
  if (asked.write && !asked.adopt) {
    throw UsageError("--write goes with --adopt",
                     "What reverts drift on one database is no migration for the others: write it to a file "
                     "with --output and run it there.");
  }
  if (asked.mark_applied && !asked.write)
    throw UsageError("--mark-applied goes with --adopt --write", "It records what --write has written.");
  if (asked.write && !asked.section.empty())
    throw UsageError("--write and --section exclude each other", "A migration has both sections.");
  if (!asked.section.empty() && asked.section != "up" && asked.section != "down" && asked.section != "both")
    throw UsageError("there is no section \"" + asked.section + "\"",
                     "Say --section up, --section down or --section both.");
}

// Live, the migrations, and what differs.
struct Drift {
  MigrationDirectory directory;
  Applied applied;
  Snapshot actual;
  std::string role, fingerprint;
  std::vector<ActivePreset> presets;
  std::unique_ptr<Expected> expected;
  Report report;
  std::vector<Difference> differences;
  std::shared_ptr<const Snapshot> previous;
};

void read_drifted(Drift& drift, SymbolTable& symbols, const Settings& settings) {
  read_live(settings.url, [&](LiveSide& live) {
    drift.applied = applied_state(live.connection(), drift.directory, settings);
    drift.role = migrating_role(live.connection(), drift.applied, settings);
    drift.actual = live.capture(symbols, false, true);
    drift.presets = active_presets(settings.presets, &live.connection());
    drift.report.actual = with_environment(settings, live.description());
  });
  drift.fingerprint = live_fingerprint(drift.actual, drift.applied);
}

Compared compare(Report& report, const Snapshot& actual, const Drift& drift, SymbolTable& symbols,
                 const Settings& settings) {
  return compare_into(report,
                      {.actual = actual,
                       .expected = drift.expected->snapshot(),
                       .symbols = symbols,
                       .attribution = &drift.expected->attribution(),
                       .expected_server = [&] { return &drift.expected->connection(); },
                       .spellings = drift.expected->spellings(),
                       .ledger_tool = drift.applied.tool,
                       .ledger_objects = drift.applied.objects,
                       .own_ledger = drift.applied.own,
                       .presets = drift.presets,
                       .last_run = last_run_of(drift.applied, symbols, settings)},
                      settings);
}

Drift find_drift(SymbolTable& symbols, const Settings& settings) {
  Drift drift;
  drift.directory = migrations_of(settings);
  refuse_not_understood(drift.directory);
  read_drifted(drift, symbols, settings);
  ExpectedOptions options = expected_options(settings, drift.actual.server_version, drift.role);
  options.dependencies = true;
  log::ProgressLine progress;
  options.replay.progress = progress.callback();
  drift.expected = std::make_unique<Expected>(drift.directory, drift.applied.applied, symbols, options);
  Compared compared = compare(drift.report, drift.actual, drift, symbols, settings);
  drift.differences = std::move(compared.differences);
  drift.previous = std::move(compared.previous);
  return drift;
}

CatchUpOptions options_for(const Drift& drift, SymbolTable& symbols, const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  const Nameable among{drift.report.findings, drift.actual, drift.expected->snapshot(), drift.differences};
  CatchUpOptions options = repair_options(settings, among);
  options.online = !asked.offline;
  options.way_back = asked.adopt || !asked.section.empty();
  options.shadow = expected_options(settings, drift.actual.server_version, drift.role).shadow;
  // What is adopted runs on databases whose rows nobody knows; those of live meet its conditions, or nothing
  // does.
  options.ask_live = asker(settings.url);
  options.live_is_source = options.repeatable = asked.revert;
  if (asked.revert) options.previous = drift.previous;
  if (asked.adopt) options.refused = not_to_be_adopted(settings, among, symbols);
  // On a server of the user's nobody knows under whose name: owners are written out.
  if (settings.shadow_url.empty()) options.creator = drift.role;
  return options;
}

ScriptHead head_of(const Drift& drift, const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  ScriptHead head{
      drift.report.findings,
      "For " + drift.report.actual + ", as it differs from the migrations in " + drift.directory.path,
      {asked.revert ? "Catch-up: revert" : "Catch-up: adopt", "Live schema: " + drift.fingerprint},
      settings};
  head.guarded = asked.revert;
  head.each_transaction = asked.write && drift.directory.convention != "plumbline";
  return head;
}

// The tool of the directory would run the new migration here, too.
void mark_written(const Drift& drift, const Settings& settings) {
  const MigrationDirectory now = migrations_of(settings);
  std::set<std::string> before;
  for (const Migration& migration : drift.directory.migrations) before.insert(migration.version);
  for (const Migration& migration : now.migrations) {
    if (before.contains(migration.version)) continue;
    const std::unique_ptr<Connection> live = connect({.conninfo = settings.url});
    if (settings.catch_up.mark_applied) {
      mark_applied(*live, now, settings.migrations, migration.version);
      log::info("recorded " + migration.version + " as applied on live");
    } else {
      log::info("live has what it does; make " + now.convention + " know that:\n" +
                mark_applied_text(how_to_mark_applied(*live, now, settings.migrations, migration.version)));
    }
  }
}

void write_result(const CatchUp& found, const ScriptHead& head, const Drift& drift,
                  const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  if (asked.write) {
    if (found.up.statements.empty()) return;
    log::info("wrote " + write_migration(found, head, drift.directory));
    return mark_written(drift, settings);
  }
  const std::string section = asked.section.empty() ? (asked.revert ? "up" : "both") : asked.section;
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (section == "up") out << found.up_script;
    if (section == "down") out << found.down_script;
    if (section == "both") out << found.up_script << '\n' << found.down_script;
  });
}

int apply(const CatchUp& found, const Drift& drift, SymbolTable& symbols, const Settings& settings) {
  return apply_repair({.found = found,
                       .directory = drift.directory,
                       .applied = drift.applied,
                       .expected = drift.expected->snapshot(),
                       .findings = drift.report.findings,
                       .differences = drift.differences,
                       .fingerprint = drift.fingerprint,
                       .symbols = symbols,
                       .differences_now =
                           [&](const Snapshot& live) {
                             Report unseen;
                             return compare(unseen, live, drift, symbols, settings).differences;
                           }},
                      settings);
}

}  // namespace

int run_catch_up(const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  check_apply_flags(settings);
  check_what_is_asked(asked);
  if (settings.cluster)
    throw UsageError("catchup does not look outside the database",
                     "Use \"plumbline diff --cluster --sql\" for that.");
  check_repair_flags(asked);
  SymbolTable symbols;
  const Drift drift = find_drift(symbols, settings);
  for (const std::string& warning : drift.report.warnings) log::warning(warning);
  if (asked.mark_applied && drift.directory.convention == "plumbline") {
    throw UsageError("--mark-applied is for the ledgers of other tools",
                     "Leave it out, and record the new migration with \"plumbline baseline VERSION\".");
  }
  const Snapshot& expected = drift.expected->snapshot();
  const Goal goal = asked.revert ? Goal{drift.actual, expected, drift.differences, symbols}
                                 : Goal{expected, drift.actual, turned_round(drift.differences), symbols};
  if (goal.differences.empty()) {
    log::info("live is what the migrations describe: there is nothing to do");
    return 0;
  }
  CatchUpOptions options = options_for(drift, symbols, settings);
  const ScriptHead head = head_of(drift, settings);
  options.up = [&](const CatchUp& found) { return up_script(found, head); };
  options.down = [&](const CatchUp& found) {
    return asked.section == "down" ? down_script(found, head) : down_section(found, head);
  };
  const CatchUp found = catch_up_asking(goal, options, settings);
  refuse_unproven(found, settings);
  if (asked.apply) return apply(found, drift, symbols, settings);
  write_result(found, head, drift, settings);
  return tell_what_is_left(found);
}

}  // namespace plumbline
