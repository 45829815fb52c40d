#include "cli/status.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "cli/sides.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_environment.h"
#include "runner/ledger_schema.h"
#include "runner/record.h"
#include "runner/settle.h"

namespace plumbline {
namespace {

void fill(MigrationState& state, const LedgerEntry& entry) {
  state.applied_by = entry.applied_by;
  state.applied_at = entry.applied_at;
  state.error = entry.error;
  state.statements = entry.statements;
  state.done = entry.done;
  state.running = entry.running;
  state.duration_ms = entry.duration_ms;
  // Half of a down that was begun is still told.
  if (entry.state == "failed" || entry.state == "running" || entry.state == "rolled_back")
    state.state = entry.state;
}

// By what is applied, in whichever ledger that stands; the times are in ours.
void fill_waiting(StatusReport& report, const MigrationDirectory& directory, const LedgerEntries& own) {
  LedgerEntries entries;
  for (const MigrationState& state : report.migrations) {
    if (state.state != "applied") continue;
    const auto entry = own.find(state.version);
    LedgerEntry applied = entry == own.end() ? LedgerEntry{} : entry->second;
    applied.state = state.state;
    entries.emplace(state.version, std::move(applied));
  }
  for (Waiting& waiting : waiting_migrations(directory, entries)) {
    const std::size_t place = waiting.place;
    report.migrations[place].waiting = std::move(waiting);
  }
}

void read_own_ledger(StatusReport& report, Connection& live, const std::string& schema,
                     const LedgerEntries& entries) {
  for (MigrationState& state : report.migrations) {
    const auto entry = entries.find(state.version);
    if (entry != entries.end()) fill(state, entry->second);
  }
  if (ledger_form(live, schema).version == 0) return;
  const BriefLocks tries(live);
  try {
    report.schema_version =
        live.value("SELECT " + quote_qualified(schema, "get_current_schema_version") + "()").value_or("");
    report.lease = read_lease(live, schema);
    report.last_snapshot_at =
        live.value("SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS OF') FROM " +
                   quote_qualified(schema, "schema_snapshots") + " ORDER BY id DESC LIMIT 1")
            .value_or("");
    const LedgerWriter ledger(schema);
    report.open_run = open_run(live, ledger);
    if (report.open_run) report.its_applied = applied_in(live, ledger, *report.open_run);
  } catch (const Error&) {  // a role that may read schema_migrations alone is told what that says
  }
}

// What the directory says; of the states nothing is known yet.
void list_files(StatusReport& report, const MigrationDirectory& directory) {
  const std::vector<std::string> keys = ledger_keys(directory);
  for (std::size_t i = 0; i < directory.migrations.size(); ++i) {
    const Migration& migration = directory.migrations[i];
    MigrationState state;
    state.version = keys[i];
    state.file = migration.file;
    state.name = migration.name;
    state.type = migration.type;
    state.phase = migration.phase;
    state.state = "unknown";
    report.migrations.push_back(std::move(state));
  }
  report.other_files = directory.other_files;
}

}  // namespace

std::size_t StatusReport::count(std::string_view state) const {
  return static_cast<std::size_t>(std::ranges::count(migrations, state, &MigrationState::state));
}

bool is_unfinished(const MigrationState& migration) {
  return migration.state == "failed" || migration.state == "running" || migration.done > 0 ||
         migration.running > 0;
}

bool StatusReport::is_at_work_on(const MigrationState& migration) const {
  return lease && lease->alive &&
         (lease->doing == migration.version || lease->doing == "the down of " + migration.version);
}

bool StatusReport::is_broken() const {
  if (open_run && !(lease && lease->alive)) return true;
  return std::ranges::any_of(
      migrations, [this](const MigrationState& each) { return is_unfinished(each) && !is_at_work_on(each); });
}

namespace {

StatusReport standing_on(LiveSide& live, const MigrationDirectory& directory, const Settings& settings) {
  StatusReport report;
  report.database = live.connection().description();
  const Applied applied = read_ledger(live.connection(), directory, settings.migrations);
  report.tool = applied.tool;
  report.ledger = applied.table;
  report.unknown = applied.unknown;
  const std::set<std::size_t> done(applied.applied.begin(), applied.applied.end());
  const std::set<std::size_t> edited(applied.edited.begin(), applied.edited.end());
  list_files(report, directory);
  for (std::size_t i = 0; i < report.migrations.size(); ++i) {
    report.migrations[i].state = done.contains(i) ? "applied" : "pending";
    report.migrations[i].edited = edited.contains(i);
  }
  const LedgerForm form = ledger_form(live.connection(), settings.runner.ledger_schema);
  report.environment = settings.environment;
  if (const std::string known = ledger_environment(live.connection(), settings.runner.ledger_schema);
      !known.empty())
    report.environment = known;
  const std::string& schema = settings.runner.ledger_schema;
  const LedgerEntries entries = read_entries(live.connection(), schema);
  if (form.ledger_exists) read_own_ledger(report, live.connection(), schema, entries);
  fill_waiting(report, directory, entries);
  report.invalid_indexes = invalid_indexes(live.connection());
  report.drift_since_run = drift_since_last_run(live.connection(), settings.runner.ledger_schema);
  live.close();
  return report;
}

}  // namespace

StatusReport status_without_live(const MigrationDirectory& directory) {
  StatusReport report;
  list_files(report, directory);
  return report;
}

StatusReport read_status(const MigrationDirectory& directory, const Settings& settings) {
  return read_live(settings.url, [&](LiveSide& live) { return standing_on(live, directory, settings); });
}

}  // namespace plumbline
