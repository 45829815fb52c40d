#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// What ALTER ROLE says of a switch; one that is on by itself says 'false' where it is off.
struct Switch {
  std::string_view attribute, on, off;
  std::string_view told = "true";
};
constexpr Switch switches[] = {
    {"superuser", "SUPERUSER", "NOSUPERUSER"},           {"login", "LOGIN", "NOLOGIN"},
    {"inherit", "NOINHERIT", "INHERIT", "false"},        {"create_role", "CREATEROLE", "NOCREATEROLE"},
    {"create_database", "CREATEDB", "NOCREATEDB"},       {"replication", "REPLICATION", "NOREPLICATION"},
    {"bypass_row_security", "BYPASSRLS", "NOBYPASSRLS"},
};

void create_role(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + sql_name(object.id()), {Hazard::authorisation});
}

void drop_role(const Object& object, Scene&, Script& out) {
  out.add("DROP " + sql_name(object.id()), {Hazard::authorisation});
}

// What is not there to be written: a password is in no snapshot, and a date, once set, can only be moved.
void say_what_is_left(const Change& change, Script& out) {
  const std::string name = quote_identifier(change.expected.id().name.view());
  if (change.to("password") == "true" && change.from("password") != "true")
    out.cannot("the password of role " + name + " is in no snapshot; set it by hand, with \\password");
  if (change.to("valid_until").empty() && !change.from("valid_until").empty())
    out.cannot("role " + name + " cannot go back to having no VALID UNTIL; 'infinity' means the same");
}

bool alter_role(const Change& change, Script& out) {
  std::string words;
  for (const Switch& each : switches) {
    const std::string_view has = change.to(each.attribute);
    if (has != change.from(each.attribute)) words.append(" ").append(has == each.told ? each.on : each.off);
  }
  const std::string_view limit = change.to("connection_limit"), until = change.to("valid_until");
  if (limit != change.from("connection_limit"))
    words.append(" CONNECTION LIMIT ").append(limit.empty() ? "-1" : limit);
  if (until != change.from("valid_until") && !until.empty())
    words.append(" VALID UNTIL ").append(quote_literal(until));
  if (change.to("password").empty() && change.from("password") == "true") words.append(" PASSWORD NULL");
  if (!words.empty()) out.add("ALTER " + sql_name(change.expected.id()) + words, {Hazard::authorisation});
  say_what_is_left(change, out);
  return true;
}

// "a TO b GRANTED BY c"
struct Grant {
  explicit Grant(const Object& object) {
    const std::string_view name = object.id().name.view();
    const std::size_t by = name.rfind(" GRANTED BY ");
    what = name.substr(0, by);
    if (by != name.npos) grantor = name.substr(by);
  }
  std::string what, grantor;
};

// From 16 on each option can be said, and what is not said depends on the member.
void give_membership(const Object& object, const Scene& scene, Script& out) {
  const Grant grant(object);
  const auto option = [&](std::string_view name, bool on) {
    return std::string(name) + (on ? " TRUE" : " FALSE");
  };
  std::string words;
  if (scene.expected.server_version >= 16) {
    words = " WITH " + option("ADMIN", object["admin"] == "true") + ", " +
            option("INHERIT", object["inherit"].empty()) + ", " + option("SET", object["set"].empty());
  } else if (object["admin"] == "true") {
    words = " WITH ADMIN OPTION";
  }
  out.add("GRANT " + grant.what + words + grant.grantor, {Hazard::authorisation});
}

void take_membership(const Object& object, std::string_view option, Script& out) {
  Grant grant(object);
  const std::size_t to = grant.what.find(" TO ");
  grant.what.replace(to, 4, " FROM ");
  out.add("REVOKE " + std::string(option) + grant.what + grant.grantor, {Hazard::authorisation});
}

void create_membership(const Object& object, Scene& scene, Script& out) {
  give_membership(object, scene, out);
}

void drop_membership(const Object& object, Scene&, Script& out) { take_membership(object, "", out); }

bool alter_membership(const Change& change, Script& out) {
  const bool loses_admin = change.to("admin").empty() && change.scene.expected.server_version < 16;
  if (loses_admin)
    take_membership(change.expected, "ADMIN OPTION FOR ", out);
  else
    give_membership(change.expected, change.scene, out);
  return true;
}

