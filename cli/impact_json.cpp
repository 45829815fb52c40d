#include "cli/impact_json.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "report/wording.h"

namespace plumbline {

namespace {

using Json = nlohmann::ordered_json;

// "unexpected" beside the state before is "added" for people.
std::string_view verb_of(const Finding& change) {
  if (change.verb == Difference::Verb::unexpected) return "added";
  return change.verb == Difference::Verb::missing ? "removed" : "changed";
}

Json change_json(const Finding& change) {
  Json attributes = Json::array();
  for (const AttributeChange& each : change.changes) {
    attributes.push_back({{"attribute", each.attribute},
                          {"before", each.expected.empty() ? Json() : Json(each.expected)},
                          {"after", each.actual.empty() ? Json() : Json(each.actual)}});
  }
  return {{"verb", verb_of(change)},
          {"kind", change.kind},
          {"object", change.object()},
          {"class", to_string(change.meaning)},
          {"changes", attributes}};
}

Json changes_json(const std::vector<Finding>& changes) {
  Json json = Json::array();
  for (const Finding& change : changes) json.push_back(change_json(change));
  return json;
}

Json migration_json(const MigrationImpact& migration) {
  Json locks = Json::array();
  for (const HeldLock& lock : migration.locks) {
    locks.push_back({{"object", lock.object}, {"mode", lock.mode}, {"blocks", lock.blocks}});
  }
  return {{"version", migration.version},
          {"file", migration.file},
          {"seconds", migration.seconds},
          {"locks", locks},
          {"rewritten", migration.rewritten},
          {"outside_transaction", migration.outside_transaction},
          {"changes", changes_json(migration.changes)}};
}

}  // namespace

void write_json(const Impact& impact, std::ostream& out) {
  Json migrations = Json::array(), advice = Json::array(), breaks = Json::array();
  for (const MigrationImpact& migration : impact.migrations) migrations.push_back(migration_json(migration));
  for (const Condition& one : impact.advice) {
    advice.push_back({{"check", one.check}, {"object", one.object}, {"text", one.text}, {"hint", one.hint}});
  }
  for (const Finding* change : breaking(impact.changes)) breaks.push_back(change->object());
  const Json json = {{"format", "plumbline-impact"},
                     {"version", 1},
                     {"server_version", impact.server_version},
                     {"step", impact.step.empty() ? Json() : Json(impact.step)},
                     {"breaking", breaks},
                     {"changes", changes_json(impact.changes)},
                     {"migrations", migrations},
                     {"gone", impact.gone},
                     {"edited", impact.edited},
                     {"advice", advice}};
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace plumbline
