#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/index_sql.h"
#include "snapshot/kinds/row_conditions.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

std::optional<ObjectId> constraint_of(const Object& object, const Snapshot& side) {
  const ObjectId& id = object.id();
  for (const Object& other : side.children({&table, id.schema, {}, id.parent}, constraint)) {
    if (other.id().name.view() == object["of_constraint"]) return other.id();
  }
  return std::nullopt;
}

// Whether its CREATE and DROP can leave others alone: not so for what is made and goes with another.
bool can_be_concurrent(const Object& object) {
  return !is_of_partitioned(object) && object["of_constraint"].empty();
}

bool is_whole(const Object& object) {
  return object["valid"].empty() && object["ready"].empty() && object["live"].empty();
}

// Made on a partitioned table without ONLY, it takes the fitting indexes of the partitions as its own.
void create(const Object& object, Scene& scene, Script& out) {
  if (is_incomplete(object)) return;
  std::string sql(object["definition"]);
  const std::string only = " ON ONLY ";
  if (const std::size_t at = sql.find(only); at != sql.npos) sql.replace(at, only.size(), " ON ");
  if (scene.is_replaced(object.id())) {
    replace_concurrently(object, out);
  } else if (scene.online() && can_be_concurrent(object) && !is_of_new_table(object.id(), scene)) {
    create_concurrently(object, object.id().name.view(), out);
  } else {
    out.add(sql, {Hazard::index_build, Hazard::blocks_writes});
    if (sql.starts_with("CREATE UNIQUE "))
      out.wants_of_rows(condition_of_index(parent_name(object.id()), sql));
  }
}

// A partition's key can have taken its index from a partitioned table's that is no key's.
bool holds_keys(const Object& object, const Snapshot& side) {
  const std::string name = own_name(object.id());
  for (std::size_t place = 0; place < side.size(); ++place) {
    const Object other = side[place];
    if (other.id().kind == object.id().kind && !other["of_constraint"].empty() &&
        other["attached_to"] == name)
      return true;
  }
  return false;
}

void drop(const Object& object, Scene& scene, Script& out) {
  if (!object["attached_to"].empty() && !leaves_parent(object.id(), scene)) return;
  if (scene.online() && can_be_concurrent(object) && object["attached_to"].empty())
    return drop_concurrently(own_name(object.id()), out);
  out.add("DROP " + sql_name(object.id()) +
              (is_of_partitioned(object) && holds_keys(object, scene.actual) ? " CASCADE" : ""),
          {Hazard::index_dropped, Hazard::blocks_reads_and_writes});
}

bool replaces(const Object& object, const Scene& scene) {
  const auto actual = scene.actual.find(object.id());
  return actual && can_be_concurrent(object) && can_be_concurrent(*actual) &&
         (*actual)["attached_to"].empty() && object["attached_to"].empty();
}

std::string alter_index(const Change& change) { return "ALTER INDEX " + own_name(change.expected.id()); }

bool alter_tablespace(const Change& change, Script& out) {
  const std::string_view place = change.to("tablespace");
  out.add(alter_index(change) + " SET TABLESPACE " + quote_identifier(place.empty() ? "pg_default" : place),
          {Hazard::blocks_reads_and_writes});
  return true;
}

void add_attachment(const Object& object, Script& out) {
  out.add("ALTER INDEX " + std::string(object["attached_to"]) + " ATTACH PARTITION " + own_name(object.id()));
}

// Does nothing where it is attached already. A partition that leaves keeps its own.
bool attach(const Change& change, Script& out) {
  if (change.to("attached_to").empty())
    return change.actual && leaves_parent(change.expected.id(), change.scene);
  if (!change.actual && is_incomplete(change.expected)) return true;  // see alter_valid
  add_attachment(change.expected, out);
  return true;
}

// Its key's own SQL, with which it comes.
std::string sql_of_key(const Object& object, const Scene& scene) {
  const ObjectId& id = object.id();
  const std::string key(object["of_constraint"]);
  for (const Object& other : scene.expected.children({&table, id.schema, {}, id.parent}, constraint)) {
    if (other.id().name.view() != key) continue;
    return "ALTER TABLE ONLY " + parent_name(id) + " ADD CONSTRAINT " + quote_identifier(key) + " " +
           std::string(other["definition"]);
  }
  return {};
}

