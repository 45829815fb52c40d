#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    // A tablespace in place (allow_in_place_tablespaces) has a path made of its OID.
    {.name = "location",
     .sql = "CASE WHEN pg_tablespace_location(t.oid) !~ '^pg_tblspc/' THEN "
            "nullif(pg_tablespace_location(t.oid), '')"
            " END",
     .meaning = Class::operational},
    {.name = "options", .sql = PLUMBLINE_OPTIONS("t.spcoptions"), .meaning = Class::operational},
    owner_attribute(PLUMBLINE_OWNER("t.spcowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.spcacl", "'t'", "t.spcowner")),
    {.name = "security_labels",
     .sql = PLUMBLINE_SHARED_LABELS("pg_tablespace", "t.oid"),
     .meaning = Class::security},
    comment_attribute(PLUMBLINE_SHARED_COMMENT("pg_tablespace", "t.oid")),
};

}  // namespace

const Kind tablespace{
    .name = "tablespace",
    .label = "tablespace",
    .address = {.catalog = "pg_tablespace", .oid = "t.oid"},
    .identity = {.name = "t.spcname"},
    .from = "FROM pg_tablespace t WHERE true",
    .attributes = attributes,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .built_in = true,
    .cluster = true,
};

}  // namespace plumbline::kinds
