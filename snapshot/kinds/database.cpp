#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "encoding", .sql = "pg_encoding_to_char(b.encoding)", .surroundings = true},
    // libc is all there was up to 14.
    {.name = "locale_provider",
     .sql = "CASE to_jsonb(b) ->> 'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END",
     .surroundings = true},
    {.name = "locale",
     .sql = "coalesce(to_jsonb(b) ->> 'datlocale', to_jsonb(b) ->> 'daticulocale')",
     .surroundings = true},
    {.name = "lc_collate", .sql = "b.datcollate", .surroundings = true},
    {.name = "lc_ctype", .sql = "b.datctype", .surroundings = true},
    {.name = "icu_rules", .sql = "b.daticurules", .since = 16, .surroundings = true},
    {.name = "tablespace",
     .sql = "(SELECT nullif(spcname, 'pg_default') FROM pg_tablespace t WHERE t.oid = b.dattablespace)",
     .meaning = Class::operational,
     .surroundings = true},
    {.name = "connection_limit",
     .sql = "nullif(b.datconnlimit, -1)",
     .meaning = Class::operational,
     .surroundings = true},
    {.name = "allow_connections",
     .sql = "CASE WHEN NOT b.datallowconn THEN 'false' END",
     .meaning = Class::operational,
     .surroundings = true},
    {.name = "template",
     .sql = PLUMBLINE_FLAG("b.datistemplate"),
     .meaning = Class::operational,
     .surroundings = true},
    {.name = "owner", .sql = PLUMBLINE_OWNER("b.datdba"), .meaning = Class::security, .surroundings = true},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("b.datacl", "'d'", "b.datdba"),
     .meaning = Class::security,
     .surroundings = true},
    {.name = "security_labels",
     .sql = PLUMBLINE_SHARED_LABELS("pg_database", "b.oid"),
     .meaning = Class::security,
     .surroundings = true},
    {.name = "comment",
     .sql = PLUMBLINE_SHARED_COMMENT("pg_database", "b.oid"),
     .meaning = Class::cosmetic,
     .surroundings = true},
};

constexpr Attribute setting_attributes[] = {
    {.name = "value", .sql = PLUMBLINE_SETTING("c.line"), .meaning = Class::operational},
};

}  // namespace

// The connected database itself. Two databases that are compared are often called differently, so its name is
// none.
const Kind database{
    .name = "database",
    .label = "database",
    .address = {.catalog = "pg_database", .oid = "b.oid"},
    .identity = {.name = "'current_database()'"},
    .from = "FROM pg_database b WHERE b.datname = current_database()",
    .attributes = attributes,
    .name_is_sql = true,
    .built_in = true,
};

// ALTER DATABASE ... SET and ALTER ROLE ... IN DATABASE ... SET.
const Kind database_setting{
    .name = "database_setting",
    .label = "database setting",
    .address = {.catalog = "pg_db_role_setting", .oid = "s.setdatabase"},
    .identity =
        {.name = "CASE WHEN s.setrole <> 0 THEN 'FOR ROLE ' || quote_ident(pg_get_userbyid(s.setrole)) || ' '"
                 " ELSE '' END || split_part(c.line, '=', 1)"},
    .from = R"sql(FROM pg_db_role_setting s, unnest(s.setconfig) AS c (line)
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))sql",
    .attributes = setting_attributes,
    .name_is_sql = true,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .built_in = true,
};

}  // namespace plumbline::kinds