// What a failed CREATE INDEX CONCURRENTLY leaves behind.
void break_index(const Object& object, const Scene& scene, Script& out) {
  const std::string name = own_name(object.id());
  if (!scene.throw_away())
    return out.cannot("index " + name + " is expected to be invalid, which no statement makes it");
  const auto flag = [&](const char* column, std::string_view value) {
    return std::string(column) + " = " + (value.empty() ? "true" : "false");
  };
  out.add("UPDATE pg_catalog.pg_index SET " + flag("indisvalid", object["valid"]) + ", " +
          flag("indisready", object["ready"]) + ", " + flag("indislive", object["live"]) +
          " WHERE indexrelid = " + quote_literal(name) + "::pg_catalog.regclass");
}

// One of a partitioned table is valid as soon as the last partition has its part.
bool comes_to_be_valid(const Object& object, const Scene& scene) {
  if (!is_of_partitioned(object)) return false;
  const std::string name = own_name(object.id());
  for (std::size_t place = 0; place < scene.expected.size(); ++place) {
    const Object part = scene.expected[place];
    if (part.id().kind != &index || part["attached_to"] != name) continue;
    const auto before = scene.actual.find(part.id());
    if (!before || (*before)["attached_to"] != name || !is_whole(*before)) return true;
  }
  return false;
}

bool alter_valid(const Change& change, Script& out) {
  const Object& object = change.expected;
  if (change.actual && is_whole(object)) return comes_to_be_valid(object, change.scene);
  if (change.actual || !is_incomplete(object)) return break_index(object, change.scene, out), true;
  const bool of_key = !object["of_constraint"].empty();
  out.add(of_key ? sql_of_key(object, change.scene) : std::string(object["definition"]),
          {Hazard::index_build, Hazard::blocks_writes});
  if (!change.to("attached_to").empty()) add_attachment(object, out);
  return true;
}

// Whether the table is clustered on one of its indexes: then no other is by that alone.
bool is_on_another(const Change& change) {
  const ObjectId& id = change.expected.id();
  const auto others = change.scene.expected.children({&table, id.schema, {}, id.parent}, index);
  return std::ranges::any_of(others, [](const Object& other) { return !other["clustered"].empty(); });
}

bool alter_clustered(const Change& change, Script& out) {
  const bool clustered = !change.to("clustered").empty();
  if (!clustered && is_on_another(change)) return true;
  const std::string alter = "ALTER TABLE " + parent_name(change.expected.id());
  out.add(alter + (clustered ? " CLUSTER ON " + quote_identifier(change.expected.id().name.view())
                             : std::string(" SET WITHOUT CLUSTER")));
  return true;
}

// "2: 100, 3: 500" by number of the key.
bool alter_statistics_targets(const Change& change, Script& out) {
  const auto set = [&](const std::string& item, bool back) {
    const std::size_t colon = item.find(": ");
    out.add(alter_index(change) + " ALTER COLUMN " + item.substr(0, colon) + " SET STATISTICS " +
            (back ? "-1" : item.substr(colon + 2)));
  };
  for (const std::string& item : list_items(change.from("statistics_targets"))) set(item, true);
  for (const std::string& item : list_items(change.to("statistics_targets"))) set(item, false);
  return true;
}

// The index gives way to one of the same name, made from the other spelling.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const std::string name = quote_qualified(object.id().schema.view(), object.id().name.view());
  return {"ALTER INDEX " + name + " RENAME TO plumbline_spelling", std::string(value),
          "SELECT pg_get_indexdef(" + quote_literal(name) + "::regclass)"};
}

// clang-format off
// True for a key that is a column and nothing else: its own collation, and the operator class that is the default for its
// type. NULL where there is no such column.
#define PLAIN_KEY(column, place) \
  "(i.indcollation[" place "] = " column ".attcollation AND (i.indclass[" place "], " column ".atttypid) IN (" \
  "SELECT o.oid, types.taken FROM pg_opclass o" \
  " JOIN pg_am m ON m.oid = o.opcmethod AND m.amname IN ('btree', 'hash')" \
  " CROSS JOIN LATERAL (SELECT o.opcintype AS taken UNION ALL SELECT 1043 WHERE o.opcintype = 25) types" \
  " WHERE o.opcdefault))"

// The key as pg_get_indexdef prints it. Bits of indoption: 1 DESC, 2 NULLS FIRST, which is the default when DESC.
#define KEY(column, place) \
  "(quote_ident(" column ".attname) || CASE i.indoption[" place "] WHEN 1 THEN ' DESC NULLS LAST'" \
  " WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' ELSE '' END)"

