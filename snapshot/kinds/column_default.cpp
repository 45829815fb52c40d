#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"

namespace plumbline::kinds {

namespace {

// A generated column's expression stands in pg_attrdef too; its own spelling comes from a column that is
// added for the purpose, since a generation expression cannot be set on a plain column.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const ObjectId& id = object.id();
  const std::string relation = quote_qualified(id.schema.view(), id.parent.view());
  std::string type = "(SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = " +
                     quote_literal(relation) + "::regclass AND attname = " + quote_literal(id.name.view()) +
                     ")";
  const std::string added = "plumbline_spelling";
  return {"DO $plumbline$ BEGIN EXECUTE " +
              quote_literal("ALTER TABLE " + relation + " ADD COLUMN " + added + " ") + " || " + type +
              " || " + quote_literal(" DEFAULT " + std::string(value)) + "; END $plumbline$",
          "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid"
          " AND attnum = adnum WHERE adrelid = " +
              quote_literal(relation) + "::regclass AND attname = '" + added + "'"};
}

constexpr Attribute attributes[] = {
    {.name = "expression",
     .sql = "pg_get_expr(ad.adbin, ad.adrelid)",
     .form = Form::expression,
     .normalise = spelled_anew},
};

}  // namespace

const Kind column_default{
    .name = "column_default",
    .label = "default",
    .address = {.catalog = "pg_attrdef", .oid = "ad.oid", .whole = "ad.adrelid", .belongs_to = "ad.adrelid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "a.attname"},
    .from = R"sql(FROM pg_attrdef ad JOIN pg_class c ON c.oid = ad.adrelid AND c.relpersistence <> 't'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
WHERE true)sql",
    .attributes = attributes,
    .part_of_parent = true,
    .reported_as = "default",
    .parent_kinds = "column",
    .created_by_parent = true,
};

}  // namespace plumbline::kinds
