#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

#define ROUTINE(column) "nullif(t." column ", 0)::regprocedure"

constexpr Attribute attributes[] = {
    {.name = "shell", .sql = PLUMBLINE_FLAG("NOT t.typisdefined")},
    {.name = "input", .sql = ROUTINE("typinput")},
    {.name = "output", .sql = ROUTINE("typoutput")},
    {.name = "receive", .sql = ROUTINE("typreceive")},
    {.name = "send", .sql = ROUTINE("typsend")},
    {.name = "typmod_in", .sql = ROUTINE("typmodin")},
    {.name = "typmod_out", .sql = ROUTINE("typmodout")},
    {.name = "analyze", .sql = ROUTINE("typanalyze"), .meaning = Class::operational},
    {.name = "subscript", .sql = ROUTINE("typsubscript"), .since = 14},
    {.name = "length", .sql = "CASE t.typlen WHEN -1 THEN 'variable' ELSE t.typlen::text END"},
    {.name = "passed_by_value", .sql = PLUMBLINE_FLAG("t.typbyval")},
    {.name = "alignment",
     .sql = "CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' END"},
    {.name = "storage",
     .sql = "CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END"},
    {.name = "category", .sql = "nullif(t.typcategory, 'U')"},
    {.name = "preferred", .sql = PLUMBLINE_FLAG("t.typispreferred")},
    {.name = "delimiter", .sql = "nullif(t.typdelim, ',')"},
    {.name = "element", .sql = "CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END"},
    {.name = "collatable", .sql = PLUMBLINE_FLAG("t.typcollation <> 0")},
    {.name = "default", .sql = "t.typdefault"},
    {.name = "owner", .sql = PLUMBLINE_OWNER("t.typowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_type", "t.oid"), .meaning = Class::cosmetic},
};

#undef ROUTINE

}  // namespace

// Also shell types, which wait for their definition. The array type that comes with each type is none of its
// own.
const Kind base_type{
    .name = "base_type",
    .label = "base type",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from = "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE (t.typtype = 'b' OR t.typtype = 'p')"
            " AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
