#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string alter_column(const Object& object) {
  return "ALTER TABLE ONLY " + parent_name(object.id()) + " ALTER COLUMN " +
         quote_identifier(object.id().name.view());
}

void create(const Object& object, Scene&, Script& out) {
  out.add(alter_column(object) + " SET DEFAULT " + std::string(object["expression"]));
}

void drop(const Object& object, Scene&, Script& out) { out.add(alter_column(object) + " DROP DEFAULT"); }

bool is_generation(const Object& object) { return !object["generated"].empty(); }

bool alter_expression(const Change& change, Script& out) {
  if (is_generation(change.expected) || is_generation(*change.actual)) return false;
  out.add(alter_column(change.expected) + " SET DEFAULT " + std::string(change.to("expression")));
  return true;
}

// On a table of the same columns: a view's or a partition's own cannot always be altered. A generated
// column's expression stands in pg_attrdef too, but is no default: a column is added for it.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const ObjectId& id = object.id();
  const std::string relation = quote_literal(quote_qualified(id.schema.view(), id.parent.view()));
  const std::string alter = "ALTER TABLE pg_temp.plumbline_spelling ";
  const std::string set_default =
      alter + "ALTER COLUMN " + quote_identifier(id.name.view()) + " SET DEFAULT " + std::string(value);
  const std::string type = "format_type(atttypid, atttypmod)";
  return {"CREATE TEMPORARY TABLE plumbline_spelling (LIKE " +
              quote_qualified(id.schema.view(), id.parent.view()) + ")",
          "DO $plumbline$ BEGIN EXECUTE (SELECT CASE attgenerated WHEN '' THEN " +
              quote_literal(set_default) + " ELSE " + quote_literal(alter + "ADD COLUMN plumbline_added ") +
              " || " + type + " || " +
              quote_literal(" GENERATED ALWAYS AS (" + std::string(value) + ") STORED") +
              " END FROM pg_attribute WHERE attrelid = " + relation +
              "::regclass AND attname = " + quote_literal(id.name.view()) + "); END $plumbline$",
          "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid"
          " AND attnum = adnum WHERE adrelid = 'pg_temp.plumbline_spelling'::regclass"};
}

constexpr Attribute attributes[] = {
    // A generated column's own, which cannot be told from the column.
    {.name = "generated", .sql = PLUMBLINE_FLAG("a.attgenerated <> ''"), .compared = false},
    // Only a generated column's names columns; without the relation the server need not open it.
    {.name = "expression",
     .sql = "pg_get_expr(ad.adbin, CASE WHEN a.attgenerated <> '' THEN ad.adrelid ELSE 0 END)",
     .form = Form::expression,
     .normalise = spelled_anew,
     .alter = alter_expression},
};

}  // namespace

const Kind column_default{
    .name = "column_default",
    .label = "default",
    .address = {.catalog = "pg_attrdef", .oid = "ad.oid", .whole = "ad.adrelid", .belongs_to = "ad.adrelid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "a.attname"},
    .from =
        "FROM pg_attrdef ad JOIN pg_class c ON c.oid = ad.adrelid AND c.relpersistence <> 't'"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " CROSS JOIN LATERAL " PLUMBLINE_LOOK_UP_COLUMN("ad.adrelid", "ad.adnum") " a WHERE true",
    .attributes = attributes,
    .part_of_parent = true,
    .reported_as = "default",
    .parent_kinds = "column",
    .blocks_alter = always,
    .is_inseparable = is_generation,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
