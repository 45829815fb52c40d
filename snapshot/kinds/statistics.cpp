#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) { out.add(std::string(object["definition"])); }

bool alter_target(const Change& change, Script& out) {
  const std::string_view target = change.to("statistics_target");
  out.add("ALTER " + sql_name(change.expected.id()) + " SET STATISTICS " +
          (target.empty() ? std::string("-1") : std::string(target)));
  return true;
}

// The text names the object itself, which therefore makes room first.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const std::string name = quote_qualified(object.id().schema.view(), object.id().name.view());
  return {"DROP STATISTICS IF EXISTS " + name, std::string(value),
          "SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = "
          "s.stxnamespace"
          " WHERE n.nspname = " +
              quote_literal(object.id().schema.view()) +
              " AND s.stxname = " + quote_literal(object.id().name.view())};
}

constexpr Attribute attributes[] = {
    {.name = "definition",
     .sql = "pg_get_statisticsobjdef(s.oid)",
     .form = Form::expression,
     .meaning = Class::operational,
     .normalise = spelled_anew},
    // "Not set" is -1 up to 16 and NULL from 17 on.
    {.name = "statistics_target",
     .sql = "nullif(s.stxstattarget, -1)",
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_target},
    owner_attribute(PLUMBLINE_OWNER("s.stxowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_statistic_ext", "s.oid")),
};

}  // namespace

const Kind statistics{
    .name = "statistics",
    .label = "statistics object",
    .address = {.catalog = "pg_statistic_ext", .oid = "s.oid"},
    .identity = {.schema = "n.nspname", .name = "s.stxname"},
    .from =
        "FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace AND " PLUMBLINE_LASTING_SCHEMA
        " WHERE true",
    .attributes = attributes,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .keyword = "STATISTICS",
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
