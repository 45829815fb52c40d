#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "owner", .sql = PLUMBLINE_OWNER("n.nspowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("n.nspacl", "'n'", "n.nspowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_namespace", "n.oid"), .meaning = Class::cosmetic},
};

}  // namespace

// "public" comes with the database (its OID is initdb's) and is compared like any other.
const Kind schema{
    .name = "schema",
    .label = "schema",
    .address = {.catalog = "pg_namespace", .oid = "n.oid"},
    .identity = {.name = "n.nspname"},
    .from = R"sql(FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')sql",
    .attributes = attributes,
    .built_in = true,
};

}  // namespace plumbline::kinds
