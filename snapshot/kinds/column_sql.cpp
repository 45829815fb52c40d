#include "snapshot/kinds/column_sql.h"

#include <algorithm>
#include <array>
#include <string>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/index_sql.h"
#include "snapshot/kinds/inherited_sql.h"
#include "snapshot/kinds/not_null_sql.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

std::string alter_table(const Object& object, bool only = false) {
  return (only ? "ALTER TABLE ONLY " : "ALTER TABLE ") + parent_name(object.id());
}

std::string alter_column(const Object& object, bool only = false) {
  return alter_table(object, only) + " ALTER COLUMN " + quote_identifier(object.id().name.view());
}

bool is_foreign(const Object& object, const Scene& scene) {
  return scene.expected.find({&foreign_table, object.id().schema, {}, object.id().parent}).has_value();
}

// The column as it comes from a parent table: what is done to the parent's is done to it.
bool is_inherited(const Object& object) { return !object["inherited"].empty(); }

std::optional<Object> table_of(const Object& object, const Snapshot& snapshot) {
  const ObjectId& id = object.id();
  const auto found = snapshot.find({&table, id.schema, {}, id.parent});
  return found ? found : snapshot.find({&foreign_table, id.schema, {}, id.parent});
}

// Whether it is changed by what is done to the column of the parent.
bool follows_parent(const Change& change) {
  return is_inherited(change.expected) && is_inherited(*change.actual) &&
         !leaves_parent(change.expected.id(), change.scene);
}

// The name of a type without its modifier and array marks: "numeric(10,2)[]" -> "numeric".
std::string_view base_of(std::string_view type) { return trim(type.substr(0, type.find_first_of("(["))); }

bool is_one_of(std::string_view type, std::span<const std::string_view> list) {
  return std::ranges::find(list, type) != list.end();
}

constexpr std::array<std::string_view, 6> numbers{"smallint", "integer",          "bigint",
                                                  "numeric",  "double precision", "real"};
constexpr std::array<std::string_view, 5> strings{"text", "character varying", "character", "name",
                                                  "\"char\""};
constexpr std::array<std::string_view, 6> times{"date",
                                                "timestamp",
                                                "timestamp without time zone",
                                                "timestamp with time zone",
                                                "time without time zone",
                                                "interval"};

// Types that convert into each other by a cast of their own: elsewhere the text stands between, which every
// type can be read from.
bool has_cast(std::string_view from, std::string_view to) {
  const std::string_view a = base_of(from), b = base_of(to);
  return a == b || (is_one_of(a, numbers) && is_one_of(b, numbers)) ||
         (is_one_of(a, times) && is_one_of(b, times) && a != "interval" && b != "interval") ||
         (a == "json" && b == "jsonb") || (a == "jsonb" && b == "json");
}

bool is_array(std::string_view type) { return type.ends_with(']'); }

constexpr std::array<std::string_view, 3> documents{"json", "jsonb", "xml"};

// Whether somebody has to say what becomes of the values: no cast leads there, and reading the text of one as
// the other is no more than a guess.
bool is_anybodys_guess(std::string_view from, std::string_view to) {
  if (from == to || from == std::string(to) + "[]" || to == std::string(from) + "[]") return false;
  if (is_array(from) != is_array(to)) return !is_one_of(base_of(to), strings) || is_array(to);
  return is_one_of(base_of(to), documents) && !has_cast(from, to);
}

// A part of the key by which its table is partitioned (pg_depend has it the other way round: the column as a
// part of the table, StorePartitionKey in heap.c, 10+).
bool is_of_partition_key(const Object& object, const Snapshot& side) {
  const auto owner = table_of(object, side);
  if (!owner || owner->id().kind != &table || (*owner)["partition_by"].empty()) return false;
  return std::ranges::any_of(side.dependencies(), [&](const Dependency& each) {
    return each.hold == Dependency::Hold::internal && each.dependent == object.id() &&
           each.referenced == owner->id();
  });
}

void refuse_guess(const Change& change, Script& out) {
  const std::string name = qualified(change.expected.id());
  out.cannot("nothing converts column " + name + " from " + std::string(change.from("type")) + " to " +
             std::string(change.to("type")) + " by itself; say how, with --using " + name + "=EXPRESSION");
}

// The server gives an identity column's sequence the column's type; its bounds have to fit by then.
void narrow_identity(const Change& change, Script& out) {
  for (const Object& part : change.scene.parts(change.expected.id(), sequence)) {
    const auto before = change.scene.actual.find(part.id());
    if (!before || change.scene.is_made(part.id()) || (*before)["data_type"] == part["data_type"] ||
        part["data_type"].empty())
      continue;
    const auto bound = [&](const char* attribute, const std::string& word) {
      return part[attribute].empty() ? " NO " + word : " " + word + " " + std::string(part[attribute]);
    };
    out.add("ALTER " + sql_name(part.id()) + " AS " + std::string(part["data_type"]) +
            bound("minimum", "MINVALUE") + bound("maximum", "MAXVALUE"));
  }
}

