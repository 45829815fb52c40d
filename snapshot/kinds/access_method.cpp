#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + sql_name(object.id()) + " TYPE " + std::string(object["type"]) + " HANDLER " +
          routine_name(object["handler"]));
}

constexpr Attribute attributes[] = {
    {.name = "type", .sql = "CASE a.amtype WHEN 't' THEN 'table' WHEN 'i' THEN 'index' END"},
    {.name = "handler", .sql = "a.amhandler::regprocedure"},
    comment_attribute(PLUMBLINE_COMMENT("pg_am", "a.oid")),
};

}  // namespace

const Kind access_method{
    .name = "access_method",
    .label = "access method",
    .address = {.catalog = "pg_am", .oid = "a.oid"},
    .identity = {.name = "a.amname"},
    .from = "FROM pg_am a WHERE true",
    .attributes = attributes,
    .keyword = "ACCESS METHOD",
    .has_rename = false,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
