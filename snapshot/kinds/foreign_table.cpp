#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_attributes.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene& scene, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id()) + column_list(object, scene);
  if (!object["inherits"].empty()) sql += " INHERITS (" + std::string(object["inherits"]) + ")";
  sql += " SERVER " + quote_identifier(object["server"]);
  out.add(sql + foreign_options({}, object["options"], true));
  refuse_secrets(object, out);
}

constexpr Attribute attributes[] = {
    {.name = "server", .sql = "s.srvname", .remakes = true},
    {.name = "options", .sql = PLUMBLINE_FOREIGN_OPTIONS("f.ftoptions"), .alter = alter_options},
    inherits_attribute,
    partition_of_attribute,
    partition_bound_attribute,
    partition_detach_pending_attribute,
    column_order_attribute,
    owner_attribute(PLUMBLINE_OWNER("c.relowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_class", "c.oid")),
};

}  // namespace

const Kind foreign_table{
    .name = "foreign_table",
    .label = "foreign table",
    .address = {.catalog = "pg_class", .oid = "c.oid"},
    .identity = {.schema = "n.nspname", .name = "c.relname"},
    .from = R"sql(FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid
  JOIN pg_foreign_server s ON s.oid = f.ftserver JOIN pg_namespace n ON n.oid = c.relnamespace WHERE true)sql",
    .attributes = attributes,
    .keyword = "FOREIGN TABLE",
    .grant_on = "TABLE",
    .renames_are_guessed = true,
    .held_late = true,
    .create = create,
    .drop = drop_plainly,
    .release = leave_parents,
};

}  // namespace plumbline::kinds
