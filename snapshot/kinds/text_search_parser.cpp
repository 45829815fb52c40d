#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string list =
      "START = " + routine_name(object["start"]) + ", GETTOKEN = " + routine_name(object["gettoken"]) +
      ", END = " + routine_name(object["end"]) + ", LEXTYPES = " + routine_name(object["lextypes"]);
  if (!object["headline"].empty()) list += ", HEADLINE = " + routine_name(object["headline"]);
  out.add("CREATE " + sql_name(object.id()) + " (" + list + ")");
}

constexpr Attribute attributes[] = {
    {.name = "start", .sql = "p.prsstart::regprocedure"},
    {.name = "gettoken", .sql = "p.prstoken::regprocedure"},
    {.name = "end", .sql = "p.prsend::regprocedure"},
    {.name = "headline", .sql = "nullif(p.prsheadline, 0)::regprocedure"},
    {.name = "lextypes", .sql = "p.prslextype::regprocedure"},
    comment_attribute(PLUMBLINE_COMMENT("pg_ts_parser", "p.oid")),
};

}  // namespace

const Kind text_search_parser{
    .name = "text_search_parser",
    .label = "text search parser",
    .address = {.catalog = "pg_ts_parser", .oid = "p.oid"},
    .identity = {.schema = "n.nspname", .name = "p.prsname"},
    .from = "FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE true",
    .attributes = attributes,
    .keyword = "TEXT SEARCH PARSER",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
