#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/relation.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

std::string query(const Object& object) {
  std::string text(object["definition"]);
  while (!text.empty() && (text.back() == ';' || text.back() == ' ')) text.pop_back();
  return text;
}

void create(const Object& object, Scene&, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id());
  if (!object["access_method"].empty()) sql += " USING " + quote_identifier(object["access_method"]);
  sql += with_parameters(object);
  if (!object["tablespace"].empty()) sql += " TABLESPACE " + quote_identifier(object["tablespace"]);
  out.add(sql + " AS\n" + query(object));
}

bool alter_parameters(const Change& change, Script& out) {
  const std::string alter = "ALTER " + sql_name(change.expected.id());
  set_and_reset(alter, change.from("storage_parameters"), change.to("storage_parameters"), out);
  set_and_reset(alter, change.from("toast_storage_parameters"), change.to("toast_storage_parameters"), out,
                "toast.");
  return true;
}

bool alter_tablespace(const Change& change, Script& out) {
  const std::string_view place = change.to("tablespace");
  out.add("ALTER " + sql_name(change.expected.id()) + " SET TABLESPACE " +
          quote_identifier(place.empty() ? "pg_default" : place));
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "definition",
     .sql = "pg_get_viewdef(c.oid)",
     .form = Form::code,
     .normalise = query_spelled_anew},
    {.name = "access_method", .sql = "nullif(am.amname, 'heap')", .meaning = Class::operational},
    {.name = "tablespace",
     .sql = PLUMBLINE_TABLESPACE("c.reltablespace"),
     .meaning = Class::operational,
     .alter = alter_tablespace},
    {.name = "storage_parameters",
     .sql = PLUMBLINE_OPTIONS("c.reloptions"),
     .meaning = Class::operational,
     .alter = alter_parameters},
    {.name = "toast_storage_parameters",
     .sql = "CASE WHEN c.reltoastrelid <> 0 THEN (SELECT " PLUMBLINE_OPTIONS(
         "toast.reloptions") " FROM pg_class toast WHERE toast.oid = c.reltoastrelid) END",
     .meaning = Class::operational,
     .alter = alter_parameters},
    {.name = "replica_identity",
     .sql = PLUMBLINE_REPLICA_IDENTITY,
     .meaning = Class::operational,
     .late = true,
     .initial = "",
     .alter = alter_replica_identity},
    depends_on_extension_attribute(PLUMBLINE_DEPENDS_ON_EXTENSION("pg_class", "c.oid")),
    owner_attribute(PLUMBLINE_OWNER("c.relowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_class", "c.oid")),
};

}  // namespace

// Whether it has been filled is data, not schema: a restore leaves it empty until the next REFRESH.
const Kind materialized_view{
    .name = "materialized_view",
    .label = "materialized view",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " LEFT JOIN pg_am am ON am.oid = c.relam WHERE c.relkind = 'm' AND c.relpersistence <> 't'",
    .attributes = attributes,
    .keyword = "MATERIALIZED VIEW",
    .grant_on = "TABLE",
    .holds_rows = true,
    .made_last = always,
    .blocks_alter = always,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
