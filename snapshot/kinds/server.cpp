#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "wrapper", .sql = "f.fdwname"},
    {.name = "type", .sql = "s.srvtype"},
    {.name = "version", .sql = "s.srvversion"},
    {.name = "options", .sql = PLUMBLINE_FOREIGN_OPTIONS("s.srvoptions")},
    {.name = "owner", .sql = PLUMBLINE_OWNER("s.srvowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("s.srvacl", "'S'", "s.srvowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_foreign_server", "s.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind server{
    .name = "server",
    .label = "foreign server",
    .address = {.catalog = "pg_foreign_server", .oid = "s.oid"},
    .identity = {.name = "s.srvname"},
    .from = "FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw WHERE true",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
