#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string mapping(const Object& object) {
  return "USER MAPPING FOR " + std::string(object.id().name.view()) + " SERVER " +
         quote_identifier(object.id().parent.view());
}

void create(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + mapping(object) + foreign_options({}, object["options"], true));
  refuse_secrets(object, out);
}

void drop(const Object& object, Scene&, Script& out) { out.add("DROP " + mapping(object)); }

bool alter_mapping(const Change& change, Script& out) {
  const std::string options = foreign_options(change.from("options"), change.to("options"), false);
  if (!options.empty()) out.add("ALTER " + mapping(change.expected) + options);
  refuse_secrets(change.expected, out);
  return true;
}

// As pg_user_mappings decides it, which shows nothing both when there is nothing and when it may not be read.
#define MAY_READ_OPTIONS                                                                                \
  "((SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"                                       \
  " OR u.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE') OR u.umuser <> 0 AND u.usename = current_user" \
  " AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')))"

// No value is told: what is a password and what is not, only the wrapper knows.
constexpr Attribute attributes[] = {
    {.name = "options",
     .sql = "CASE WHEN NOT " MAY_READ_OPTIONS " THEN " PLUMBLINE_NOT_READABLE
            " ELSE (SELECT string_agg(split_part(o, '=', 1) || ' (fingerprint ' || " PLUMBLINE_FINGERPRINT(
                "o") " || ')', ', ' ORDER BY o COLLATE \"C\") FROM unnest(u.umoptions) o) END",
     .meaning = Class::security,
     .alter = alter_mapping},
};

#undef MAY_READ_OPTIONS

}  // namespace

// pg_user_mapping is for superusers only, the view for everybody.
const Kind user_mapping{
    .name = "user_mapping",
    .label = "user mapping",
    .address = {.catalog = "pg_user_mapping", .oid = "u.umid"},
    .identity = {.parent = "u.srvname",
                 .name = "CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END"},
    .from = "FROM pg_user_mappings u JOIN pg_foreign_server s ON s.oid = u.srvid WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .missing = Class::security,
    .unexpected = Class::security,
    .parent_kinds = "server",
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
