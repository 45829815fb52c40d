#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "type", .sql = "CASE a.amtype WHEN 't' THEN 'table' WHEN 'i' THEN 'index' END"},
    {.name = "handler", .sql = "a.amhandler::regprocedure"},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_am", "a.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind access_method{
    .name = "access_method",
    .label = "access method",
    .address = {.catalog = "pg_am", .oid = "a.oid"},
    .identity = {.name = "a.amname"},
    .from = "FROM pg_am a WHERE true",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
