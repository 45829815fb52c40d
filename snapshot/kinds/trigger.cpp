#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  if (!object["cloned_from_parent"].empty()) return;
  out.add(std::string(object["definition"]));
}

void drop(const Object& object, Scene& scene, Script& out) {
  if (object["cloned_from_parent"].empty()) drop_plainly(object, scene, out);
}

bool alter_enabled(const Change& change, Script& out) {
  out.add("ALTER TABLE ONLY " + parent_name(change.expected.id()) + " " +
          switched(change.to("enabled"), "TRIGGER") + quote_identifier(change.expected.id().name.view()));
  return true;
}

// The text names the trigger and its table; the trigger gives way. A partition's clone cannot (15+), so there
// the table does.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const std::string table = quote_qualified(object.id().schema.view(), object.id().parent.view());
  const std::string name = std::string(object.id().name.view());
  const std::string printed =
      "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = " + quote_literal(table) +
      "::regclass AND tgname = " + quote_literal(name);
  if (!object["cloned_from_parent"].empty()) {
    const std::string away = quote_qualified(object.id().schema.view(), "plumbline_spelling");
    return {"ALTER TABLE " + table + " RENAME TO plumbline_spelling",
            "CREATE TABLE " + table + " (LIKE " + away + ")", std::string(value), printed};
  }
  return {"ALTER TRIGGER " + quote_identifier(name) + " ON " + table + " RENAME TO plumbline_spelling",
          std::string(value), printed};
}

constexpr Attribute attributes[] = {
    {.name = "definition",
     .sql = "pg_get_triggerdef(g.oid)",
     .form = Form::expression,
     .normalise = spelled_anew},
    {.name = "enabled",
     .sql = "CASE g.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END",
     .meaning = Class::data,
     .late = true,  // a partition's clone comes with the trigger of the whole
     .initial = "",
     .alter = alter_enabled},
    {.name = "cloned_from_parent", .sql = PLUMBLINE_FLAG("g.tgparentid <> 0")},
    depends_on_extension_attribute(PLUMBLINE_DEPENDS_ON_EXTENSION("pg_trigger", "g.oid")),
    late_comment_attribute(PLUMBLINE_COMMENT("pg_trigger", "g.oid")),
};

}  // namespace

// A foreign key's own triggers are the constraint's; a partition's clone of a row trigger is listed, since it
// can be disabled alone (tgparentid: 13+).
const Kind trigger{
    .name = "trigger",
    .label = "trigger",
    .address = {.catalog = "pg_trigger", .oid = "g.oid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "g.tgname"},
    .from = R"sql(FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid AND c.relpersistence <> 't'
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (NOT g.tgisinternal OR (g.tgparentid <> 0 AND g.tgconstrrelid = 0)))sql",
    .attributes = attributes,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "table foreign_table view materialized_view",
    .keyword = "TRIGGER",
    .naming = Kind::Naming::on_parent,
    .blocks_alter = always,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
