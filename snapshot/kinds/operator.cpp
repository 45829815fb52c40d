#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// "=(integer, text)" -> {"integer", "text"}.
std::vector<std::string> operands(const ObjectId& id) {
  const std::string_view name = id.name.view();
  const std::size_t open = name.find('(');
  return list_items(name.substr(open + 1, name.size() - open - 2));
}

// "public.=(integer,text)" -> "OPERATOR(public.=)".
std::string other_operator(std::string_view text) {
  return "OPERATOR(" + std::string(text.substr(0, text.find('('))) + ")";
}

void create(const Object& object, Scene&, Script& out) {
  if (object["function"].empty()) return;  // a shell comes with the operator that names it
  const auto types = operands(object.id());
  std::string list = "FUNCTION = " + routine_name(object["function"]);
  if (types.size() == 2 && types[0] != "NONE") list += ", LEFTARG = " + types[0];
  if (types.size() == 2 && types[1] != "NONE") list += ", RIGHTARG = " + types[1];
  if (!object["commutator"].empty()) list += ", COMMUTATOR = " + other_operator(object["commutator"]);
  if (!object["negator"].empty()) list += ", NEGATOR = " + other_operator(object["negator"]);
  if (!object["restriction_estimator"].empty())
    list += ", RESTRICT = " + std::string(object["restriction_estimator"]);
  if (!object["join_estimator"].empty()) list += ", JOIN = " + std::string(object["join_estimator"]);
  if (!object["hashes"].empty()) list += ", HASHES";
  if (!object["merges"].empty()) list += ", MERGES";
  const std::string_view name = object.id().name.view();
  out.add("CREATE OPERATOR " + quote_identifier(object.id().schema.view()) + "." +
          std::string(name.substr(0, name.find('('))) + " (" + list + ")");
}

bool alter_estimators(const Change& change, Script& out) {
  const auto value = [&](std::string_view attribute) {
    return change.to(attribute).empty() ? std::string("NONE") : std::string(change.to(attribute));
  };
  out.add("ALTER " + sql_name(change.expected.id()) + " SET (RESTRICT = " + value("restriction_estimator") +
          ", JOIN = " + value("join_estimator") + ")");
  return true;
}

// A shell operator, which only another one's COMMUTATOR or NEGATOR names, has neither function nor result.
constexpr Attribute attributes[] = {
    {.name = "function", .sql = "nullif(o.oprcode, 0)::regprocedure"},
    {.name = "returns", .sql = "CASE WHEN o.oprresult <> 0 THEN format_type(o.oprresult, NULL) END"},
    {.name = "commutator", .sql = "nullif(o.oprcom, 0)::regoperator"},
    {.name = "negator", .sql = "nullif(o.oprnegate, 0)::regoperator"},
    {.name = "restriction_estimator",
     .sql = "nullif(o.oprrest, 0)::regproc",
     .meaning = Class::operational,
     .alter = alter_estimators},
    {.name = "join_estimator",
     .sql = "nullif(o.oprjoin, 0)::regproc",
     .meaning = Class::operational,
     .alter = alter_estimators},
    {.name = "hashes", .sql = PLUMBLINE_FLAG("o.oprcanhash")},
    {.name = "merges", .sql = PLUMBLINE_FLAG("o.oprcanmerge")},
    owner_attribute(PLUMBLINE_OWNER("o.oprowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_operator", "o.oid")),
};

}  // namespace

const Kind operator_kind{
    .name = "operator",
    .label = "operator",
    .address = {.catalog = "pg_operator", .oid = "o.oid"},
    .identity =
        {.schema = "n.nspname",
         .name = "o.oprname || '(' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL)"
                 " ELSE 'NONE' END || ', ' || CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL)"
                 " ELSE 'NONE' END || ')'"},
    .from = "FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "OPERATOR",
    .has_rename = false,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
