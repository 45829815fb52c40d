#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "column", .sql = "quote_ident(a.attname)"},
    {.name = "no_inherit", .sql = PLUMBLINE_FLAG("k.connoinherit")},
    {.name = "valid", .sql = "CASE WHEN NOT k.convalidated THEN 'false' END"},
    // Attaching a partition makes it forget that the constraint was its own.
    {.name = "inherited",
     .sql =
         "CASE WHEN k.coninhcount > 0 AND NOT c.relispartition THEN CASE WHEN k.conislocal THEN 'and local'"
         " ELSE 'only' END END"},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_constraint", "k.oid"), .meaning = Class::cosmetic},
};

}  // namespace

// From 18 on a NOT NULL is a constraint with a name. One that says no more than the column's not_null does is
// not told twice: it has the name that the server would choose for it.
const Kind not_null_constraint{
    .name = "not_null_constraint",
    .label = "not-null constraint",
    .address = {.catalog = "pg_constraint", .oid = "k.oid", .belongs_to = "k.conrelid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "k.conname"},
    .from = R"sql(FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_(temp|toast)'
WHERE k.contype = 'n' AND c.relpersistence <> 't'
  AND (k.connoinherit OR NOT k.convalidated
       OR k.conislocal AND k.coninhcount > 0 AND NOT c.relispartition
       OR k.oid IN (SELECT objoid FROM pg_description WHERE classoid = 'pg_constraint'::regclass)
       OR k.conname <> concat_ws('_', c.relname, a.attname, 'not_null')))sql",
    .attributes = attributes,
    .since = 18,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "table foreign_table",
};

}  // namespace plumbline::kinds
