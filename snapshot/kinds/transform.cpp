#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string list;
  if (!object["from_sql"].empty()) list = "FROM SQL WITH FUNCTION " + std::string(object["from_sql"]);
  if (!object["to_sql"].empty()) {
    list += (list.empty() ? "" : ", ") + std::string("TO SQL WITH FUNCTION ") + std::string(object["to_sql"]);
  }
  out.add("CREATE " + sql_name(object.id()) + " (" + list + ")");
}

constexpr Attribute attributes[] = {
    {.name = "from_sql", .sql = "nullif(t.trffromsql, 0)::regprocedure"},
    {.name = "to_sql", .sql = "nullif(t.trftosql, 0)::regprocedure"},
    comment_attribute(PLUMBLINE_COMMENT("pg_transform", "t.oid")),
};

}  // namespace

const Kind transform{
    .name = "transform",
    .label = "transform",
    .address = {.catalog = "pg_transform", .oid = "t.oid"},
    .identity = {.name = "'FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname)"},
    .from = "FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "TRANSFORM",
    .has_rename = false,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
