#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// Made last, lest it fires for what the script itself does; it is enabled later still.
void create(const Object& object, Scene&, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id()) + " ON " + std::string(object["event"]);
  if (!object["tags"].empty()) {
    std::string tags;
    for (const std::string& tag : list_items(object["tags"]))
      tags += (tags.empty() ? "" : ", ") + quote_literal(tag);
    sql += " WHEN TAG IN (" + tags + ")";
  }
  out.add(sql + " EXECUTE FUNCTION " +
          std::string(object["function"]).substr(0, routine_name(object["function"]).size()) + "()");
}

bool alter_enabled(const Change& change, Script& out) {
  const std::string_view state = change.to("enabled");
  out.add("ALTER " + sql_name(change.expected.id()) +
          (state == "disabled"  ? " DISABLE"
           : state == "replica" ? " ENABLE REPLICA"
           : state == "always"  ? " ENABLE ALWAYS"
                                : " ENABLE"));
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "event", .sql = "e.evtevent"},
    {.name = "tags", .sql = "(SELECT string_agg(x, ', ' ORDER BY x COLLATE \"C\") FROM unnest(e.evttags) x)"},
    {.name = "function", .sql = "e.evtfoid::regprocedure"},
    {.name = "enabled",
     .sql = "CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END",
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_enabled},
    owner_attribute(PLUMBLINE_OWNER("e.evtowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_event_trigger", "e.oid")),
};

}  // namespace

const Kind event_trigger{
    .name = "event_trigger",
    .label = "event trigger",
    .address = {.catalog = "pg_event_trigger", .oid = "e.oid"},
    .identity = {.name = "e.evtname"},
    .from = "FROM pg_event_trigger e WHERE true",
    .attributes = attributes,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .keyword = "EVENT TRIGGER",
    .made_last = always,
    .shapes_others = true,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
