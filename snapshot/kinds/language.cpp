#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string sql = object["trusted"].empty() ? "CREATE " : "CREATE TRUSTED ";
  sql += sql_name(object.id());
  if (!object["handler"].empty()) sql += " HANDLER " + routine_name(object["handler"]);
  if (!object["inline"].empty()) sql += " INLINE " + routine_name(object["inline"]);
  if (!object["validator"].empty()) sql += " VALIDATOR " + routine_name(object["validator"]);
  out.add(sql);
}

constexpr Attribute attributes[] = {
    {.name = "handler", .sql = "nullif(l.lanplcallfoid, 0)::regprocedure"},
    {.name = "inline", .sql = "nullif(l.laninline, 0)::regprocedure"},
    {.name = "validator", .sql = "nullif(l.lanvalidator, 0)::regprocedure"},
    {.name = "procedural", .sql = "CASE WHEN NOT l.lanispl THEN 'false' END"},
    {.name = "trusted", .sql = PLUMBLINE_FLAG("l.lanpltrusted"), .meaning = Class::security},
    owner_attribute(PLUMBLINE_OWNER("l.lanowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("l.lanacl", "'l'", "l.lanowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_language", "l.oid")),
};

}  // namespace

const Kind language{
    .name = "language",
    .label = "language",
    .address = {.catalog = "pg_language", .oid = "l.oid"},
    .identity = {.name = "l.lanname"},
    .from = "FROM pg_language l WHERE true",
    .attributes = attributes,
    .keyword = "LANGUAGE",
    .open_to_public = true,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
