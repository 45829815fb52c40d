#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + sql_name(object.id()) + " WITH SCHEMA " + quote_identifier(object["in_schema"]) +
          " VERSION " + quote_literal(object["version"]));
}

bool alter_schema(const Change& change, Script& out) {
  if (change.from("relocatable").empty()) return false;
  out.add("ALTER " + sql_name(change.expected.id()) + " SET SCHEMA " +
          quote_identifier(change.to("in_schema")));
  return true;
}

bool alter_version(const Change& change, Script& out) {
  out.add("ALTER " + sql_name(change.expected.id()) + " UPDATE TO " + quote_literal(change.to("version")),
          {Hazard::extension_version});
  return true;
}

void take_up(const ObjectId& id, const ObjectId& member, Script& out) {
  out.add("ALTER " + sql_name(id) + " ADD " + sql_name(member));
}

void let_go(const ObjectId& id, const ObjectId& member, Script& out) {
  out.add("ALTER " + sql_name(id) + " DROP " + sql_name(member));
}

// The owner is whoever was allowed to install it, which the migrations do not decide.
constexpr Attribute attributes[] = {
    {.name = "in_schema", .sql = "n.nspname", .decides_members = true, .alter = alter_schema},
    // Each major brings its own versions of the extensions that come with it.
    {.name = "version",
     .sql = "e.extversion",
     .meaning = Class::operational,
     .one_version = true,
     .decides_members = true,
     .alter = alter_version},
    {.name = "relocatable", .sql = PLUMBLINE_FLAG("e.extrelocatable"), .compared = false},
    {.name = "configuration_tables",
     .sql = "(SELECT string_agg(t::regclass::text || coalesce(' ' || nullif(e.extcondition[i], ''), ''), ', '"
            " ORDER BY t::regclass::text) FROM unnest(e.extconfig) WITH ORDINALITY AS c (t, i))",
     .meaning = Class::operational,
     .alter = alter_nothing},
    {.name = "members",
     .sql = "NULL",
     .form = Form::code,
     .one_version = true,
     .members = true,
     .alter = alter_nothing},
    {.name = "owner", .sql = PLUMBLINE_OWNER("e.extowner"), .meaning = Class::security, .surroundings = true},
    comment_attribute(PLUMBLINE_COMMENT("pg_extension", "e.oid")),
};

}  // namespace

const Kind extension{
    .name = "extension",
    .label = "extension",
    .address = {.catalog = "pg_extension", .oid = "e.oid"},
    .identity = {.name = "e.extname"},
    .from = R"sql(FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE true)sql",
    .attributes = attributes,
    .built_in = true,
    .keyword = "EXTENSION",
    .has_rename = false,
    .create = create,
    .drop = drop_plainly,
    .take_up = take_up,
    .let_go = let_go,
};

}  // namespace plumbline::kinds
