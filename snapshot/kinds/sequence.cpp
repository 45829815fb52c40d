#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

std::string type_of(const Object& object) {
  return object["data_type"].empty() ? "bigint" : std::string(object["data_type"]);
}

void create(const Object& object, Scene&, Script& out) {
  out.add((object["persistence"].empty() ? "CREATE SEQUENCE " : "CREATE UNLOGGED SEQUENCE ") +
          own_name(object.id()) + (object["data_type"].empty() ? "" : " AS " + type_of(object)) +
          sequence_options(object));
}

std::string alter_sequence(const Object& object) { return "ALTER " + sql_name(object.id()); }

bool is_identity(const Object& object, const Scene& scene) {
  const auto owner = owning_column(object["owned_by"], scene.expected);
  // A serial column can have become one and kept the sequence from before.
  if (!owner || (*owner)["identity"].empty()) return false;
  const auto parts = scene.parts(owner->id(), sequence);
  return std::ranges::any_of(parts, [&](const Object& part) { return part.id() == object.id(); });
}

// What CREATE TABLE makes along with it has the table's.
bool has_wrong_persistence(const Object& object, const Scene& scene) {
  if (!is_identity(object, scene)) return false;
  const auto owner = owning_column(object["owned_by"], scene.expected);
  const auto home =
      owner ? scene.expected.find({&table, owner->id().schema, {}, owner->id().parent}) : std::nullopt;
  return home && (*home)["persistence"] != object["persistence"];
}

// As the server chooses it: the first value in the sequence's direction.
std::string start_of(const Object& object) {
  if (!object["start"].empty()) return std::string(object["start"]);
  const bool down = object["increment"].starts_with('-');
  const std::string_view bound = object[down ? "maximum" : "minimum"];
  return bound.empty() ? (down ? "-1" : "1") : std::string(bound);
}

bool bounds_differ(const Change& change) {
  return change.from("minimum") != change.to("minimum") || change.from("maximum") != change.to("maximum") ||
         change.from("data_type") != change.to("data_type");
}

// The last value has to lie within the new bounds, which the server does not see to.
void move_into_bounds(const Change& change, Script& out) {
  const std::string type = type_of(change.expected), name = own_name(change.expected.id());
  const std::string last = type == "smallint"  ? "32767"
                           : type == "integer" ? "2147483647"
                                               : "9223372036854775807";
  const bool down = change.to("increment").starts_with('-');
  const std::string_view low = change.to("minimum"), high = change.to("maximum");
  const std::string first = low.empty() ? (down ? "-" + last : "1") : std::string(low);
  const std::string end = high.empty() ? (down ? "-1" : last) : std::string(high);
  out.add(alter_sequence(change.expected) + " MINVALUE -" +
          (type_of(*change.actual) == "smallint"  ? "32768"
           : type_of(*change.actual) == "integer" ? "2147483648"
                                                  : "9223372036854775808") +
          " MAXVALUE " + last);
  out.add("SELECT pg_catalog.setval(" + quote_literal(name) + ", least(greatest(last_value, " + first +
          "), " + end + "), is_called) FROM " + name);
}

// An identity column's sequence has the column's type to begin with.
bool has_columns_type(const Change& change) {
  if (!is_identity(change.expected, change.scene)) return true;
  return (*owning_column(change.to("owned_by"), change.scene.expected))["type"] == type_of(change.expected);
}

// All at once, since each has to fit the others.
bool alter_options(const Change& change, Script& out) {
  if (!change.actual && has_columns_type(change)) return true;
  if (change.actual && bounds_differ(change) && change.from("data_type") == change.to("data_type"))
    move_into_bounds(change, out);
  const auto value = [&](std::string_view attribute, std::string_view otherwise) {
    const std::string_view text = change.to(attribute);
    return std::string(text.empty() ? otherwise : text);
  };
  std::string sql = alter_sequence(change.expected);
  if (!change.actual || change.from("data_type") != change.to("data_type"))
    sql += " AS " + type_of(change.expected);
  sql += " INCREMENT BY " + value("increment", "1");
  const auto bound = [&](std::string_view attribute, const std::string& word) {
    return change.to(attribute).empty() ? " NO " + word
                                        : " " + word + " " + std::string(change.to(attribute));
  };
  sql += bound("minimum", "MINVALUE") + bound("maximum", "MAXVALUE");
  sql += " START WITH " + start_of(change.expected) + " CACHE " + value("cache", "1");
  sql += change.to("cycle").empty() ? " NO CYCLE" : " CYCLE";
  out.add(sql);
  return true;
}

