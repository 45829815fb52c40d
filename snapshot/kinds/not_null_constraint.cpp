#include <algorithm>
#include <optional>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/inherited_sql.h"
#include "snapshot/kinds/not_null_sql.h"
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

// The one that says it of a column of the part's table on that side ("\"B c\""), when it has a name of its
// own there.
std::optional<Object> named_for(const ObjectId& part, std::string_view column_text, const Snapshot& side) {
  for (const Object& each : side.children({&table, part.schema, {}, part.parent}, not_null_constraint)) {
    if (each["column"] == column_text) return each;
  }
  return std::nullopt;
}

std::optional<Object> named_for(const ObjectId& part, const Snapshot& side) {
  return named_for(part, quote_identifier(part.name.view()), side);
}

std::optional<Object> counterpart(const Object& object, const Snapshot& side) {
  return named_for(object.id(), object["column"], side);
}

// As the server chooses it, for a table and a column that are short enough (makeObjectName).
std::string usual_name(Symbol table_name, std::string_view column_name) {
  return std::string(table_name.view()).append("_").append(column_name).append("_not_null");
}

std::string usual_name(const Object& object) {
  const auto column = names_in(object["column"]);
  return usual_name(object.id().parent, column.empty() ? "" : column.front());
}

std::string name_of(const ObjectId& column_id, const Snapshot& side) {
  const auto named = named_for(column_id, side);
  return named ? std::string(named->id().name.view()) : usual_name(column_id.parent, column_id.name.view());
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

// What NOT NULL is called in the parents of the column's table.
std::string parents_name(const Object& object, const Snapshot& side) {
  for (const Object& parent : columns_of_parents(object, side)) {
    if (!parent["not_null"].empty()) return name_of(parent.id(), side);
  }
  return {};
}

// Under which name the column's own statements have made one, unless the column had one before.
std::string name_by_column(const Object& object, const Scene& scene) {
  const auto now = column_of(object, scene.expected), before = column_of(object, scene.actual);
  const bool made = !now || scene.is_made(now->id());
  if (const auto was = counterpart(object, scene.actual); was && !made && says_not_null(before))
    return std::string(was->id().name.view());
  if (made || says_not_null(before)) return usual_name(object);
  return comes_with_parents(*now, scene) ? parents_name(*now, scene.expected) : usual_name(object);
}

void create(const Object& object, Scene& scene, Script& out) {
  if (object["inherited"] == "only") return;
  const std::string has = name_by_column(object, scene);
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

// Whether a constraint that is there has that name: the server chooses one that no constraint of the schema
// has.
bool is_taken(Symbol schema, Symbol table_name, std::string_view name, const Snapshot& side) {
  const ObjectId first{&not_null_constraint, schema, {}, {}};
  for (std::size_t place = side.first_from(first, 0); place < side.size(); ++place) {
    const ObjectId& id = side.id(place);
    if (id.kind != &not_null_constraint || !(id.schema == schema)) return false;
    if (id.name.view() == name && !(id.parent == table_name)) return true;
  }
  return false;
}

}  // namespace

std::string not_null_clause(const Object& object, const Scene& scene) {
  const ObjectId& id = object.id();
  const std::string name = usual_name(id.parent, id.name.view());
  const bool says_so = scene.expected.server_version >= not_null_constraint.since &&
                       name.size() <= longest_name && is_taken(id.schema, id.parent, name, scene.actual);
  return says_so ? " CONSTRAINT " + quote_identifier(name) + " NOT NULL" : " NOT NULL";
}

bool comes_with_parents(const Object& object, const Scene& scene) {
  const auto below = columns_of_parents(object, scene.actual);
  const auto parents = columns_of_parents(object, scene.expected);
  const bool comes = std::ranges::any_of(parents, [&](const Object& parent) {
    const auto was = std::ranges::find(below, parent.id(), &Object::id);
    return was != below.end() && !scene.is_made(parent.id()) && !says_not_null(*was) && says_not_null(parent);
  });
  if (!comes || scene.expected.server_version < not_null_constraint.since) return comes;
  return !has_own_not_null(object, scene.expected) &&
         name_of(object.id(), scene.expected) == parents_name(object, scene.expected);
}

bool waits_for_parent(const Object& actual, const Object& expected) {
  return says_not_null(actual) && !says_not_null(expected);
}

bool has_own_not_null(const Object& object, const Snapshot& side) {
  const auto named = named_for(object.id(), side);
  return named && (*named)["inherited"] == "and local";
}

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
