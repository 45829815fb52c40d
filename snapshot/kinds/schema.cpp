#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// What initdb gave "public".
Grants grants_of(const Object& object, const Snapshot& side) {
  const std::string_view text = object["privileges"];
  if (object.id().name.view() != "public" || !text.empty()) return grants_in(text, false);
  return {{{"PUBLIC", ""}, {side.server_version >= 15 ? "USAGE" : "ALL"}}};
}

bool alter_schema_privileges(const Change& change, Script& out) {
  GrantTarget target;
  target.on = sql_name(change.expected.id());
  if (!change.to("owner").empty()) target.owner = quote_identifier(change.to("owner"));
  const Grants had =
      change.actual ? grants_of(*change.actual, change.scene.actual) : born_with(change, target.owner);
  change_grants(target, had, grants_of(change.expected, change.scene.expected), out);
  return true;
}

// None is said when it is initdb's: up to 14 that is whoever called initdb.
bool alter_schema_owner(const Change& change, Script& out) {
  if (!change.actual || !change.to("owner").empty()) return alter_owner(change, out);
  if (change.scene.expected.server_version < 15) {
    out.cannot(
        "schema public belonged to the bootstrap superuser; give it back by ALTER SCHEMA public OWNER TO");
    return true;
  }
  out.add("ALTER SCHEMA public OWNER TO pg_database_owner", {Hazard::authorisation});
  return true;
}

void create(const Object& object, Scene&, Script& out) { out.add("CREATE " + sql_name(object.id())); }

// What initdb gave "public" is another thing in each major version: the bootstrap superuser's and open to all
// up to 14, the database owner's and no longer open since 15. pg_init_privs remembers it. One made
// anew has lost that; a restore takes it from the one it finds, so both say what they have left.
constexpr Attribute attributes[] = {
    {.name = "owner",
     .sql = "CASE WHEN n.nspowner IS DISTINCT FROM i.owner THEN " PLUMBLINE_OWNER("n.nspowner") " END",
     .meaning = Class::security,
     .initial = its_creator,
     .alter = alter_schema_owner},
    {.name = "privileges",
     .sql = "CASE WHEN i.owner IS NULL AND n.nspname <> 'public' THEN " PLUMBLINE_PRIVILEGES(
         "n.nspacl", "'n'",
         "n.nspowner") " ELSE nullif(coalesce(nullif(" PLUMBLINE_ACL_TEXT("coalesce(n.nspacl, "
                                                                          "acldefault('n', n.nspowner))",
                                                                          "'n'",
                                                                          "n.nspowner") ", ''), "
                                                                                        "'none'),"
                                                                                        " " PLUMBLINE_ACL_TEXT(
                                                                                            "i.privileges",
                                                                                            "'n'",
                                                                                            "i.owner") ") "
                                                                                                       "END",
     .meaning = Class::security,
     .initial = "(by default)",
     .alter = alter_schema_privileges},
    comment_attribute(PLUMBLINE_COMMENT("pg_namespace", "n.oid")),
};

}  // namespace

// "public" comes with the database (its OID is initdb's) and is compared like any other.
const Kind schema{
    .name = "schema",
    .label = "schema",
    .address = {.catalog = "pg_namespace", .oid = "n.oid"},
    .identity = {.name = "n.nspname"},
    .from = R"sql(FROM pg_namespace n LEFT JOIN (
  SELECT objoid, initprivs AS privileges, (SELECT grantor FROM aclexplode(initprivs) LIMIT 1) AS owner
  FROM pg_init_privs WHERE classoid = 'pg_namespace'::regclass AND objsubid = 0 AND privtype = 'i') i ON i.objoid = n.oid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')sql",
    .attributes = attributes,
    .built_in = true,
    .keyword = "SCHEMA",
    .is_namespace = true,
    .renames_are_guessed = true,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
