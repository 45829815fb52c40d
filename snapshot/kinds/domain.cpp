#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

std::vector<std::string> default_spelled_anew(const Object& object, std::string_view value) {
  const std::string name = quote_qualified(object.id().schema.view(), object.id().name.view());
  return {"ALTER DOMAIN " + name + " SET DEFAULT " + std::string(value),
          "SELECT coalesce(pg_get_expr(typdefaultbin, 0), typdefault) FROM pg_type WHERE oid = " +
              quote_literal(name) + "::regtype"};
}

// A domain's checks are constraints, objects of their own.
constexpr Attribute attributes[] = {
    {.name = "type", .sql = "format_type(t.typbasetype, t.typtypmod)"},
    {.name = "collation",
     .sql = "(SELECT c.oid::regcollation::text FROM pg_collation c, pg_type b WHERE c.oid = t.typcollation"
            " AND b.oid = t.typbasetype AND c.oid <> b.typcollation)"},
    {.name = "not_null", .sql = PLUMBLINE_FLAG("t.typnotnull"), .meaning = Class::data},
    {.name = "not_null_name",
     .sql = "(SELECT k.conname FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'n'"
            " AND k.conname <> t.typname || '_not_null')",
     .since = 17},
    {.name = "default",
     .sql = "coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)",
     .form = Form::expression,
     .normalise = default_spelled_anew},
    {.name = "owner", .sql = PLUMBLINE_OWNER("t.typowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_type", "t.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind domain{
    .name = "domain",
    .label = "domain",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from = "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE t.typtype = 'd'",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
