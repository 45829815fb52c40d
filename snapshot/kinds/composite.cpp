#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "attributes",
     .sql = "(SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)"
            " || coalesce(' COLLATE ' || (SELECT c.oid::regcollation FROM pg_collation c, pg_type b"
            " WHERE c.oid = a.attcollation AND b.oid = a.atttypid AND c.oid <> b.typcollation), ''), ', '"
            " ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0"
            " AND NOT a.attisdropped)"},
    {.name = "owner", .sql = PLUMBLINE_OWNER("t.typowner"), .meaning = Class::security},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner"),
     .meaning = Class::security},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_type", "t.oid"), .meaning = Class::cosmetic},
    {.name = "attribute_comments",
     .sql = "(SELECT string_agg(quote_ident(a.attname) || ': ' || d.description, E'\\n' ORDER BY a.attnum)"
            " FROM pg_attribute a JOIN pg_description d ON d.classoid = 'pg_class'::regclass"
            " AND d.objoid = a.attrelid AND d.objsubid = a.attnum WHERE a.attrelid = t.typrelid AND a.attnum "
            "> 0)",
     .meaning = Class::cosmetic},
};

}  // namespace

const Kind composite{
    .name = "composite_type",
    .label = "composite type",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from =
        "FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'"
        " JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
        " WHERE t.typtype = 'c'",
    .attributes = attributes,
};

}  // namespace plumbline::kinds
