#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "init", .sql = "nullif(t.tmplinit, 0)::regprocedure"},
    {.name = "lexize", .sql = "t.tmpllexize::regprocedure"},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_ts_template", "t.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind text_search_template{
    .name = "text_search_template",
    .label = "text search template",
    .address = {.catalog = "pg_ts_template", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.tmplname"},
    .from =
        "FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace AND " PLUMBLINE_LASTING_SCHEMA
        " WHERE true",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
