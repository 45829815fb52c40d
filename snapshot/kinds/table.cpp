#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/inherited_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_attributes.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

std::vector<std::string> key_spelled_anew(const Object& object, std::string_view value) {
  return {"CREATE TEMPORARY TABLE plumbline_spelling (LIKE " +
              quote_qualified(object.id().schema.view(), object.id().name.view()) + ") PARTITION BY " +
              std::string(value),
          "SELECT pg_get_partkeydef('pg_temp.plumbline_spelling'::regclass)"};
}

std::string clause(std::string_view words, std::string_view value) {
  return value.empty() ? std::string() : std::string(words).append(value);
}

void create(const Object& object, Scene& scene, Script& out) {
  std::string sql = object["persistence"].empty() ? "CREATE TABLE " : "CREATE UNLOGGED TABLE ";
  sql += own_name(object.id()) + clause(" OF ", object["of_type"]) + column_list(object, scene);
  const bool tied_later = is_tied_later(object, scene);
  if (!object["inherits"].empty() && !tied_later)
    sql += " INHERITS (" + std::string(object["inherits"]) + ")";
  sql += clause(" PARTITION BY ", object["partition_by"]) + clause(" USING ", object["access_method"]);
  sql += with_parameters(object);
  if (!object["tablespace"].empty()) sql += " TABLESPACE " + quote_identifier(object["tablespace"]);
  out.add(sql);
  if (tied_later) {
    alter_inherits({std::nullopt, object, scene}, out);
  } else if (!object["inherits"].empty()) {
    settle_inherited_columns(object, scene, out);
  }
}

// A partitioned table has no rows but those of its partitions.
void drop(const Object& object, Scene& scene, Script& out) {
  const std::string name = own_name(object.id());
  bool rows = object["partition_by"].empty();
  for (std::size_t place = 0; place < scene.actual.size() && !rows; ++place) {
    const Object part = scene.actual[place];
    const bool is_table = part.id().kind == &table || part.id().kind == &foreign_table;
    rows = is_table && part["partition_of"] == name && !scene.is_released(part.id());
  }
  if (rows) return drop_with_data(object, scene, out);
  out.add("DROP " + sql_name(object.id()), {Hazard::blocks_reads_and_writes});
}

std::string alter_table(const Change& change) { return "ALTER TABLE " + own_name(change.expected.id()); }

bool alter_persistence(const Change& change, Script& out) {
  out.add(alter_table(change) + (change.to("persistence").empty() ? " SET LOGGED" : " SET UNLOGGED"),
          {Hazard::rewrites_table, Hazard::blocks_reads_and_writes});
  return true;
}

bool alter_type_of(const Change& change, Script& out) {
  const std::string_view type = change.to("of_type");
  out.add(alter_table(change) + (type.empty() ? std::string(" NOT OF") : " OF " + std::string(type)));
  return true;
}

// The partitions of a table without a place of its own, and their access method, are not changed with it.
bool alter_access_method(const Change& change, Script& out) {
  const std::string_view method = change.to("access_method");
  out.add(alter_table(change) + " SET ACCESS METHOD " + quote_identifier(method.empty() ? "heap" : method),
          {Hazard::rewrites_table, Hazard::blocks_reads_and_writes});
  return true;
}

bool alter_tablespace(const Change& change, Script& out) {
  const std::string_view place = change.to("tablespace");
  out.add(alter_table(change) + " SET TABLESPACE " + quote_identifier(place.empty() ? "pg_default" : place),
          {Hazard::rewrites_table, Hazard::blocks_reads_and_writes});
  return true;
}

bool alter_parameters(const Change& change, Script& out) {
  set_and_reset(alter_table(change), change.from("storage_parameters"), change.to("storage_parameters"), out);
  return true;
}

bool alter_toast_parameters(const Change& change, Script& out) {
  set_and_reset(alter_table(change), change.from("toast_storage_parameters"),
                change.to("toast_storage_parameters"), out, "toast.");
  return true;
}

bool alter_row_security(const Change& change, Script& out) {
  out.add(alter_table(change) + (change.to("row_security").empty() ? " DISABLE ROW LEVEL SECURITY"
                                                                   : " ENABLE ROW LEVEL SECURITY"),
          {Hazard::authorisation});
  return true;
}

bool alter_force_row_security(const Change& change, Script& out) {
  out.add(alter_table(change) + (change.to("force_row_security").empty() ? " NO FORCE ROW LEVEL SECURITY"
                                                                         : " FORCE ROW LEVEL SECURITY"),
          {Hazard::authorisation});
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "persistence",
     .sql = "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END",
     .meaning = Class::data,
     .alter = alter_persistence},
    {.name = "of_type", .sql = "nullif(c.reloftype, 0)::regtype", .alter = alter_type_of},
    inherits_attribute,
    partition_of_attribute,
    partition_bound_attribute,
    partition_detach_pending_attribute,
    {.name = "partition_by",
     .sql = "CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END",
     .form = Form::expression,
     .normalise = key_spelled_anew,
     .remakes = true},
    // A partitioned table has one only when it was said (17+): it is for its partitions to come.
    {.name = "access_method",
     .sql = "CASE WHEN c.relkind = 'p' OR am.amname <> 'heap' THEN am.amname END",
     .meaning = Class::operational,
     .alter = alter_access_method},
    {.name = "tablespace",
     .sql = PLUMBLINE_TABLESPACE("c.reltablespace"),
     .meaning = Class::operational,
     .alter = alter_tablespace},
    {.name = "storage_parameters",
     .sql = PLUMBLINE_OPTIONS("c.reloptions"),
     .meaning = Class::operational,
     .alter = alter_parameters},
    {.name = "toast_storage_parameters",
     .sql = PLUMBLINE_OPTIONS("toast.reloptions"),
     .meaning = Class::operational,
     .alter = alter_toast_parameters},
    {.name = "row_security",
     .sql = PLUMBLINE_FLAG("c.relrowsecurity"),
     .meaning = Class::security,
     .initial = "",
     .alter = alter_row_security},
    {.name = "force_row_security",
     .sql = PLUMBLINE_FLAG("c.relforcerowsecurity"),
     .meaning = Class::security,
     .initial = "",
     .alter = alter_force_row_security},
    {.name = "replica_identity",
     .sql = PLUMBLINE_REPLICA_IDENTITY,
     .meaning = Class::operational,
     .late = true,
     .initial = "",
     .alter = alter_replica_identity},
    column_order_attribute,
    owner_attribute(PLUMBLINE_OWNER("c.relowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_class", "c.oid")),
};

}  // namespace

const Kind table{
    .name = "table",
    .label = "table",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = R"sql(FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_(temp|toast)')sql",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "TABLE",
    .held_late = true,
    .create = create,
    .drop = drop,
    .release = leave_parents,
};

}  // namespace plumbline::kinds
