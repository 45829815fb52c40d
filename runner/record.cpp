#include "runner/record.h"

#include <algorithm>
#include <sstream>

#include "diff/compare.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_schema.h"
#include "runner/without_ledger.h"
#include "snapshot/capture.h"
#include "snapshot/json.h"
#include "snapshot/undisturbed.h"

namespace plumbline {
namespace {

constexpr int snapshots_kept = 5;
constexpr std::size_t largest_snapshot = 32U << 20U;

std::vector<Finding> changes_between(const Snapshot& before, const Snapshot& after) {
  return findings(after, before, compare(after, before));
}

std::string verb_of(const Finding& change) {
  switch (change.verb) {
    case Difference::Verb::missing:
      return " dropped";
    case Difference::Verb::unexpected:
      return " added";
    default:
      return " changed";
  }
}

}  // namespace

Snapshot read_schema(Connection& connection, SymbolTable& symbols) {
  return undisturbed({}, [&](bool last) {
    connection.execute(session_reset());
    const ReadTransaction transaction(connection);
    CaptureOptions options;
    options.names_vanished = last;
    options.identity = true;
    return without_ledger(capture(connection, symbols, options), connection);
  });
}

std::optional<Snapshot> last_snapshot(Connection& connection, const std::string& ledger_schema,
                                      SymbolTable& symbols) {
  if (ledger_form(connection, ledger_schema).version == 0) return std::nullopt;
  // A view would run somebody's code.
  const auto kind = connection.value("SELECT relkind FROM pg_catalog.pg_class WHERE oid = to_regclass($1)",
                                     {quote_qualified(ledger_schema, "schema_snapshots")});
  if (kind != "r") return std::nullopt;
  const auto text =
      connection.value("SELECT coalesce(snapshot, '') FROM " +
                       quote_qualified(ledger_schema, "schema_snapshots") + " ORDER BY id DESC LIMIT 1");
  if (!text || text->empty()) return std::nullopt;
  std::istringstream in(*text);
  return read_json(in, symbols, "the snapshot in the ledger");
}

std::optional<std::size_t> drift_since_last_run(Connection& connection, const std::string& ledger_schema) {
  try {
    const BriefLocks tries(connection);
    SymbolTable symbols;
    const std::optional<Snapshot> last = last_snapshot(connection, ledger_schema, symbols);
    if (!last) return std::nullopt;
    const Snapshot now = without_ledger(capture(connection, symbols), connection);
    return changes_between(*last, now).size();
  } catch (const Error&) {  // not every role may read the whole ledger
    return std::nullopt;
  }
}

std::string change_of_version(const std::vector<Finding>& changes) {
  const auto is = [&](Class meaning) {
    return std::ranges::any_of(changes, [&](const Finding& each) { return each.meaning == meaning; });
  };
  const auto drops = [](const Finding& each) { return each.verb == Difference::Verb::missing; };
  if (is(Class::breaking) || std::ranges::any_of(changes, drops)) return "major";
  const auto adds = [](const Finding& each) { return each.verb == Difference::Verb::unexpected; };
  return is(Class::additive) || std::ranges::any_of(changes, adds) ? "minor" : "patch";
}

std::string summary_of(const std::vector<Finding>& changes, std::size_t limit) {
  std::vector<std::string> parts;
  for (const Finding& each : changes) {
    if (parts.size() == limit) break;
    parts.push_back(each.label + " " + each.object() + verb_of(each));
  }
  std::string text = join(parts, ", ");
  if (changes.size() > limit) text += " and " + std::to_string(changes.size() - limit) + " more";
  return text;
}

Record::Record(const RunnerOptions& options, RunnerListener listener)
    : options_(options), listener_(std::move(listener)), ledger_(options.ledger_schema) {}

void Record::before(Connection& connection) {
  if (options_.schema_versions == "off") return;
  known_ = read_schema(connection, symbols_);
  alert(connection);
}

// Whether plumbline itself has changed something since the last snapshot, which only a run that ends leaves:
// another was killed or failed, perhaps in the midst of a migration, or a repair was made.
bool Record::may_be_ours(Connection& connection) const {
  const std::string since =
      " > (SELECT at FROM " + ledger_.table("schema_snapshots") + " ORDER BY id DESC LIMIT 1)";
  return connection.value("SELECT EXISTS (SELECT FROM " + ledger_.table("migration_history") +
                          " WHERE action IN ('applied', 'rolled_back', 'repaired', 'catch_up') AND at" +
                          since + ") OR EXISTS (SELECT FROM " + ledger_.table("schema_migrations") +
                          " WHERE (statement_running IS NOT NULL OR statements_done > 0) AND changed_at" +
                          since + ")") == "t";
}

// What changed since the last run and was not made by a migration.
void Record::alert(Connection& connection) {
  const std::optional<Snapshot> last = last_snapshot(connection, options_.ledger_schema, symbols_);
  if (!last) return;
  const std::vector<Finding> changes = changes_between(*last, *known_);
  const std::string alerts = ledger_.table("schema_drift_alerts");
  if (changes.empty()) {
    connection.execute("UPDATE " + alerts +
                       " SET resolved_at = clock_timestamp() WHERE resolved_at IS NULL AND report IS NULL");
    return;
  }
  const std::string summary = summary_of(changes);
  if (may_be_ours(connection)) {
    if (listener_.say)
      listener_.say(
          "since the last run that ended the schema has changed, by plumbline's own work since or by other "
          "hands: " +
          summary);
    return;
  }
  connection.execute("INSERT INTO " + alerts +
                         " (since, findings, summary) SELECT max(id), $1::int, $2 FROM " +
                         ledger_.table("schema_snapshots"),
                     {std::to_string(changes.size()), summary});
  if (listener_.say) listener_.say("since the last run the schema was changed by other hands: " + summary);
}

Record::Changes Record::take_changes(Connection& connection) {
  Snapshot now = read_schema(connection, symbols_);
  Changes changes{.made = changes_between(*known_, now), .undone = changes_between(now, *known_)};
  known_ = std::move(now);
  return changes;
}

// What a down takes back as a whole breaks nothing that was there before its migration: it raises what the
// migration had raised. A down that takes away more, or something else, or more than the ledger's summary of
// the migration names, is judged by what it did.
std::string Record::change_of_down(Connection& connection, const Changes& changes,
                                   const std::string& migration) {
  std::string raised;
  connection.query("SELECT change, description FROM " + ledger_.table("schema_versions") +
                       " WHERE migration = $1 ORDER BY id DESC LIMIT 1",
                   {migration}, [&](const Row& row) {
                     if (row[1] == summary_of(changes.undone)) raised = row[0];
                   });
  const bool agrees = !changes.undone.empty() && changes.undone.size() <= changes_in_summary &&
                      raised == change_of_version(changes.undone);
  return agrees && raised != "major" ? raised : change_of_version(changes.made);
}

std::string Record::log_version(Connection& connection, const std::string& migration, bool down) {
  const Changes changes = take_changes(connection);
  const std::string change =
      down ? change_of_down(connection, changes, migration) : change_of_version(changes.made);
  return connection
      .value("SELECT " + ledger_.table("raise_schema_version") + "($1::text, $2::text, $3::text)",
             {change, migration, summary_of(changes.made)})
      .value_or("");
}

void Record::after(Connection& connection, const Step& step, StepReport& report) {
  if (options_.schema_versions != "each") return;
  report.schema_version = log_version(connection, step.version, step.down);
}

void Record::last(Connection& connection, const std::vector<StepReport>& reports) {
  if (options_.schema_versions == "off" || reports.empty()) return;
  const std::string& migration = reports.back().version;
  const bool down = std::ranges::all_of(reports, [](const auto& each) { return each.direction == "down"; });
  if (options_.schema_versions == "run") log_version(connection, migration, down);
  std::ostringstream text;
  write_json(*known_, text);
  const Parameter snapshot = text.str().size() <= largest_snapshot ? Parameter(text.str()) : std::nullopt;
  const std::string table = ledger_.table("schema_snapshots");
  connection.execute("INSERT INTO " + table +
                         " (migration, fingerprint, objects, server_version, snapshot) "
                         "VALUES ($1, $2, $3, $4, $5)",
                     {migration, known_->fingerprint(), std::to_string(known_->size()),
                      std::to_string(connection.version()), snapshot});
  connection.execute("UPDATE " + table +
                     " SET snapshot = NULL WHERE snapshot IS NOT NULL AND id <= (SELECT max(id) - " +
                     std::to_string(snapshots_kept) + " FROM " + table + ")");
}

}  // namespace plumbline
