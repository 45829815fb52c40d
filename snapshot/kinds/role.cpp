#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// Whether there is a password: pg_authid is for superusers, and a query that names it is refused as a whole,
// so it is asked for by a query of its own, once it is known to be allowed.
#define HAS_PASSWORD                                                                     \
  "CASE WHEN NOT has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') " \
  "THEN " PLUMBLINE_NOT_READABLE                                                         \
  " WHEN query_to_xml('SELECT 1 FROM pg_authid WHERE rolpassword IS NOT NULL"            \
  " AND oid = ' || r.oid, false, true, '')::text ~ '<row' THEN 'true' END"

constexpr Attribute attributes[] = {
    {.name = "superuser", .sql = PLUMBLINE_FLAG("r.rolsuper"), .meaning = Class::security},
    {.name = "login", .sql = PLUMBLINE_FLAG("r.rolcanlogin"), .meaning = Class::security},
    {.name = "inherit", .sql = "CASE WHEN NOT r.rolinherit THEN 'false' END", .meaning = Class::security},
    {.name = "create_role", .sql = PLUMBLINE_FLAG("r.rolcreaterole"), .meaning = Class::security},
    {.name = "create_database", .sql = PLUMBLINE_FLAG("r.rolcreatedb"), .meaning = Class::security},
    {.name = "replication", .sql = PLUMBLINE_FLAG("r.rolreplication"), .meaning = Class::security},
    {.name = "bypass_row_security", .sql = PLUMBLINE_FLAG("r.rolbypassrls"), .meaning = Class::security},
    {.name = "connection_limit", .sql = "nullif(r.rolconnlimit, -1)", .meaning = Class::operational},
    {.name = "valid_until", .sql = "r.rolvaliduntil", .meaning = Class::security},
    {.name = "password", .sql = HAS_PASSWORD, .meaning = Class::security},
    {.name = "security_labels",
     .sql = PLUMBLINE_SHARED_LABELS("pg_authid", "r.oid"),
     .meaning = Class::security},
    comment_attribute(PLUMBLINE_SHARED_COMMENT("pg_authid", "r.oid")),
};

#undef HAS_PASSWORD

constexpr Attribute membership_attributes[] = {
    {.name = "admin", .sql = PLUMBLINE_FLAG("m.admin_option"), .meaning = Class::security},
    {.name = "inherit",
     .sql = "CASE WHEN NOT m.inherit_option THEN 'false' END",
     .since = 16,
     .meaning = Class::security},
    {.name = "set",
     .sql = "CASE WHEN NOT m.set_option THEN 'false' END",
     .since = 16,
     .meaning = Class::security},
};

constexpr Attribute setting_attributes[] = {
    {.name = "value", .sql = PLUMBLINE_SETTING("c.line"), .meaning = Class::operational},
};

}  // namespace

// Predefined roles (pg_monitor and the like) cannot be altered.
const Kind role{
    .name = "role",
    .label = "role",
    .address = {.catalog = "pg_authid", .oid = "r.oid"},
    .identity = {.name = "r.rolname"},
    .from = "FROM pg_roles r WHERE r.rolname !~ '^pg_'",
    .attributes = attributes,
    .missing = Class::security,
    .unexpected = Class::security,
    .built_in = true,
    .cluster = true,
};

// From 16 on one role can be granted to another by several grantors, each grant with options of its own.
const Kind membership{
    .name = "membership",
    .label = "role membership",
    .address = {.catalog = "pg_auth_members", .oid = "m.roleid"},
    .identity =
        {.name = "quote_ident(pg_get_userbyid(m.roleid)) || ' TO ' || quote_ident(pg_get_userbyid(m.member))"
                 " || CASE WHEN m.grantor <> 10 AND to_jsonb(m) ? 'inherit_option'"
                 " THEN ' GRANTED BY ' || quote_ident(pg_get_userbyid(m.grantor)) ELSE '' END"},
    // Those that come with the server are not told: pg_monitor TO pg_read_all_settings and the like.
    .from = R"sql(FROM pg_auth_members m WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = m.member
  AND r.rolname ~ '^pg_'))sql",
    .attributes = membership_attributes,
    .name_is_sql = true,
    .missing = Class::security,
    .unexpected = Class::security,
    .built_in = true,
    .cluster = true,
};

// ALTER ROLE ... SET; ALTER ROLE ALL SET has no role.
const Kind role_setting{
    .name = "role_setting",
    .label = "role setting",
    .address = {.catalog = "pg_db_role_setting", .oid = "s.setrole"},
    .identity =
        {.name = "CASE WHEN s.setrole = 0 THEN 'ALL' ELSE quote_ident(pg_get_userbyid(s.setrole)) END || ' '"
                 " || split_part(c.line, '=', 1)"},
    .from = "FROM pg_db_role_setting s, unnest(s.setconfig) AS c (line) WHERE s.setdatabase = 0",
    .attributes = setting_attributes,
    .name_is_sql = true,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .built_in = true,
    .cluster = true,
};

}  // namespace plumbline::kinds