bool alter_persistence(const Change& change, Script& out) {
  if (!change.actual && !has_wrong_persistence(change.expected, change.scene)) return true;
  out.add(alter_sequence(change.expected) +
          (change.to("persistence").empty() ? " SET LOGGED" : " SET UNLOGGED"));
  return true;
}

// A new sequence goes on where the values end that its column has.
void go_on(const Change& change, Script& out) {
  const auto owner = owning_column(change.to("owned_by"), change.scene.actual);
  if (change.actual || !owner || change.scene.is_made(owner->id())) return;
  const std::string column = quote_identifier(owner->id().name.view());
  const std::string_view type = (*owner)["type"];
  const bool whole = type == "smallint" || type == "integer" || type == "bigint";
  const bool number = whole || type.starts_with("numeric") || type == "real" || type == "double precision";
  if (!number) return;
  const bool down = change.to("increment").starts_with('-');
  const std::string last = (down ? "min(" : "max(") + column + ")" + (whole ? "" : "::bigint");
  out.add("SELECT pg_catalog.setval(" + quote_literal(own_name(change.expected.id())) + ", " + last +
              ") FROM " + parent_name(owner->id()) + " HAVING " + last + (down ? " < 0" : " > 0"),
          {Hazard::scans_table});
}

// An identity column's sequence is its column's from the beginning.
bool alter_owned_by(const Change& change, Script& out) {
  go_on(change, out);
  if (is_identity(change.expected, change.scene)) return true;
  const std::string_view column = change.to("owned_by");
  out.add(alter_sequence(change.expected) + " OWNED BY " + (column.empty() ? "NONE" : std::string(column)));
  return true;
}

std::optional<ObjectId> identity_column_of(const Object& object, const Snapshot& side) {
  const auto owner = owning_column(object["owned_by"], side);
  return owner && !(*owner)["identity"].empty() ? std::optional(owner->id()) : std::nullopt;
}

void disown(const Object& object, const Scene&, Script& out) {
  if (!object["owned_by"].empty()) out.add(alter_sequence(object) + " OWNED BY NONE");
}

// The bounds of a sequence that was created without any (manual, CREATE SEQUENCE): from 1 up, or from -1
// down, to the last value of its type.
#define LAST_OF_TYPE \
  "(CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END)"
#define FIRST_OF_TYPE "(-1 - " LAST_OF_TYPE ")"

// Also the sequences behind identity columns: they can have privileges and comments of their own.
constexpr Attribute attributes[] = {
    {.name = "data_type",
     .sql = "nullif(format_type(s.seqtypid, NULL), 'bigint')",
     .initial = "(as its column)",
     .alter = alter_options},
    {.name = "increment", .sql = "nullif(s.seqincrement, 1)", .alter = alter_options},
    {.name = "minimum",
     .sql = "nullif(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1 ELSE " FIRST_OF_TYPE " END)",
     .alter = alter_options},
    {.name = "maximum",
     .sql = "nullif(s.seqmax, CASE WHEN s.seqincrement > 0 THEN " LAST_OF_TYPE " ELSE -1 END)",
     .alter = alter_options},
    {.name = "start",
     .sql = "nullif(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END)",
     .meaning = Class::operational,
     .alter = alter_options},
    {.name = "cache", .sql = "nullif(s.seqcache, 1)", .meaning = Class::operational, .alter = alter_options},
    {.name = "cycle", .sql = PLUMBLINE_FLAG("s.seqcycle"), .alter = alter_options},
    {.name = "persistence",
     .sql = "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END",
     .meaning = Class::data,
     .initial = "(as its table)",
     .alter = alter_persistence},
    {.name = "owned_by",
     .sql = "d.refobjid::regclass || '.' || quote_ident(a.attname)",
     .late = true,
     .initial = "",
     .alter = alter_owned_by},
    owner_attribute(PLUMBLINE_OWNER("c.relowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("c.relacl", "'s'", "c.relowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_class", "c.oid")),
};

#undef LAST_OF_TYPE
#undef FIRST_OF_TYPE

}  // namespace

const Kind sequence{
    .name = "sequence",
    .label = "sequence",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = R"sql(FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE true)sql",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "SEQUENCE",
    .held_late = true,
    .part_of = identity_column_of,
    .create = create,
    .drop = drop_plainly,
    .release = disown,
};

}  // namespace plumbline::kinds
