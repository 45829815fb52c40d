#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
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
    {.name = "server", .sql = "s.srvname"},
    {.name = "options", .sql = PLUMBLINE_FOREIGN_OPTIONS("f.ftoptions"), .alter = alter_options},
    {.name = "inherits",
     .sql =
         "CASE WHEN NOT c.relispartition THEN (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY"
         " i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid) END",
     .alter = alter_inherits},
    {.name = "partition_of",
     .sql = "CASE WHEN c.relispartition THEN (SELECT i.inhparent::regclass FROM pg_inherits i"
            " WHERE i.inhrelid = c.oid) END",
     .late = true,
     .initial = "",
     .alter = attach_partition},
    {.name = "partition_bound",
     .sql = "pg_get_expr(c.relpartbound, c.oid)",
     .form = Form::expression,
     .late = true,
     .initial = "",
     .alter = attach_partition},
    {.name = "partition_detach_pending",
     .sql = PLUMBLINE_FLAG("c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid"
                           " AND i.inhdetachpending)"),
     .since = 14,
     .meaning = Class::operational,
     .alter = alter_nothing},
    {.name = "column_order",
     .sql = "(SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid "
            "= c.oid"
            " AND attnum > 0 AND NOT attisdropped AND (attinhcount = 0 OR c.relispartition))",
     .form = Form::order,
     .meaning = Class::cosmetic,
     .alter = alter_nothing},
    {.name = "owner",
     .sql = PLUMBLINE_OWNER("c.relowner"),
     .meaning = Class::security,
     .initial = its_creator,
     .alter = alter_owner},
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("c.relacl", "'r'", "c.relowner"),
     .meaning = Class::security,
     .initial = "",
     .alter = alter_privileges},
    {.name = "comment",
     .sql = PLUMBLINE_COMMENT("pg_class", "c.oid"),
     .meaning = Class::cosmetic,
     .initial = "",
     .alter = alter_comment},
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
    .held_late = true,
    .create = create,
    .drop = drop_plainly,
    .release = detach_partition,
};

}  // namespace plumbline::kinds
