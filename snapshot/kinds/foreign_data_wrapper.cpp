#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "handler", .sql = "nullif(f.fdwhandler, 0)::regprocedure"},
    {.name = "validator", .sql = "nullif(f.fdwvalidator, 0)::regprocedure"},
    {.name = "options", .sql = PLUMBLINE_FOREIGN_OPTIONS("f.fdwoptions")},
    {.name = "owner", .sql = PLUMBLINE_OWNER("f.fdwowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("f.fdwacl", "'F'", "f.fdwowner"),
     .meaning = Class::security},
    {.name = "comment",
     .sql = PLUMBLINE_COMMENT("pg_foreign_data_wrapper", "f.oid"),
     .meaning = Class::cosmetic},
};

}  // namespace

const Kind foreign_data_wrapper{
    .name = "foreign_data_wrapper",
    .label = "foreign-data wrapper",
    .address = {.catalog = "pg_foreign_data_wrapper", .oid = "f.oid"},
    .identity = {.name = "f.fdwname"},
    .from = "FROM pg_foreign_data_wrapper f WHERE true",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