// `kept`: a condition on the old values under which the new ones are the same; empty: when both print alike.
void set_type(const Change& change, const std::string& source, const std::string& kept, Script& out) {
  const Object& object = change.expected;
  const std::string type(change.to("type"));
  std::string sql = alter_column(object) + " TYPE " + type;
  if (!change.to("collation").empty()) sql += " COLLATE " + std::string(change.to("collation"));
  const std::string name = quote_identifier(object.id().name.view());
  const std::string_view from = change.from("type");
  if (is_foreign(object, change.scene)) {  // which has no rows of its own to convert
    return out.add("ALTER FOREIGN" + sql.substr(5), {Hazard::blocks_reads_and_writes});
  }
  narrow_identity(change, out);
  if (const std::string_view said = change.scene.using_expression(object.id()); !said.empty()) {
    sql += " USING " + std::string(said);
  } else if (!source.empty()) {
    sql += " USING " + name + source + "::" + type;
  } else if (type == std::string(from) + "[]") {
    sql += " USING CASE WHEN " + name + " IS NOT NULL THEN ARRAY[" + name + "] END";
  } else if (from == type + "[]") {
    sql += " USING " + name + "[1]";
  } else if (from != type && (is_array(type) || !is_one_of(base_of(type), strings))) {
    sql += " USING " + name + (has_cast(from, type) ? "::" : "::text::") + type;
  }
  out.add(sql, {Hazard::rewrites_table, Hazard::blocks_reads_and_writes});
  const bool is_guess =
      is_array(from) || is_array(type) || !change.scene.using_expression(object.id()).empty();
  const std::string converted = name + (has_cast(from, type) ? "::" : "::text::") + type;
  std::string wrong = "(" + converted + ")::text IS DISTINCT FROM " + name + "::text";
  if (!kept.empty()) wrong = "NOT (" + kept + ")";
  const std::string owner = parent_name(object.id());
  out.wants_of_rows(
      {owner, is_guess ? std::string() : "SELECT EXISTS (SELECT FROM " + owner + " WHERE " + wrong + ")"});
}

}  // namespace

void create_column(const Object& object, Scene& scene, Script& out) {
  if (object["type"].empty()) return;  // a view's
  if (object["inherited"] == "only" && is_handed_on_by_parent(object, scene)) return;
  const std::string definition = column_definition(object, scene);
  out.add(alter_table(object) + " ADD COLUMN " + definition, {Hazard::blocks_reads_and_writes});
  // Rows that are there have no value for it; or an expression of theirs is computed, which may fail.
  const bool is_computed = !object["generated"].empty();
  const bool is_filled = definition.find(" DEFAULT ") != definition.npos || !object["identity"].empty();
  const std::string owner = parent_name(object.id());
  if (is_computed) out.wants_of_rows({owner, {}});
  if (!object["not_null"].empty() && !is_filled && !is_computed)
    out.wants_of_rows({owner, "SELECT EXISTS (SELECT FROM " + owner + ")", RowCondition::Computes::nothing});
  refuse_from_parent_alone(object, scene, out);
}

void drop_column(const Object& object, Scene& scene, Script& out) {
  if (object["type"].empty()) return;
  if (object["inherited"] == "only" && !leaves_parent(object.id(), scene)) return;
  out.add(alter_table(object) + " DROP COLUMN " + quote_identifier(object.id().name.view()),
          {Hazard::deletes_data, Hazard::blocks_reads_and_writes});
}

bool alter_type(const Change& change, Script& out) {
  if (change.from("type").empty() || change.to("type").empty()) return true;
  if (!change.actual || !change.to("generated").empty()) return false;
  if (is_of_partition_key(*change.actual, change.scene.actual)) return false;
  if (follows_parent(change)) return true;
  if (is_anybodys_guess(change.from("type"), change.to("type")) &&
      !is_foreign(change.expected, change.scene) &&
      change.scene.using_expression(change.expected.id()).empty())
    return refuse_guess(change, out), true;
  set_type(change, {}, {}, out);
  return true;
}

bool follow_type(const Change& change, const ObjectId& successor, Script& out) {
  if (change.from("type").empty()) return false;
  if (!change.to("generated").empty()) return false;
  if (is_of_partition_key(*change.actual, change.scene.actual)) return false;
  if (follows_parent(change)) return true;
  // A change of the type itself is written by alter_type.
  if (change.from("type") != change.to("type")) return true;
  const bool is_array = change.to("type").ends_with("[]");
  const auto made = change.scene.expected.find(successor);
  const std::string values = made && successor.kind == &enum_type ? std::string((*made)["values"]) : "";
  const std::string name = quote_identifier(change.expected.id().name.view());
  const std::string kept = values.empty() ? "" : name + " IS NULL OR " + name + "::text IN (" + values + ")";
  set_type(change, is_array ? "::text[]" : "::text", kept.empty() ? "false" : kept, out);
  return true;
}

