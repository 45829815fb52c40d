#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

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
     .meaning = Class::data},
    {.name = "cloned_from_parent", .sql = PLUMBLINE_FLAG("g.tgparentid <> 0")},
    {.name = "depends_on_extension",
     .sql = PLUMBLINE_DEPENDS_ON_EXTENSION("pg_trigger", "g.oid"),
     .meaning = Class::operational},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_trigger", "g.oid"), .meaning = Class::cosmetic},
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
};

}  // namespace plumbline::kinds
