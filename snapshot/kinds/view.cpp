#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/relation.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string query(const Object& object) {
  std::string text(object["definition"]);
  while (!text.empty() && (text.back() == ';' || text.back() == ' ')) text.pop_back();
  return text;
}

void create(const Object& object, Scene&, Script& out) {
  std::string options = storage_parameters(object["options"]);
  if (!options.empty()) options = " WITH (" + options + ")";
  out.add("CREATE " + sql_name(object.id()) + options + " AS\n" + query(object));
}

bool alter_options(const Change& change, Script& out) {
  set_and_reset("ALTER " + sql_name(change.expected.id()), change.from("options"), change.to("options"), out);
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "definition",
     .sql = "pg_get_viewdef(c.oid)",
     .form = Form::code,
     .normalise = query_spelled_anew},
    {.name = "options",
     .sql = PLUMBLINE_OPTIONS("c.reloptions"),
     .meaning = Class::security,
     .alter = alter_options},
    owner_attribute(PLUMBLINE_OWNER("c.relowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_class", "c.oid")),
};

}  // namespace

const Kind view{
    .name = "view",
    .label = "view",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE c.relkind = 'v' AND c.relpersistence <> 't'",
    .attributes = attributes,
    .keyword = "VIEW",
    .grant_on = "TABLE",
    .blocks_alter = always,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
