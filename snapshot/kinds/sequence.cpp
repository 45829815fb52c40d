#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// The bounds of a sequence that was created without any (manual, CREATE SEQUENCE): from 1 up, or from -1
// down, to the last value of its type.
#define LAST_OF_TYPE \
  "(CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END)"
#define FIRST_OF_TYPE "(-1 - " LAST_OF_TYPE ")"

// Also the sequences behind identity columns: they can have privileges and comments of their own.
constexpr Attribute attributes[] = {
    {.name = "data_type", .sql = "nullif(format_type(s.seqtypid, NULL), 'bigint')"},
    {.name = "increment", .sql = "nullif(s.seqincrement, 1)"},
    {.name = "minimum",
     .sql = "nullif(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1 ELSE " FIRST_OF_TYPE " END)"},
    {.name = "maximum",
     .sql = "nullif(s.seqmax, CASE WHEN s.seqincrement > 0 THEN " LAST_OF_TYPE " ELSE -1 END)"},
    {.name = "start",
     .sql = "nullif(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END)",
     .meaning = Class::operational},
    {.name = "cache", .sql = "nullif(s.seqcache, 1)", .meaning = Class::operational},
    {.name = "cycle", .sql = PLUMBLINE_FLAG("s.seqcycle")},
    {.name = "persistence",
     .sql = "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END",
     .meaning = Class::data},
    {.name = "owned_by", .sql = "d.refobjid::regclass || '.' || quote_ident(a.attname)", .late = true},
    {.name = "owner", .sql = PLUMBLINE_OWNER("c.relowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("c.relacl", "'s'", "c.relowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_class", "c.oid"), .meaning = Class::cosmetic},
};

#undef LAST_OF_TYPE
#undef FIRST_OF_TYPE

}  // namespace

const Kind sequence{
    .name = "sequence",
    .label = "sequence",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = R"sql(FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE true)sql",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
