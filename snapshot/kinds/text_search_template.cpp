#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string list = "LEXIZE = " + routine_name(object["lexize"]);
  if (!object["init"].empty()) list += ", INIT = " + routine_name(object["init"]);
  out.add("CREATE " + sql_name(object.id()) + " (" + list + ")");
}

constexpr Attribute attributes[] = {
    {.name = "init", .sql = "nullif(t.tmplinit, 0)::regprocedure"},
    {.name = "lexize", .sql = "t.tmpllexize::regprocedure"},
    comment_attribute(PLUMBLINE_COMMENT("pg_ts_template", "t.oid")),
};

}  // namespace

const Kind text_search_template{
    .name = "text_search_template",
    .label = "text search template",
    .address = {.catalog = "pg_ts_template", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.tmplname"},
    .from =
        "FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace AND " PLUMBLINE_LASTING_SCHEMA
        " WHERE true",
    .attributes = attributes,
    .keyword = "TEXT SEARCH TEMPLATE",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
