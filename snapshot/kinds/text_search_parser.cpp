#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "start", .sql = "p.prsstart::regprocedure"},
    {.name = "gettoken", .sql = "p.prstoken::regprocedure"},
    {.name = "end", .sql = "p.prsend::regprocedure"},
    {.name = "headline", .sql = "nullif(p.prsheadline, 0)::regprocedure"},
    {.name = "lextypes", .sql = "p.prslextype::regprocedure"},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_ts_parser", "p.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind text_search_parser{
    .name = "text_search_parser",
    .label = "text search parser",
    .address = {.catalog = "pg_ts_parser", .oid = "p.oid"},
    .identity = {.schema = "n.nspname", .name = "p.prsname"},
    .from = "FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE true",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