namespace {

// A parent's NOT NULL is taken from its children along with it, unless (from 18 on) they say it themselves.
bool goes_with_parents(const Change& change) {
  const auto parents = columns_of_parents(change.expected, change.scene.actual);
  return std::ranges::any_of(parents, [](const Object& each) { return !each["not_null"].empty(); }) &&
         !has_own_not_null(*change.actual, change.scene.actual);
}

void add_identity(const Change& change, Script& out) {
  const bool always = change.to("identity") == "always";
  std::string sql =
      alter_column(change.expected) + (always ? " ADD GENERATED ALWAYS" : " ADD GENERATED BY DEFAULT");
  sql += " AS IDENTITY";
  for (const Object& part : change.scene.parts(change.expected.id(), sequence)) {
    sql += " (SEQUENCE NAME " + own_name(part.id()) + sequence_options(part) + ")";
  }
  out.add(sql);
}

}  // namespace

namespace {

// On a database in use: a constraint that is validated beside the work of others lets SET NOT NULL do without
// a scan.
void set_not_null(const Change& change, Script& out) {
  const Object& object = change.expected;
  const ObjectId& id = object.id();
  const std::string clause = not_null_clause(object, change.scene);
  const bool named = clause != " NOT NULL";
  const std::string set = named
                              ? alter_table(object) + " ADD" + clause + " " + quote_identifier(id.name.view())
                              : alter_column(object) + " SET NOT NULL";
  const bool others = change.actual && change.scene.online() && !is_of_new_table(id, change.scene) &&
                      !is_foreign(object, change.scene);
  const std::string owner = parent_name(object.id());
  const RowCondition no_null{
      owner,
      "SELECT EXISTS (SELECT FROM " + owner + " WHERE " + quote_identifier(id.name.view()) + " IS NULL)",
      RowCondition::Computes::nothing};
  if (!others) {
    out.add(set, {Hazard::scans_table, Hazard::blocks_reads_and_writes});
    return out.wants_of_rows(no_null);
  }
  const std::string name = quote_identifier(temporary_name(id.name.view(), "_not_null"));
  const std::string alter = alter_table(object);
  out.add(alter + " ADD CONSTRAINT " + name + " CHECK (" + quote_identifier(id.name.view()) +
          " IS NOT NULL) NOT VALID");
  out.add_alone(alter + " VALIDATE CONSTRAINT " + name, {Hazard::scans_table});
  out.wants_of_rows(no_null);
  out.add(set, {Hazard::blocks_reads_and_writes});
  out.add(alter + " DROP CONSTRAINT " + name, {Hazard::blocks_reads_and_writes});
}

}  // namespace

// An identity column is NOT NULL before it becomes one, and until it is none any more.
bool alter_not_null(const Change& change, Script& out) {
  if (change.to("type").empty()) return true;
  const std::string_view from = change.from("identity"), to = change.to("identity");
  const std::string alter = alter_column(change.expected);
  if (!from.empty() && to.empty()) out.add(alter + " DROP IDENTITY");
  const bool had = !change.from("not_null").empty(), has = !change.to("not_null").empty();
  if (has && !had && !comes_with_parents(change.expected, change.scene)) set_not_null(change, out);
  if (had && !has && !goes_with_parents(change)) {
    out.add(alter + " DROP NOT NULL", {Hazard::blocks_reads_and_writes});
  }
  if (from.empty() && !to.empty()) add_identity(change, out);
  if (!from.empty() && !to.empty() && from != to) {
    out.add(alter + (to == "always" ? " SET GENERATED ALWAYS" : " SET GENERATED BY DEFAULT"));
  }
  return true;
}

// Up to 15 there is no word for a type's own way of storing.
bool alter_storage(const Change& change, Script& out) {
  std::string word(change.to("storage"));
  if (word.empty()) {
    const std::string_view type = base_of(change.to("type"));
    const bool fixed = is_one_of(type, std::span(numbers).first(3)) || is_one_of(type, times);
    word = change.to("type").ends_with("]") ? "extended"
           : type == "numeric"              ? "main"
           : fixed                          ? "plain"
                                            : "extended";
  }
  out.add(alter_column(change.expected, true) + " SET STORAGE " + word);
  return true;
}

bool alter_compression(const Change& change, Script& out) {
  const std::string_view method = change.to("compression");
  out.add(alter_column(change.expected, true) + " SET COMPRESSION " +
          (method.empty() ? std::string("default") : std::string(method)));
  return true;
}

bool alter_statistics_target(const Change& change, Script& out) {
  const std::string_view target = change.to("statistics_target");
  out.add(alter_column(change.expected, true) + " SET STATISTICS " +
          (target.empty() ? std::string("-1") : std::string(target)));
  return true;
}

bool alter_column_options(const Change& change, Script& out) {
  set_and_reset(alter_column(change.expected, true), change.from("options"), change.to("options"), out);
  return true;
}

bool alter_foreign_options(const Change& change, Script& out) {
  if (!change.actual) return true;
  const std::string options =
      foreign_options(change.from("foreign_options"), change.to("foreign_options"), false);
  if (!options.empty()) out.add("ALTER FOREIGN" + alter_column(change.expected).substr(5) + options);
  return true;
}

}  // namespace plumbline::kinds
