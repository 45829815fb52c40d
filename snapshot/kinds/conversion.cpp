#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "source", .sql = "pg_encoding_to_char(c.conforencoding)"},
    {.name = "target", .sql = "pg_encoding_to_char(c.contoencoding)"},
    {.name = "function", .sql = "c.conproc::regprocedure"},
    {.name = "default", .sql = PLUMBLINE_FLAG("c.condefault")},
    {.name = "owner", .sql = PLUMBLINE_OWNER("c.conowner"), .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_conversion", "c.oid"), .meaning = Class::cosmetic},
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
};

}  // namespace plumbline::kinds
