#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

std::vector<std::string> key_spelled_anew(const Object& object, std::string_view value) {
  return {"CREATE TEMPORARY TABLE plumbline_spelling (LIKE " +
              quote_qualified(object.id().schema.view(), object.id().name.view()) + ") PARTITION BY " +
              std::string(value),
          "SELECT pg_get_partkeydef('pg_temp.plumbline_spelling'::regclass)"};
}

constexpr Attribute attributes[] = {
    {.name = "persistence",
     .sql = "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END",
     .meaning = Class::data},
    {.name = "of_type", .sql = "nullif(c.reloftype, 0)::regtype"},
    {.name = "inherits",
     .sql =
         "CASE WHEN NOT c.relispartition THEN (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY"
         " i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid) END"},
    {.name = "partition_of",
     .sql = "CASE WHEN c.relispartition THEN (SELECT i.inhparent::regclass FROM pg_inherits i"
            " WHERE i.inhrelid = c.oid) END"},
    {.name = "partition_bound", .sql = "pg_get_expr(c.relpartbound, c.oid)", .form = Form::expression},
    {.name = "partition_detach_pending",
     .sql = PLUMBLINE_FLAG("c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid"
                           " AND i.inhdetachpending)"),
     .since = 14,
     .meaning = Class::operational},
    {.name = "partition_by",
     .sql = "CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END",
     .form = Form::expression,
     .normalise = key_spelled_anew},
    // A partitioned table has one only when it was said (17+): it is for its partitions to come.
    {.name = "access_method",
     .sql = "CASE WHEN c.relkind = 'p' OR am.amname <> 'heap' THEN am.amname END",
     .meaning = Class::operational},
    {.name = "tablespace", .sql = PLUMBLINE_TABLESPACE("c.reltablespace"), .meaning = Class::operational},
    {.name = "storage_parameters", .sql = PLUMBLINE_OPTIONS("c.reloptions"), .meaning = Class::operational},
    {.name = "toast_storage_parameters",
     .sql = PLUMBLINE_OPTIONS("toast.reloptions"),
     .meaning = Class::operational},
    {.name = "row_security", .sql = PLUMBLINE_FLAG("c.relrowsecurity"), .meaning = Class::security},
    {.name = "force_row_security",
     .sql = PLUMBLINE_FLAG("c.relforcerowsecurity"),
     .meaning = Class::security},
    {.name = "replica_identity", .sql = PLUMBLINE_REPLICA_IDENTITY, .meaning = Class::operational},
    // Of a child only its own columns: a restore puts those of its parents first, in the parents' order.
    {.name = "column_order",
     // An array keeps the order of the index; string_agg would sort for each table.
     .sql = "array_to_string(ARRAY(SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = c.oid AND "
            "attnum > 0"
            " AND NOT attisdropped AND (attinhcount = 0 OR c.relispartition) ORDER BY attnum), ',')",
     .form = Form::order,
     .meaning = Class::cosmetic},
    {.name = "owner", .sql = PLUMBLINE_OWNER("c.relowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_class", "c.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind table{
    .name = "table",
    .label = "table",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = R"sql(FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_(temp|toast)')sql",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
