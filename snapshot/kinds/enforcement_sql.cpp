#include "snapshot/kinds/enforcement_sql.h"

#include <map>
#include <string>
#include <utility>

#include "postgres/text.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// "public.t insert update disabled" -> its relation, the events as in pg_trigger.tgtype and what sets the
// state.
struct Firing {
  std::string relation;
  int events = 0;
  std::string how;
};

// Bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h).
constexpr int on_insert = 4, on_delete = 8, on_update = 16;

int event_called(std::string_view word) {
  if (word == "insert") return on_insert;
  if (word == "delete") return on_delete;
  return word == "update" ? on_update : 0;
}

std::string_view statement_for(std::string_view state) {
  if (state == "disabled") return "DISABLE";
  return state == "replica" ? "ENABLE REPLICA" : "ENABLE ALWAYS";
}

Firing firing_in(std::string item) {
  Firing result;
  for (;;) {
    const std::size_t space = item.rfind(' ');
    const std::string word = item.substr(space + 1);
    const int event = event_called(word);
    if (space == item.npos || (event == 0 && !result.how.empty())) break;
    if (event == 0) result.how = statement_for(word);
    result.events |= event;
    item.resize(space);
  }
  result.relation = item;
  return result;
}

// What has to be said of which triggers, as rows of SQL.
std::string wanted_rows(const Change& change) {
  std::map<std::pair<std::string, int>, std::string> wanted;
  for (const std::string& item : list_items(change.from("enforcement"))) {
    const Firing firing = firing_in(item);
    wanted[{firing.relation, firing.events}] = "ENABLE";
  }
  for (const std::string& item : list_items(change.to("enforcement"))) {
    const Firing firing = firing_in(item);
    wanted[{firing.relation, firing.events}] = firing.how;
  }
  std::string rows;
  for (const auto& [trigger, how] : wanted) {
    rows.append(rows.empty() ? "(" : ", (")
        .append(quote_literal(trigger.first))
        .append("::pg_catalog.regclass, ")
        .append(std::to_string(trigger.second))
        .append(", ")
        .append(quote_literal(how))
        .append(")");
  }
  return rows;
}

}  // namespace

// The triggers are called by numbers that are others in each database, so they are looked up.
bool alter_enforcement(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  std::string body = R"(
DECLARE
  statement text;
BEGIN
  FOR statement IN
    SELECT pg_catalog.format('ALTER TABLE %s %s TRIGGER %I', g.tgrelid::pg_catalog.regclass, w.how, g.tgname)
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_trigger g ON g.tgconstraint = k.oid
    JOIN (VALUES )";
  body += wanted_rows(change) +
          ") w (relation, events, how) ON w.relation = g.tgrelid AND w.events = g.tgtype & " +
          std::to_string(on_insert | on_delete | on_update);
  body += "\n    WHERE k.conname = " + quote_literal(id.name.view()) +
          " AND k.conrelid = " + quote_literal(parent_name(id)) + "::pg_catalog.regclass";
  body += "\n  LOOP\n    EXECUTE statement;\n  END LOOP;\nEND\n";
  out.add("DO " + dollar_quoted(body), {Hazard::correctness, Hazard::blocks_writes});
  return true;
}

}  // namespace plumbline::kinds
