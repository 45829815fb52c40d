#include <algorithm>
#include <optional>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

constexpr std::size_t longest_name = 63;  // in bytes (NAMEDATALEN - 1)

std::string alter_table(const ObjectId& id) { return "ALTER TABLE " + parent_name(id); }

ObjectId table_of(const Object& object) { return {&table, object.id().schema, {}, object.id().parent}; }

// "a" or "\"B c\"" -> the column on that side.
std::optional<Object> column_of(const Object& object, const Snapshot& side) {
  for (const Object& each : side.children(table_of(object), column)) {
    if (quote_identifier(each.id().name.view()) == object["column"]) return each;
  }
  return std::nullopt;
}

bool says_not_null(const std::optional<Object>& column) { return column && (*column)["not_null"] == "true"; }

// The one that says it on the other side, when it has a name of its own there.
std::optional<Object> counterpart(const Object& object, const Snapshot& side) {
  for (const Object& each : side.children(table_of(object), not_null_constraint)) {
    if (each["column"] == object["column"]) return each;
  }
  return std::nullopt;
}

// As the server chooses it, for a table and a column that are short enough (makeObjectName).
std::string usual_name(const Object& object) {
  const auto column = names_in(object["column"]);
  return std::string(object.id().parent.view()) + "_" + (column.empty() ? "" : column.front()) + "_not_null";
}

void rename(const Object& object, const std::string& from, const std::string& to, Script& out) {
  if (from == to || std::max(from.size(), to.size()) > longest_name) return;
  out.add(alter_table(object.id()) + " RENAME CONSTRAINT " + quote_identifier(from) + " TO " +
          quote_identifier(to));
}

RowCondition no_null_in(const Object& object) {
  const std::string table = parent_name(object.id());
  return {table,
          "SELECT EXISTS (SELECT FROM " + table + " WHERE " + std::string(object["column"]) + " IS NULL)",
          RowCondition::Computes::nothing};
}

void add(const Object& object, Script& out) {
  out.add(alter_table(object.id()) + " ADD CONSTRAINT " + quote_identifier(object.id().name.view()) +
              " NOT NULL " + std::string(object["column"]) +
              (object["no_inherit"].empty() ? "" : " NO INHERIT") +
              (object["valid"].empty() ? "" : " NOT VALID"),
          {Hazard::scans_table, Hazard::blocks_reads_and_writes});
  if (object["valid"].empty()) out.wants_of_rows(no_null_in(object));
}

void take_off(const Object& object, const std::string& name, Script& out) {
  out.add(alter_table(object.id()) + " DROP CONSTRAINT " + quote_identifier(name));
}

// The column's own statements have made one, under the usual name, unless the column had one before.
void create(const Object& object, Scene& scene, Script& out) {
  if (object["inherited"] == "only") return;
  const auto column = column_of(object, scene.expected);
  const auto before = counterpart(object, scene.actual);
  const bool stays =
      before && column && !scene.is_made(column->id()) && says_not_null(column_of(object, scene.actual));
  const std::string has = stays ? std::string(before->id().name.view()) : usual_name(object);
  if (object["no_inherit"].empty() && object["valid"].empty())
    return rename(object, has, std::string(object.id().name.view()), out);
  take_off(object, has, out);
  add(object, out);
}

// It goes with the column's NOT NULL; where that stays, only the name does.
void drop(const Object& object, Scene& scene, Script& out) {
  const auto column = column_of(object, scene.expected);
  if (!says_not_null(column) || scene.is_made(column->id()) || counterpart(object, scene.expected)) return;
  rename(object, std::string(object.id().name.view()), usual_name(object), out);
}

bool alter_inheritance(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  out.add(alter_table(id) + " ALTER CONSTRAINT " + quote_identifier(id.name.view()) +
          (change.to("no_inherit").empty() ? " INHERIT" : " NO INHERIT"));
  return true;
}

bool alter_validity(const Change& change, Script& out) {
  const std::string name(change.expected.id().name.view());
  if (change.to("valid").empty()) {
    out.add(alter_table(change.expected.id()) + " VALIDATE CONSTRAINT " + quote_identifier(name),
            {Hazard::scans_table});
    out.wants_of_rows(no_null_in(change.expected));
  } else {
    take_off(change.expected, name, out);
    add(change.expected, out);
  }
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "column", .sql = "quote_ident(a.attname)"},
    {.name = "no_inherit", .sql = PLUMBLINE_FLAG("k.connoinherit"), .alter = alter_inheritance},
    {.name = "valid", .sql = "CASE WHEN NOT k.convalidated THEN 'false' END", .alter = alter_validity},
    // Attaching a partition makes it forget that the constraint was its own.
    {.name = "inherited",
     .sql =
         "CASE WHEN k.coninhcount > 0 AND NOT c.relispartition THEN CASE WHEN k.conislocal THEN 'and local'"
         " ELSE 'only' END END",
     .alter = alter_nothing},
    comment_attribute(PLUMBLINE_COMMENT("pg_constraint", "k.oid")),
};

}  // namespace

// From 18 on a NOT NULL is a constraint with a name. One that says no more than the column's not_null does is
// not told twice: it has the name that the server would choose for it.
const Kind not_null_constraint{
    .name = "not_null_constraint",
    .label = "not-null constraint",
    .address = {.catalog = "pg_constraint", .oid = "k.oid", .belongs_to = "k.conrelid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "k.conname"},
    .from = R"sql(FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_(temp|toast)'
WHERE k.contype = 'n' AND c.relpersistence <> 't'
  AND (k.connoinherit OR NOT k.convalidated
       OR k.conislocal AND k.coninhcount > 0 AND NOT c.relispartition
       OR k.oid IN (SELECT objoid FROM pg_description WHERE classoid = 'pg_constraint'::regclass)
       OR k.conname <> concat_ws('_', c.relname, a.attname, 'not_null')))sql",
    .attributes = attributes,
    .since = 18,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "table foreign_table",
    .keyword = "CONSTRAINT",
    .naming = Kind::Naming::on_parent,
    .named_after_place = true,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
