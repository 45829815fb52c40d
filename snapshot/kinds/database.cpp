#include <utility>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// The script does not know what the database is called where it runs: %I stands for that.
std::string on_this_database(std::string_view statement) {
  return "DO " +
         dollar_quoted("BEGIN EXECUTE format(" + quote_literal(statement) + ", current_database()); END");
}

// Everything else that goes into such a statement.
std::string as_format(std::string_view text) {
  std::string result;
  for (const char c : text) result.append(c == '%' ? 2 : 1, c);
  return result;
}

bool alter_by_hand(const Change& change, Script& out) {
  if (change.actual)
    out.cannot(
        "what CREATE DATABASE decides, its tablespace and its labels stay as they are; ALTER DATABASE them "
        "from another database, or make it anew");
  return true;
}

bool alter_connection_limit(const Change& change, Script& out) {
  const std::string_view limit = change.to("connection_limit");
  out.add(
      on_this_database("ALTER DATABASE %I CONNECTION LIMIT " + std::string(limit.empty() ? "-1" : limit)));
  return true;
}

bool alter_template(const Change& change, Script& out) {
  const bool is_template = change.to("template") == "true";
  out.add(on_this_database(std::string("ALTER DATABASE %I IS_TEMPLATE ") + (is_template ? "true" : "false")));
  return true;
}

bool alter_database_owner(const Change& change, Script& out) {
  out.add(on_this_database("ALTER DATABASE %I OWNER TO " + as_format(quote_identifier(change.to("owner")))),
          {Hazard::authorisation});
  return true;
}

bool alter_database_comment(const Change& change, Script& out) {
  const std::string_view text = change.to("comment");
  out.add(on_this_database("COMMENT ON DATABASE %I IS " +
                           (text.empty() ? std::string("NULL") : as_format(quote_literal(text)))));
  return true;
}

// What everybody has on a new database (acldefault: CONNECT and TEMPORARY).
Grants grants_of(std::string_view text) {
  if (text.empty()) return {{{"PUBLIC", ""}, {"CONNECT", "TEMPORARY"}}};
  return grants_in(text, false);
}

bool alter_database_privileges(const Change& change, Script& out) {
  constexpr std::string_view here = "\x01";  // in no identifier that anybody uses
  GrantTarget target;
  target.on = "DATABASE " + std::string(here);
  target.owner = quote_identifier(change.to("owner"));
  Script with_name;
  change_grants(target, grants_of(change.from("privileges")), grants_of(change.to("privileges")), with_name);
  for (const Statement& statement : with_name.statements()) {
    std::string sql = as_format(statement.sql);
    const std::size_t at = sql.find(here);
    if (at != std::string::npos) sql.replace(at, here.size(), "%I");
    out.add({at == std::string::npos ? statement.sql : on_this_database(sql), statement.hazards});
  }
  return true;
}

// "FOR ROLE app work_mem" or "work_mem": what is altered, and the setting.
std::pair<std::string, std::string> parts_of(const ObjectId& id) {
  const std::string_view name = id.name.view();
  const std::size_t space = name.rfind(' ');
  if (space == name.npos) return {"ALTER DATABASE %I ", std::string(name)};
  constexpr std::string_view start = "FOR ROLE ";
  const std::string_view role = name.substr(start.size(), space - start.size());
  return {"ALTER ROLE " + as_format(role) + " IN DATABASE %I ", std::string(name.substr(space + 1))};
}

void create_setting(const Object& object, Scene&, Script& out) {
  const auto [alter, setting] = parts_of(object.id());
  if (is_secret(object["value"]))
    return out.cannot("the value of " + describe(object.id()) + " is a secret; set it by hand");
  out.add(on_this_database(alter + as_format(set_setting(setting, object["value"]))));
}

void drop_setting(const Object& object, Scene&, Script& out) {
  const auto [alter, setting] = parts_of(object.id());
  out.add(on_this_database(alter + "RESET " + setting));
}

bool alter_setting(const Change& change, Script& out) {
  create_setting(change.expected, change.scene, out);
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "encoding",
     .sql = "pg_encoding_to_char(b.encoding)",
     .surroundings = true,
     .alter = alter_by_hand},
    // libc is all there was up to 14.
    {.name = "locale_provider",
     .sql = "CASE to_jsonb(b) ->> 'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END",
     .surroundings = true,
     .alter = alter_by_hand},
    {.name = "locale",
     .sql = "coalesce(to_jsonb(b) ->> 'datlocale', to_jsonb(b) ->> 'daticulocale')",
     .surroundings = true,
     .alter = alter_by_hand},
    {.name = "lc_collate", .sql = "b.datcollate", .surroundings = true, .alter = alter_by_hand},
    {.name = "lc_ctype", .sql = "b.datctype", .surroundings = true, .alter = alter_by_hand},
    {.name = "icu_rules", .sql = "b.daticurules", .since = 16, .surroundings = true, .alter = alter_by_hand},
    {.name = "tablespace",
     .sql = "(SELECT nullif(spcname, 'pg_default') FROM pg_tablespace t WHERE t.oid = b.dattablespace)",
     .meaning = Class::operational,
     .surroundings = true,
     .alter = alter_by_hand},
    {.name = "connection_limit",
     .sql = "nullif(b.datconnlimit, -1)",
     .meaning = Class::operational,
     .surroundings = true,
     .initial = "",
     .alter = alter_connection_limit},
    {.name = "allow_connections",
     .sql = "CASE WHEN NOT b.datallowconn THEN 'false' END",
     .meaning = Class::operational,
     .surroundings = true,
     .initial = "",
     .alter = alter_by_hand},
    {.name = "template",
     .sql = PLUMBLINE_FLAG("b.datistemplate"),
     .meaning = Class::operational,
     .surroundings = true,
     .initial = "",
     .alter = alter_template},
    {.name = "owner",
     .sql = PLUMBLINE_OWNER("b.datdba"),
     .meaning = Class::security,
     .surroundings = true,
     .alter = alter_database_owner},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("b.datacl", "'d'", "b.datdba"),
     .meaning = Class::security,
     .surroundings = true,
     .alter = alter_database_privileges},
    {.name = "security_labels",
     .sql = PLUMBLINE_SHARED_LABELS("pg_database", "b.oid"),
     .meaning = Class::security,
     .surroundings = true,
     .alter = alter_by_hand},
    {.name = "comment",
     .sql = PLUMBLINE_SHARED_COMMENT("pg_database", "b.oid"),
     .meaning = Class::cosmetic,
     .surroundings = true,
     .alter = alter_database_comment},
};

constexpr Attribute setting_attributes[] = {
    {.name = "value",
     .sql = PLUMBLINE_SETTING("c.line"),
     .meaning = Class::operational,
     .alter = alter_setting},
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
    .made_last = always,
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
    .made_last = always,
    .create = create_setting,
    .drop = drop_setting,
};

}  // namespace plumbline::kinds
