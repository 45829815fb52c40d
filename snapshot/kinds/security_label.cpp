#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "label", .sql = "l.label", .meaning = Class::security},
};

}  // namespace

// Labels can be on anything, so they are told apart from what they are on. Large objects are data.
const Kind security_label{
    .name = "security_label",
    .label = "security label",
    .address = {.catalog = "pg_seclabel", .oid = "l.objoid", .subid = "l.objsubid"},
    .identity = {.name = "'FOR ' || quote_ident(l.provider) || ' ON ' || upper(i.type) || ' ' || i.identity"},
    .from = R"sql(FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) i
WHERE l.classoid <> 'pg_largeobject'::regclass)sql",
    .attributes = attributes,
    .name_is_sql = true,
    .missing = Class::security,
    .unexpected = Class::security,
    .built_in = true,
};

}  // namespace plumbline::kinds
