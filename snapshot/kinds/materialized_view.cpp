#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/relation.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "definition",
     .sql = "pg_get_viewdef(c.oid)",
     .form = Form::code,
     .normalise = query_spelled_anew},
    {.name = "access_method", .sql = "nullif(am.amname, 'heap')", .meaning = Class::operational},
    {.name = "tablespace", .sql = PLUMBLINE_TABLESPACE("c.reltablespace"), .meaning = Class::operational},
    {.name = "storage_parameters", .sql = PLUMBLINE_OPTIONS("c.reloptions"), .meaning = Class::operational},
    {.name = "toast_storage_parameters",
     .sql = "CASE WHEN c.reltoastrelid <> 0 THEN (SELECT " PLUMBLINE_OPTIONS(
         "toast.reloptions") " FROM pg_class toast WHERE toast.oid = c.reltoastrelid) END",
     .meaning = Class::operational},
    {.name = "replica_identity", .sql = PLUMBLINE_REPLICA_IDENTITY, .meaning = Class::operational},
    {.name = "depends_on_extension",
     .sql = PLUMBLINE_DEPENDS_ON_EXTENSION("pg_class", "c.oid"),
     .meaning = Class::operational},
    {.name = "owner", .sql = PLUMBLINE_OWNER("c.relowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_class", "c.oid"), .meaning = Class::cosmetic},
};

}  // namespace

// Whether it has been filled is data, not schema: a restore leaves it empty until the next REFRESH.
const Kind materialized_view{
    .name = "materialized_view",
    .label = "materialized view",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " LEFT JOIN pg_am am ON am.oid = c.relam WHERE c.relkind = 'm' AND c.relpersistence <> 't'",
    .attributes = attributes,
    .blocks_alter = true,
};

}  // namespace plumbline::kinds
