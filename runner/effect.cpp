#include "runner/effect.h"

#include <algorithm>

#include "diff/compare.h"
#include "diff/finding.h"
#include "expected/equivalence.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_rows.h"
#include "runner/sections.h"
#include "runner/without_ledger.h"
#include "snapshot/capture.h"

namespace plumbline {
namespace {

constexpr std::string_view database_name = "predicted";

// Findings that the spelling of expressions does not explain.
std::vector<Finding> real_findings(const Snapshot& actual, const Snapshot& expected, Shadow& shadow) {
  std::vector<Difference> differences = compare(actual, expected);
  std::unique_ptr<Connection> connection;
  Equivalence equivalence([&]() -> Connection* {
    if (!connection) connection = shadow.connect(database_name);
    return connection.get();
  });
  for (Difference& difference : differences) {
    if (difference.verb != Difference::Verb::changed) continue;
    const Object live = *actual.find(difference.id);
    const Object wanted = *expected.find(difference.id);
    std::erase_if(difference.attributes, [&](std::size_t place) {
      return equivalence.same(wanted, difference.id.kind->attributes[place], live.values()[place].view(),
                              wanted.values()[place].view());
    });
  }
  std::erase_if(differences, [](const Difference& difference) {
    return difference.verb == Difference::Verb::changed && difference.attributes.empty();
  });
  return findings(actual, expected, differences);
}

std::string told(const Finding& finding) {
  std::string text =
      "\n  " + finding.label + " " + finding.object() + " is " + std::string(to_string(finding.verb));
  if (finding.verb != Difference::Verb::changed) return text;
  for (const AttributeChange& change : finding.changes) {
    text += "; " + change.attribute + " is " + (change.actual.empty() ? "absent" : change.actual) + ", not " +
            (change.expected.empty() ? "absent" : change.expected);
  }
  return text;
}

}  // namespace

EffectCheck::EffectCheck(const MigrationDirectory& directory, const ExpectedOptions& options,
                         const std::vector<std::size_t>& applied)
    : directory_(directory),
      downs_(down_sections(directory)),
      options_(options),
      shadow_(start_shadow(options.shadow)) {
  options_.replay.attribute = false;
  shadow_->create_database(database_name);
  replay(*shadow_, database_name, {directory_, applied}, symbols_, options_.replay);
  options_.replay.prelude.clear();
  options_.replay.progress = {};
}

EffectCheck::~EffectCheck() = default;

Snapshot EffectCheck::read(Connection& connection, bool throw_away) {
  CaptureOptions reading;
  reading.throw_away = throw_away;
  if (connection.in_transaction()) {
    const BriefLocks settings(connection);
    connection.execute(as_ourselves() + pinned_settings());
    return without_ledger(capture(connection, symbols_, reading), connection);
  }
  connection.execute(session_reset());
  const ReadTransaction transaction(connection);
  return without_ledger(capture(connection, symbols_, reading), connection);
}

void EffectCheck::before(Connection& live, const Step&) {
  known_.clear();
  const Snapshot actual = read(live, false);
  const std::unique_ptr<Connection> predicted = shadow_->connect(database_name);
  for (const Finding& finding : real_findings(actual, read(*predicted, true), *shadow_))
    known_.insert(finding.id);
}

void EffectCheck::predict(const Step& step) {
  const std::vector<std::size_t> place{step.place};
  replay(*shadow_, database_name, {step.down ? downs_ : directory_, place}, symbols_, options_.replay);
}

void EffectCheck::verify(Connection& live, const Step& step) {
  predict(step);
  const Snapshot actual = read(live, false);
  const std::unique_ptr<Connection> predicted = shadow_->connect(database_name);
  std::string text;
  for (const Finding& finding : real_findings(actual, read(*predicted, true), *shadow_)) {
    if (!known_.contains(finding.id)) text += told(finding);
  }
  if (text.empty()) return;
  const Migration& migration = directory_.migrations[step.place];
  throw Error(shown_name(directory_, migration) + " did not do on live what its replay does:" + text,
              live.in_transaction() ? "It was rolled back. \"plumbline check\" says how live differs."
                                    : "Its statements ran outside a transaction and are done.");
}

}  // namespace plumbline