// "app work_mem" -> "ALTER ROLE app "; the setting's name has no space.
std::string alter_of(const Object& object) {
  const std::string_view name = object.id().name.view();
  return "ALTER ROLE " + std::string(name.substr(0, name.rfind(' '))) + " ";
}

std::string setting_of(const Object& object) {
  const std::string_view name = object.id().name.view();
  return std::string(name.substr(name.rfind(' ') + 1));
}

void create_setting(const Object& object, Scene&, Script& out) {
  if (is_secret(object["value"]))
    return out.cannot("the value of " + describe(object.id()) + " is a secret; set it by hand");
  out.add(alter_of(object) + set_setting(setting_of(object), object["value"]));
}

void drop_setting(const Object& object, Scene&, Script& out) {
  out.add(alter_of(object) + "RESET " + setting_of(object));
}

bool alter_setting(const Change& change, Script& out) {
  create_setting(change.expected, change.scene, out);
  return true;
}

// Whether there is a password: pg_authid is for superusers, and a query that names it is refused as a whole,
// so it is asked for by a query of its own, once it is known to be allowed.
#define HAS_PASSWORD                                                                     \
  "CASE WHEN NOT has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') " \
  "THEN " PLUMBLINE_NOT_READABLE                                                         \
  " WHEN query_to_xml('SELECT 1 FROM pg_authid WHERE rolpassword IS NOT NULL"            \
  " AND oid = ' || r.oid, false, true, '')::text ~ '<row' THEN 'true' END"

constexpr Attribute of_role(std::string_view name, std::string_view sql, Class meaning = Class::security) {
  return {.name = name, .sql = sql, .meaning = meaning, .initial = "", .alter = alter_role};
}

constexpr Attribute attributes[] = {
    of_role("superuser", PLUMBLINE_FLAG("r.rolsuper")),
    of_role("login", PLUMBLINE_FLAG("r.rolcanlogin")),
    of_role("inherit", "CASE WHEN NOT r.rolinherit THEN 'false' END"),
    of_role("create_role", PLUMBLINE_FLAG("r.rolcreaterole")),
    of_role("create_database", PLUMBLINE_FLAG("r.rolcreatedb")),
    of_role("replication", PLUMBLINE_FLAG("r.rolreplication")),
    of_role("bypass_row_security", PLUMBLINE_FLAG("r.rolbypassrls")),
    of_role("connection_limit", "nullif(r.rolconnlimit, -1)", Class::operational),
    of_role("valid_until", "r.rolvaliduntil"),
    {.name = "password",
     .sql = HAS_PASSWORD,
     .meaning = Class::security,
     .secret = true,
     .initial = "",
     .alter = alter_role},
    shared_labels_attribute(PLUMBLINE_SHARED_LABELS("pg_authid", "r.oid")),
    comment_attribute(PLUMBLINE_SHARED_COMMENT("pg_authid", "r.oid")),
};

#undef HAS_PASSWORD

constexpr Attribute membership_attributes[] = {
    {.name = "admin",
     .sql = PLUMBLINE_FLAG("m.admin_option"),
     .meaning = Class::security,
     .alter = alter_membership},
    {.name = "inherit",
     .sql = "CASE WHEN NOT m.inherit_option THEN 'false' END",
     .since = 16,
     .meaning = Class::security,
     .alter = alter_membership},
    {.name = "set",
     .sql = "CASE WHEN NOT m.set_option THEN 'false' END",
     .since = 16,
     .meaning = Class::security,
     .alter = alter_membership},
};

constexpr Attribute setting_attributes[] = {
    {.name = "value",
     .sql = PLUMBLINE_SETTING("c.line"),
     .meaning = Class::operational,
     .alter = alter_setting},
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
    .keyword = "ROLE",
    .dropped_last = true,
    .create = create_role,
    .drop = drop_role,
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
    .create = create_membership,
    .drop = drop_membership,
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
    .create = create_setting,
    .drop = drop_setting,
};

}  // namespace plumbline::kinds
