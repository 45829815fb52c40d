#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// acldefault() wants 's' for a sequence, the catalogue says 'S'.
#define OBJECT_TYPE "CASE d.defaclobjtype WHEN 'S' THEN 's'::\"char\" ELSE d.defaclobjtype END"

// Those for one schema are granted besides what an object starts with, the others replace it.
constexpr Attribute attributes[] = {
    {.name = "privileges",
     .sql = "CASE WHEN d.defaclnamespace = 0 THEN " PLUMBLINE_ACL_TEXT(
         "d.defaclacl", OBJECT_TYPE,
         "d.defaclrole") " ELSE (SELECT string_agg(x.line, '; ' ORDER BY x.line COLLATE \"C\") FROM (SELECT "
                         "CASE"
                         " grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END || ': "
                         "' ||"
                         " CASE WHEN count(*) = (SELECT "
                         "count(*) FROM"
                         " aclexplode(acldefault(" OBJECT_TYPE
                         ", d.defaclrole)) own WHERE own.grantee = d.defaclrole)"
                         " THEN " PLUMBLINE_ALL_PRIVILEGES " ELSE"
                         " string_agg(privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END, ', ' "
                         "ORDER BY"
                         " privilege_type) END AS line FROM aclexplode(d.defaclacl) GROUP BY grantee) x) END",
     .meaning = Class::security},
};

#undef OBJECT_TYPE

}  // namespace

const Kind default_privileges{
    .name = "default_privileges",
    .label = "default privileges",
    .address = {.catalog = "pg_default_acl", .oid = "d.oid"},
    .identity =
        {.name = "'FOR ROLE ' || quote_ident(pg_get_userbyid(d.defaclrole)) || coalesce(' IN SCHEMA ' ||"
                 " nullif(d.defaclnamespace, 0)::regnamespace, '') || CASE d.defaclobjtype"
                 " WHEN 'r' THEN ' ON TABLES' WHEN 'S' THEN ' ON SEQUENCES' WHEN 'f' THEN ' ON FUNCTIONS'"
                 " WHEN 'T' THEN ' ON TYPES' WHEN 'n' THEN ' ON SCHEMAS' WHEN 'L' THEN ' ON LARGE OBJECTS'"
                 " ELSE ' ON ' || d.defaclobjtype::text END"},
    .from = "FROM pg_default_acl d WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .missing = Class::security,
    .unexpected = Class::security,
};

}  // namespace plumbline::kinds
