#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/type_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string list = "subtype = " + std::string(object["subtype"]);
  const auto say = [&](std::string_view word, std::string_view attribute) {
    if (!object[attribute].empty()) list.append(", ").append(word).append(" = ").append(object[attribute]);
  };
  say("subtype_opclass", "operator_class");
  say("collation", "collation");
  say("canonical", "canonical");
  say("subtype_diff", "subtype_difference");
  say("multirange_type_name", "multirange");
  out.add("CREATE " + sql_name(object.id()) + " AS RANGE (" + list + ")");
}

constexpr Attribute attributes[] = {
    {.name = "subtype", .sql = "format_type(r.rngsubtype, NULL)", .remakes = true},
    {.name = "operator_class",
     .sql = "(SELECT quote_ident(s.nspname) || '.' || quote_ident(o.opcname) FROM pg_opclass o"
            " JOIN pg_namespace s ON s.oid = o.opcnamespace WHERE o.oid = r.rngsubopc AND NOT o.opcdefault)",
     .remakes = true},
    {.name = "collation",
     .sql = "(SELECT c.oid::regcollation::text FROM pg_collation c, pg_type b WHERE c.oid = r.rngcollation"
            " AND b.oid = r.rngsubtype AND c.oid <> b.typcollation)",
     .remakes = true},
    {.name = "canonical", .sql = "nullif(r.rngcanonical::text, '-')", .remakes = true},
    {.name = "subtype_difference", .sql = "nullif(r.rngsubdiff::text, '-')", .remakes = true},
    {.name = "multirange", .sql = "format_type(r.rngmultitypid, NULL)", .since = 14, .remakes = true},
    owner_attribute(PLUMBLINE_OWNER("t.typowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_type", "t.oid")),
};

}  // namespace

const Kind range_type{
    .name = "range_type",
    .label = "range type",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from =
        "FROM pg_type t JOIN pg_range r ON r.rngtypid = t.oid"
        " JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
        " WHERE t.typtype = 'r'",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "TYPE",
    .open_to_public = true,
    .create = create,
    .drop = drop_plainly,
    .set_aside = set_type_aside,
};

}  // namespace plumbline::kinds
