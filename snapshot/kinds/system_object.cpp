#include <string>
#include <utility>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

namespace plumbline::kinds {

namespace {

// "VIEW COLUMN pg_catalog.pg_roles.rolname" -> what GRANT says. A column has nothing at the start.
GrantTarget target_of(const Object& object) {
  std::string name(object.id().name.view());
  GrantTarget target;
  for (const std::string_view what : {"TABLE COLUMN ", "VIEW COLUMN "}) {
    const std::size_t dot = name.rfind('.');
    if (!name.starts_with(what) || dot == name.npos) continue;
    target.on = "TABLE " + name.substr(what.size(), dot - what.size());
    target.columns = " (" + name.substr(dot + 1) + ")";
    return target;
  }
  for (const auto& [kind, word] : {std::pair("VIEW ", "TABLE "), std::pair("AGGREGATE ", "FUNCTION ")}) {
    if (name.starts_with(kind)) name.replace(0, std::string_view(kind).size(), word);
  }
  target.on = std::move(name);
  return target;
}

// An object that is not told is as initdb made it.
void change(const Object& object, std::string_view from, std::string_view to, Script& out) {
  const std::string_view first = object["initial_privileges"];
  change_grants(target_of(object), grants_in(from.empty() ? first : from, false),
                grants_in(to.empty() ? first : to, false), out);
}

void change_owner(const Object& object, std::string_view owner, Script& out) {
  const std::string name(object.id().name.view());
  if (owner.empty())
    return out.cannot(name + " belonged to the bootstrap superuser; give it back by ALTER " + name +
                      " OWNER TO");
  out.add("ALTER " + name + " OWNER TO " + quote_identifier(owner), {Hazard::authorisation});
}

void create(const Object& object, Scene&, Script& out) {
  if (!object["owner"].empty()) change_owner(object, object["owner"], out);
  change(object, "", object["privileges"], out);
}

void drop(const Object& object, Scene&, Script& out) {
  if (!object["owner"].empty()) change_owner(object, "", out);
  change(object, object["privileges"], "", out);
}

bool alter_system_privileges(const Change& c, Script& out) {
  if (c.actual) change(c.expected, c.from("privileges"), c.to("privileges"), out);
  return true;
}

bool alter_system_owner(const Change& c, Script& out) {
  if (c.actual) change_owner(c.expected, c.to("owner"), out);
  return true;
}

#define NOW "coalesce(o.acl, acldefault(o.type, o.owner))"
// The information schema is made after initdb takes notes; what is not its own (_pg_...) everybody may use.
#define AT_FIRST                                                                                       \
  "coalesce(i.initprivs, acldefault(o.type, o.owner) || CASE WHEN o.of_everybody THEN makeaclitem(0, " \
  "o.owner,"                                                                                           \
  " CASE o.type WHEN 'n' THEN 'USAGE' ELSE 'SELECT' END, false) END)"
#define SORTED(acl)                                                                    \
  "(SELECT array_agg(entry::text ORDER BY entry::text COLLATE \"C\") FROM unnest(" acl \
  ") entry WHERE entry IS NOT NULL)"

constexpr Attribute attributes[] = {
    {.name = "privileges",
     .sql = "CASE WHEN " SORTED(NOW) " IS DISTINCT FROM " SORTED(
         AT_FIRST) " THEN coalesce(nullif(" PLUMBLINE_ACL_TEXT(NOW, "o.type", "o.owner") ", ''), 'none') END",
     .meaning = Class::security,
     .alter = alter_system_privileges},
    // For the way back.
    {.name = "initial_privileges",
     .sql = "CASE WHEN " SORTED(NOW) " IS DISTINCT FROM " SORTED(
         AT_FIRST) " THEN coalesce(nullif(" PLUMBLINE_ACL_TEXT("nullif(array_remove(" AT_FIRST
                                                               ", NULL), '{}'::aclitem[])",
                                                               "o.type", "o.owner") ", ''), 'none') END",
     .compared = false,
     .meaning = Class::security},
    {.name = "owner",
     .sql = "CASE WHEN o.owner <> 10 THEN " PLUMBLINE_OWNER("o.owner") " END",
     .meaning = Class::security,
     .alter = alter_system_owner},
};

#define OBJECTS(catalog, type, acl, owner, of_everybody)                                             \
  "SELECT '" catalog "'::regclass::oid AS catalog, oid, 0 AS part, " type "::\"char\" AS type, " acl \
  " AS acl, " owner " AS owner, " of_everybody " AS of_everybody FROM " catalog " WHERE oid < 16384"

// What has an owner and nothing else.
#define OWNED(catalog, owner)                                                                     \
  " UNION ALL SELECT '" catalog "'::regclass, oid, 0, NULL, NULL, " owner ", false FROM " catalog \
  " WHERE oid < 16384 AND " owner " <> 10"

}  // namespace

// What came with the server and has other privileges than initdb gave it (pg_init_privs, which does not know
// of later owners: all is the bootstrap superuser's, whose OID is 10). How it is defined: system_catalog.cpp.
const Kind system_object{
    .name = "system_object",
    .label = "system object",
    .address = {.catalog = "pg_init_privs", .oid = "o.oid", .subid = "o.part"},
    .identity = {.name = "(SELECT upper(x.type) || ' ' || x.identity FROM pg_identify_object(o.catalog, o.oid, o.part) x)"},
    .from = "FROM (" OBJECTS("pg_class", "'r'", "relacl", "relowner", "relnamespace = 'information_schema'::regnamespace AND relname !~ '^_'") " AND relkind IN ('r', 'v')"
            " UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, 'c', attacl, 10, false FROM pg_attribute"
            " WHERE attrelid < 16384 AND attacl IS NOT NULL"
            " UNION ALL " OBJECTS("pg_proc", "'f'", "proacl", "proowner", "false")
            " UNION ALL " OBJECTS("pg_type", "'T'", "typacl", "typowner", "false")
            " UNION ALL " OBJECTS("pg_language", "'l'", "lanacl", "lanowner", "false")
            OWNED("pg_operator", "oprowner") OWNED("pg_opclass", "opcowner") OWNED("pg_opfamily", "opfowner")
            OWNED("pg_collation", "collowner") OWNED("pg_conversion", "conowner") OWNED("pg_ts_dict", "dictowner")
            OWNED("pg_ts_config", "cfgowner")
            " UNION ALL " OBJECTS("pg_namespace", "'n'", "nspacl", "nspowner", "nspname = 'information_schema'") " AND nspname <> 'public') o"
            " LEFT JOIN pg_init_privs i ON i.classoid = o.catalog AND i.objoid = o.oid AND i.objsubid = o.part"
            " AND i.privtype = 'i'"
            " WHERE (o.owner <> 10 OR o.acl IS DISTINCT FROM i.initprivs AND " SORTED(NOW) " IS DISTINCT FROM " SORTED(AT_FIRST) ")",
    .attributes = attributes,
    .name_is_sql = true,
    .missing = Class::security,
    .unexpected = Class::security,
    .built_in = true,
    .create = create,
    .drop = drop,
};

#undef NOW
#undef AT_FIRST
#undef SORTED
#undef OBJECTS
#undef OWNED

}  // namespace plumbline::kinds
