#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "from_sql", .sql = "nullif(t.trffromsql, 0)::regprocedure"},
    {.name = "to_sql", .sql = "nullif(t.trftosql, 0)::regprocedure"},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_transform", "t.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind transform{
    .name = "transform",
    .label = "transform",
    .address = {.catalog = "pg_transform", .oid = "t.oid"},
    .identity = {.name = "'FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname)"},
    .from = "FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
};

}  // namespace plumbline::kinds
