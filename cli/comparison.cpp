#include "cli/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

#include "cli/log.h"
#include "diff/compare.h"
#include "diff/ignore.h"
#include "diff/rename.h"
#include "diff/renamed.h"
#include "expected/equivalence.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "report/escape.h"
#include "report/wording.h"
#include "runner/without_ledger.h"
#include "snapshot/filter.h"
#include "snapshot/json.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[11];
  std::strftime(text, sizeof text, "%F", &parts);
  return text;
}

// Takes out of the differences what only the spelling makes; returns how many texts that were.
std::size_t drop_equivalent(std::vector<Difference>& differences, const Comparison& comparison,
                            Report& report) {
  Equivalence equivalence(comparison.expected_server, comparison.spellings);
  const std::size_t count = drop_same(differences, comparison.actual, comparison.expected,
                                      [&](const auto&... values) { return equivalence.same(values...); });
  if (equivalence.unanswered() > 0) {
    report.warnings.push_back(std::to_string(equivalence.unanswered()) +
                              " differing texts may mean the same: no server that has the schema was asked");
  }
  return count;
}

Origin origin_of(const Place& place) { return {place.file, place.line}; }

// The statement that gave an attribute its expected value. What is told as an attribute of its parent (a
// column's default) has an entry of its own.
std::optional<Origin> since(const Attribution& attribution, const ObjectId& id, const Provenance& own,
                            std::string_view name) {
  for (std::size_t i = 0; i < id.kind->attributes.size(); ++i) {
    if (id.kind->attributes[i].name == name) return origin_of(own.of(i));
  }
  for (const Kind* kind : all_kinds()) {
    if (kind->reported_as != name) continue;
    const auto found = attribution.find({kind, id.schema, id.parent, id.name});
    if (found != attribution.end()) return origin_of(found->second.changed);
  }
  return std::nullopt;
}

void attribute(std::vector<Finding>& findings, const Comparison& comparison) {
  if (!comparison.attribution) return;
  for (Finding& finding : findings) {
    const ObjectId id{find_kind(finding.kind), comparison.symbols.intern(finding.schema),
                      comparison.symbols.intern(finding.parent), comparison.symbols.intern(finding.name)};
    const auto found = comparison.attribution->find(id);
    if (finding.verb == Difference::Verb::unexpected || found == comparison.attribution->end()) continue;
    finding.created = origin_of(found->second.created);
    finding.last_changed = origin_of(found->second.changed);
    if (finding.verb != Difference::Verb::changed) continue;
    for (AttributeChange& change : finding.changes) {
      change.since = since(*comparison.attribution, id, found->second, change.attribute);
    }
  }
}

// Whether there is anything of that name, "schema.name" or "schema.*".
bool has_any(const Snapshot& snapshot, const std::string& pattern, SymbolTable& symbols) {
  const std::size_t dot = pattern.find('.');
  const Symbol schema = symbols.intern(pattern.substr(0, dot));
  const Symbol name = symbols.intern(pattern.substr(dot + 1));
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const ObjectId& id = snapshot[place].id();
    if (id.schema == schema && (name.view() == "*" || (id.parent.empty() && id.name == name))) return true;
  }
  return false;
}

// Only what the expected side lacks is hidden: a ledger that migrations make themselves is compared like any
// table.
void hide_ledger(Report& report, const Comparison& comparison) {
  std::vector<std::string> only_on_live;
  for (const std::string& pattern : comparison.ledger_objects) {
    if (!has_any(comparison.expected, pattern, comparison.symbols)) only_on_live.push_back(pattern);
  }
  if (only_on_live.empty()) return;
  HiddenFindings hidden = hide_objects(report.findings, only_on_live, "ledger of " + comparison.ledger_tool);
  if (hidden.count > 0) report.hidden.push_back(std::move(hidden));
}

void hide_what_is_known(Report& report, const Comparison& comparison) {
  hide_ledger(report, comparison);
  for (const ActivePreset& preset : comparison.presets) {
    if (!preset.preset->signs.always) report.presets.emplace_back(preset.preset->name);
    HiddenFindings hidden = hide(report.findings, preset);
    if (hidden.count > 0) report.hidden.push_back(std::move(hidden));
  }
}

// A witness sees the ledger, which was not compared.
void hide_own_ledger(std::vector<Finding>& all, const OwnLedger& own) {
  for (const auto& [kind, schema, name] : own.objects) {
    Finding finding;
    finding.kind = kind;
    finding.schema = schema;
    finding.name = name;
    finding.name_is_sql = name.ends_with(')');
    all.push_back(std::move(finding));
  }
  for (const std::string& schema : own.schemas_alone) {
    Finding finding;
    finding.kind = "schema";
    finding.name = schema;
    all.push_back(std::move(finding));
  }
}

