#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id());
  if (object["method"] == "inout") {
    sql += " WITH INOUT";
  } else if (object["method"].empty()) {
    sql += " WITH FUNCTION " + std::string(object["function"]);
  } else {
    sql += " WITHOUT FUNCTION";
  }
  if (!object["context"].empty()) sql += " AS " + std::string(object["context"]);
  out.add(sql);
}

constexpr Attribute attributes[] = {
    {.name = "function", .sql = "nullif(c.castfunc, 0)::regprocedure"},
    {.name = "method", .sql = "CASE c.castmethod WHEN 'i' THEN 'inout' WHEN 'b' THEN 'without function' END"},
    {.name = "context", .sql = "CASE c.castcontext WHEN 'a' THEN 'assignment' WHEN 'i' THEN 'implicit' END"},
    comment_attribute(PLUMBLINE_COMMENT("pg_cast", "c.oid")),
};

}  // namespace

// The cast from a range to its multirange comes with the type (14+).
const Kind cast{
    .name = "cast",
    .label = "cast",
    .address = {.catalog = "pg_cast", .oid = "c.oid"},
    .identity =
        {.name =
             "'(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')'"},
    .from =
        "FROM pg_cast c WHERE c.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_cast'::regclass"
        " AND deptype = 'i')",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "CAST",
    .has_rename = false,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
