#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/column_sql.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/inherited_sql.h"
#include "snapshot/kinds/not_null_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// What a view's column is follows from the view's query; only what can be set on it is told.
#define OWN_TYPE "c.relkind NOT IN ('v', 'm')"

constexpr Attribute attributes[] = {
    {.name = "type",
     .sql = "CASE WHEN " OWN_TYPE " THEN format_type(a.atttypid, a.atttypmod) END",
     .rebuilds_dependents = true,
     .alter = alter_type},
    {.name = "collation",
     .sql =
         "CASE WHEN a.attcollation <> t.typcollation AND " OWN_TYPE " THEN a.attcollation::regcollation END",
     .rebuilds_dependents = true,
     .alter = alter_type},
    {.name = "not_null",
     .sql = PLUMBLINE_FLAG("a.attnotnull"),
     .meaning = Class::data,
     .alter = alter_not_null},
    {.name = "identity",
     .sql = "CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END",
     .alter = alter_not_null},
    {.name = "generated",
     .sql = "CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END",
     .remakes = true},
    {.name = "inherited",
     .sql = "CASE WHEN a.attinhcount > 0 THEN CASE WHEN a.attislocal THEN 'and local' ELSE 'only' END END",
     .alter = alter_inherited},
    {.name = "storage",
     .sql = "CASE WHEN a.attstorage <> t.typstorage AND c.relkind <> 'v' THEN CASE a.attstorage WHEN 'p' "
            "THEN 'plain'"
            " WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END END",
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_storage},
    {.name = "compression",
     .sql = "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END",
     .since = 14,
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_compression},
    // "Not set" is -1 up to 16 and NULL from 17 on (pg_attribute).
    {.name = "statistics_target",
     .sql = "nullif(a.attstattarget, -1)",
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_statistics_target},
    // pg_attver is the server's own mark of when a column last changed (minor releases of November 2026);
    // alone it is the usual case, and then there is nothing to sort.
    {.name = "options",
     .sql = "CASE WHEN a.attoptions[1] NOT LIKE 'pg\\_attver=%' OR a.attoptions[2] IS NOT NULL THEN (SELECT"
            " string_agg(o, ', ' ORDER BY o COLLATE \"C\") FROM unnest(a.attoptions) o"
            " WHERE o NOT LIKE 'pg\\_attver=%') END",
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_column_options},
    {.name = "foreign_options", .sql = PLUMBLINE_OPTIONS("a.attfdwoptions"), .alter = alter_foreign_options},
    privileges_attribute("CASE WHEN a.attacl IS NOT NULL THEN nullif(" PLUMBLINE_ACL_TEXT(
        "a.attacl", "'c'", "c.relowner") ", quote_ident(pg_get_userbyid(c.relowner)) || ': none') END"),
    comment_attribute("d.description"),
};

#undef OWN_TYPE

}  // namespace

const Kind column{
    .name = "column",
    .label = "column",
    .address = {.catalog = "pg_class", .oid = "c.oid", .subid = "a.attnum", .whole = "c.oid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "a.attname"},
    .from = R"sql(FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_(temp|toast)')sql",
    .attributes = attributes,
    .holds_rows = true,
    .part_of_parent = true,
    .parent_kinds = "table foreign_table view materialized_view",
    .keyword = "COLUMN",
    .grant_on = "TABLE",
    .naming = Kind::Naming::under_parent,
    .created_by_parent = true,
    .is_handed_on = is_handed_on,
    .waits_for_parent = waits_for_parent,
    .create = create_column,
    .drop = drop_column,
    .follow = follow_type,
};

}  // namespace plumbline::kinds