void log_counts(const Report& report) {
  std::size_t hidden = 0;
  for (const HiddenFindings& each : report.hidden) {
    hidden += each.count;
    log::detail(fmt::format("hidden by {}: {}", visible_line(each.rule), each.count));
  }
  log::detail(fmt::format("compared {}: {}, {} hidden", counted(report.objects, "object"),
                          counted(report.findings.size(), "finding"), hidden));
}

bool is_there(const std::vector<Difference>& differences, Difference::Verb verb) {
  return std::ranges::find(differences, verb, &Difference::verb) != differences.end();
}

std::shared_ptr<const Snapshot> previous_in_ledger(const Comparison& comparison,
                                                   const std::vector<Difference>& differences) {
  const bool asks = comparison.last_run && is_there(differences, Difference::Verb::missing) &&
                    is_there(differences, Difference::Verb::unexpected);
  const std::shared_ptr<const Snapshot> previous = asks ? comparison.last_run() : nullptr;
  return previous && comparable_by_oid(*previous, comparison.actual) ? previous : nullptr;
}

Compared compare_all(Report& report, const Comparison& comparison, const Settings& settings) {
  const Snapshot& actual = comparison.actual;
  const Snapshot& expected = comparison.expected;
  std::vector<Difference> differences = compare(actual, expected);
  report.equivalent = drop_equivalent(differences, comparison, report);
  report.objects = std::max(actual.size(), expected.size()) + comparison.equal;
  report.actual_version = actual.server_version;
  report.expected_version = expected.server_version;
  report.not_readable = actual.unreadable;
  const std::shared_ptr<const Snapshot> previous =
      settings.previous_snapshot.empty()
          ? previous_in_ledger(comparison, differences)
          : previous_snapshot(actual, comparison.symbols, settings, report.warnings);
  report.findings = findings(actual, expected, differences, previous.get());
  Compared result{report.findings, {}, previous};
  hide_what_is_known(report, comparison);
  IgnoreResult ignored = apply(report.findings, settings.ignore, today());
  std::ranges::move(ignored.hidden, std::back_inserter(report.hidden));
  report.accepted = std::move(ignored.accepted);
  std::ranges::move(ignored.warnings, std::back_inserter(report.warnings));
  attribute(report.findings, comparison);
  result.differences = told_by(report.findings, actual, expected, differences);
  fold_renames(report.findings, actual, expected, result.differences, previous.get());
  log_counts(report);
  return result;
}

}  // namespace

std::shared_ptr<const Snapshot> previous_snapshot(const Snapshot& actual, SymbolTable& symbols,
                                                  const Settings& settings,
                                                  std::vector<std::string>& warnings) {
  const std::string& file = settings.previous_snapshot;
  if (file.empty()) return nullptr;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error("cannot read \"" + file + "\"", "Check the path and its permissions.");
  auto previous = std::make_shared<Snapshot>(read_json(in, symbols, file));
  if (comparable_by_oid(*previous, actual)) return previous;
  const std::string why = previous->database.empty() ? "holds no OIDs"
                          : actual.database.empty()  ? "cannot be held against this side"
                                                     : "is of another database";
  warnings.push_back("the snapshot \"" + file + "\" " + why + ": renames are guessed");
  return nullptr;
}

Compared compare_into(Report& report, const Comparison& comparison, const Settings& settings) {
  const OwnLedger& own = comparison.own_ledger;
  const bool is_confined = !settings.include.empty() || !settings.exclude.empty();
  if (!is_confined && own.empty()) return compare_all(report, comparison, settings);
  const auto part = [&](const Snapshot& whole, const Snapshot& other) {
    Snapshot ours = without_ledger(whole, own, &other);
    if (is_confined) ours = filtered(ours, settings.include, settings.exclude);
    return ours;
  };
  const Snapshot actual = part(comparison.actual, comparison.expected);
  const Snapshot expected = part(comparison.expected, comparison.actual);
  Compared result =
      compare_all(report,
                  {actual, expected, comparison.symbols, comparison.attribution, comparison.expected_server,
                   comparison.spellings, comparison.ledger_tool, comparison.ledger_objects, OwnLedger{},
                   is_confined ? 0 : comparison.equal, comparison.presets, comparison.last_run},
                  settings);
  hide_own_ledger(result.all, own);
  if (!own.schemas.empty()) report.hidden.push_back({"ledger of plumbline", {}, {}, own.schemas.size()});
  return result;
}

void add_warnings(Report& report, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    if (std::ranges::find(report.warnings, warning) == report.warnings.end())
      report.warnings.push_back(warning);
  }
}

}  // namespace plumbline
