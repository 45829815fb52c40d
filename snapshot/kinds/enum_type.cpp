#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "values",
     .sql = "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)"
            " FROM pg_enum e WHERE e.enumtypid = t.oid)"},
    {.name = "owner", .sql = PLUMBLINE_OWNER("t.typowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_type", "t.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind enum_type{
    .name = "enum",
    .label = "enum",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from = "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE t.typtype = 'e'",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
