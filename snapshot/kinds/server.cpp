#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string sql = "CREATE SERVER " + quote_identifier(object.id().name.view());
  if (!object["type"].empty()) sql += " TYPE " + quote_literal(object["type"]);
  if (!object["version"].empty()) sql += " VERSION " + quote_literal(object["version"]);
  sql += " FOREIGN DATA WRAPPER " + quote_identifier(object["wrapper"]);
  out.add(sql + foreign_options({}, object["options"], true));
  refuse_secrets(object, out);
}

bool alter_version(const Change& change, Script& out) {
  const std::string_view version = change.to("version");
  out.add("ALTER " + sql_name(change.expected.id()) + " VERSION " +
          (version.empty() ? std::string("NULL") : quote_literal(version)));
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "wrapper", .sql = "f.fdwname"},
    {.name = "type", .sql = "s.srvtype"},
    {.name = "version", .sql = "s.srvversion", .alter = alter_version},
    {.name = "options", .sql = PLUMBLINE_FOREIGN_OPTIONS("s.srvoptions"), .alter = alter_options},
    owner_attribute(PLUMBLINE_OWNER("s.srvowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("s.srvacl", "'S'", "s.srvowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_foreign_server", "s.oid")),
};

}  // namespace

const Kind server{
    .name = "server",
    .label = "foreign server",
    .address = {.catalog = "pg_foreign_server", .oid = "s.oid"},
    .identity = {.name = "s.srvname"},
    .from = "FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw WHERE true",
    .attributes = attributes,
    .keyword = "SERVER",
    .grant_on = "FOREIGN SERVER",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
