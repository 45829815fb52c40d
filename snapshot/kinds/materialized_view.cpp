#include <set>
#include <unordered_map>

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
  out.add(sql + " AS\n" + query(object) + "\nWITH NO DATA");
}

// Whether the query reads a foreign table, by itself or through other views; what a view that stays has
// stored is here.
bool reads_elsewhere(const ObjectId& view_id, const Scene& scene) {
  const Snapshot& side = scene.expected;
  std::unordered_map<std::string, std::vector<const ObjectId*>> needs;
  for (const Dependency& dependency : side.dependencies())
    needs[describe(dependency.dependent)].push_back(&dependency.referenced);
  std::set<std::string> seen{describe(view_id)};
  std::vector<std::string> open{describe(view_id)};
  const auto visit = [&](const ObjectId& id) {
    if (seen.insert(describe(id)).second) open.push_back(describe(id));
  };
  while (!open.empty()) {
    const std::string at = std::move(open.back());
    open.pop_back();
    for (const ObjectId* needed : needs[at]) {
      if (side.find({&foreign_table, needed->schema, {}, needed->parent})) return true;
      if (needed->kind == &foreign_table) return true;
      if (needed->kind != &materialized_view) visit(*needed);
      // A column of a view is what the view's query is.
      if (needed->kind != &column) continue;
      visit({&view, needed->schema, {}, needed->parent});
      const ObjectId stored{&materialized_view, needed->schema, {}, needed->parent};
      if (scene.is_made(stored)) visit(stored);
    }
  }
  return false;
}

// What is made anew and cannot be filled again here loses its rows.
void drop(const Object& object, Scene& scene, Script& out) {
  const bool filled = object["populated"].empty();
  if (filled && scene.is_made(object.id()) && reads_elsewhere(object.id(), scene))
    return drop_with_data(object, scene, out);
  drop_plainly(object, scene, out);
}

// A copy is as good as full without the query having run.
bool alter_populated(const Change& change, Script& out) {
  const std::string name = own_name(change.expected.id());
  const bool filled = change.to("populated").empty();
  if (change.scene.throw_away()) {
    out.add("UPDATE pg_catalog.pg_class SET relispopulated = " + std::string(filled ? "true" : "false") +
            " WHERE oid = " + quote_literal(name) + "::pg_catalog.regclass");
  } else if (filled && reads_elsewhere(change.expected.id(), change.scene)) {
    out.cannot(describe(change.expected.id()) +
               " reads foreign tables and is left without data; when they can be reached, run REFRESH "
               "MATERIALIZED VIEW " +
               name);
  } else {
    out.add("REFRESH MATERIALIZED VIEW " + name + (filled ? "" : " WITH NO DATA"),
            {Hazard::scans_table, Hazard::blocks_reads_and_writes});
  }
  return true;
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
     .normalise = query_spelled_anew,
     .remakes = true},
    {.name = "access_method",
     .sql = "nullif(am.amname, 'heap')",
     .meaning = Class::operational,
     .remakes = true},
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
    // Filled unless it was made WITH NO DATA; a job fills it later.
    {.name = "populated",
     .sql = "CASE WHEN NOT c.relispopulated THEN 'false' END",
     .meaning = Class::data,
     .comes_by_use = true,
     .late = true,
     .runs_query = true,
     .initial = "false",
     .alter = alter_populated},
    depends_on_extension_attribute(PLUMBLINE_DEPENDS_ON_EXTENSION("pg_class", "c.oid")),
    owner_attribute(PLUMBLINE_OWNER("c.relowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_class", "c.oid")),
};

}  // namespace

const Kind materialized_view{
    .name = "materialized_view",
    .label = "materialized view",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " LEFT JOIN pg_am am ON am.oid = c.relam WHERE c.relkind = 'm' AND c.relpersistence <> 't'",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "MATERIALIZED VIEW",
    .grant_on = "TABLE",
    .made_last = always,
    .blocks_alter = always,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
