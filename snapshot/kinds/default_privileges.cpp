#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// "FOR ROLE app IN SCHEMA s ON TABLES" -> {"FOR ROLE app IN SCHEMA s", "TABLES"}.
std::pair<std::string, std::string> parts_of(const ObjectId& id) {
  const std::string_view name = id.name.view();
  const std::size_t at = name.rfind(" ON ");
  return {std::string(name.substr(0, at)), std::string(name.substr(at + 4))};
}

bool is_of_schema(const ObjectId& id) { return parts_of(id).first.find(" IN SCHEMA ") != std::string::npos; }

// What counts where nothing is said: functions and types are open to everybody.
Grants usual(const ObjectId& id) {
  const std::string on = parts_of(id).second;
  return grants_in("", !is_of_schema(id) && (on == "FUNCTIONS" || on == "TYPES"));
}

Grants said(const Object& object) {
  const std::string_view text = object["privileges"];
  return text.empty() ? Grants() : grants_in(text, false);
}

void change(const ObjectId& id, const Grants& had, const Grants& has, Script& out) {
  const auto [prefix, on] = parts_of(id);
  GrantTarget target{"ALTER DEFAULT PRIVILEGES " + prefix + " ", on, "", "", {}};
  if (!is_of_schema(id)) {
    const std::string role = prefix.substr(9);
    target.owner = role;
  }
  change_grants(target, had, has, out);
}

void create(const Object& object, Scene&, Script& out) {
  change(object.id(), usual(object.id()), said(object), out);
}

void drop(const Object& object, Scene&, Script& out) {
  change(object.id(), said(object), usual(object.id()), out);
}

bool alter_defaults(const Change& c, Script& out) {
  change(c.expected.id(), said(*c.actual), said(c.expected), out);
  return true;
}

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
     .meaning = Class::security,
     .alter = alter_defaults},
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
    .made_last = always,
    .shapes_others = true,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
