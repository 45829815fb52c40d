#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// A parameter belongs to the bootstrap superuser, whose OID is always 10.
constexpr Attribute attributes[] = {
    {.name = "privileges", .sql = PLUMBLINE_ACL_TEXT("p.paracl", "'p'", "10"), .meaning = Class::security},
};

}  // namespace

const Kind parameter_privileges{
    .name = "parameter_privileges",
    .label = "parameter privileges",
    .address = {.catalog = "pg_parameter_acl", .oid = "p.oid"},
    .identity = {.name = "p.parname"},
    .from = "FROM pg_parameter_acl p WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .since = 15,
    .missing = Class::security,
    .unexpected = Class::security,
    .cluster = true,
};

}  // namespace plumbline::kinds