// pg_get_indexdef looks everything up one by one; what it prints of a plain index of up to three columns, and that is
// most of them, is put together here. NULLS NOT DISTINCT came with 15: before, the name in the inner query means the
// constant that stands beside the tables.
#define DEFINITION \
  "CASE WHEN i.indnatts <= 3 AND c.reloptions IS NULL AND " PLAIN_KEY("a1", "0") \
  " AND (i.indnatts < 2 OR " PLAIN_KEY("a2", "1") ") AND (i.indnatts < 3 OR " PLAIN_KEY("a3", "2") ")" \
  " AND (i.indisprimary OR NOT i.indisunique OR NOT (SELECT indnullsnotdistinct FROM pg_index itself" \
  " WHERE itself.indexrelid = i.indexrelid))" \
  " THEN CASE WHEN i.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END" \
  " || quote_ident(c.relname) || CASE c.relkind WHEN 'I' THEN ' ON ONLY ' ELSE ' ON ' END" \
  " || quote_ident(n.nspname) || '.' || quote_ident(t.relname) || ' USING ' || am.amname || ' ('" \
  " || concat_ws(', ', " KEY("a1", "0") ", " KEY("a2", "1") ", " KEY("a3", "2") ")" \
  " || ')' ELSE pg_get_indexdef(i.indexrelid) END"
// clang-format on

constexpr Attribute attributes[] = {
    {.name = "definition", .sql = DEFINITION, .form = Form::expression, .normalise = spelled_anew},
    {.name = "tablespace",
     .sql = PLUMBLINE_TABLESPACE("c.reltablespace"),
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_tablespace},
    {.name = "of_constraint",
     .sql = "CASE WHEN i.indisunique OR i.indisexclusion THEN (SELECT k.conname FROM pg_constraint k WHERE "
            "k.conindid = i.indexrelid AND k.conrelid = i.indrelid"
            " AND k.contype IN ('p', 'u', 'x')) END"},
    {.name = "attached_to",
     .sql = "CASE WHEN c.relispartition THEN (SELECT h.inhparent::regclass FROM pg_inherits h"
            " WHERE h.inhrelid = i.indexrelid) END",
     .late = true,
     .initial = "",
     .alter = attach},
    {.name = "valid",
     .sql = "CASE WHEN NOT i.indisvalid THEN 'false' END",
     .meaning = Class::operational,
     .late = true,
     .initial = "",
     .alter = alter_valid},
    {.name = "ready",
     .sql = "CASE WHEN NOT i.indisready THEN 'false' END",
     .meaning = Class::operational,
     .late = true,
     .alter = alter_valid},
    {.name = "live",
     .sql = "CASE WHEN NOT i.indislive THEN 'false' END",
     .meaning = Class::operational,
     .late = true,
     .alter = alter_valid},
    {.name = "clustered",
     .sql = PLUMBLINE_FLAG("i.indisclustered"),
     .meaning = Class::operational,
     .late = true,
     .initial = "",
     .alter = alter_clustered},
    {.name = "statistics_targets",
     .sql = "CASE WHEN i.indexprs IS NOT NULL THEN (SELECT string_agg(a.attnum || ': ' || "
            "a.attstattarget, ', '"
            " ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget "
            ">= 0) "
            "END",
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_statistics_targets},
    depends_on_extension_attribute(PLUMBLINE_DEPENDS_ON_EXTENSION("pg_class", "i.indexrelid")),
    comment_attribute("d.description"),
};

#undef PLAIN_KEY
#undef KEY
#undef DEFINITION

}  // namespace

const Kind index{
    .name = "index",
    .label = "index",
    .address = {.catalog = "pg_class", .oid = "c.oid", .belongs_to = "i.indrelid"},
    .identity = {.schema = "n.nspname", .parent = "t.relname", .name = "c.relname", .name_tells = true},
    .from = "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relpersistence <> 't'"
            " JOIN pg_class t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p', 'm')"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_(temp|toast)'"
            " JOIN pg_am am ON am.oid = c.relam"
            " CROSS JOIN (VALUES (false)) AS before_15 (indnullsnotdistinct)"
            " LEFT JOIN LATERAL " PLUMBLINE_LOOK_UP_COLUMN("i.indrelid", "i.indkey[0]")
            " a1 ON i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts"
            " LEFT JOIN LATERAL " PLUMBLINE_LOOK_UP_COLUMN("i.indrelid", "i.indkey[1]") " a2 ON i.indnatts > 1"
            " LEFT JOIN LATERAL " PLUMBLINE_LOOK_UP_COLUMN("i.indrelid", "i.indkey[2]") " a3 ON i.indnatts > 2"
            " LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass"
            " AND d.objsubid = 0 WHERE true",
    .attributes = attributes,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .parent_kinds = "table materialized_view",
    .keyword = "INDEX",
    .parts_first = true,
    .made_last = always,
    .drop_can_wait = true,
    .replaces = replaces,
    .part_of = constraint_of,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
