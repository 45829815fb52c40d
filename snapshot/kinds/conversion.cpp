#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  out.add(std::string(object["default"].empty() ? "CREATE " : "CREATE DEFAULT ") + sql_name(object.id()) +
          " FOR " + quote_literal(object["source"]) + " TO " + quote_literal(object["target"]) + " FROM " +
          routine_name(object["function"]));
}

constexpr Attribute attributes[] = {
    {.name = "source", .sql = "pg_encoding_to_char(c.conforencoding)"},
    {.name = "target", .sql = "pg_encoding_to_char(c.contoencoding)"},
    {.name = "function", .sql = "c.conproc::regprocedure"},
    {.name = "default", .sql = PLUMBLINE_FLAG("c.condefault")},
    owner_attribute(PLUMBLINE_OWNER("c.conowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_conversion", "c.oid")),
};

}  // namespace

const Kind conversion{
    .name = "conversion",
    .label = "conversion",
    .address = {.catalog = "pg_conversion", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.conname"},
    .from = "FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE true",
    .attributes = attributes,
    .keyword = "CONVERSION",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
