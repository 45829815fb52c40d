#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// "public.f(integer,integer)" -> "public.f".
std::string function_of(std::string_view routine) { return routine_name(routine); }

void create(const Object& object, Scene&, Script& out) {
  std::string list;
  const auto say = [&](std::string_view word, const std::string& value) {
    if (!value.empty())
      list.append(list.empty() ? "\n    " : ",\n    ").append(word).append(" = ").append(value);
  };
  const auto function = [&](std::string_view word, std::string_view attribute) {
    say(word, function_of(object[attribute]));
  };
  const auto plain = [&](std::string_view word, std::string_view attribute) {
    say(word, std::string(object[attribute]));
  };
  const auto flag = [&](std::string_view word, std::string_view attribute) {
    if (!object[attribute].empty()) list.append(",\n    ").append(word);
  };
  // Ordered sets may have read and written their state all along.
  const auto modifies = [&](std::string_view word, std::string_view attribute) {
    const std::string_view code = object[attribute];
    const bool usual = code == (object["aggregate_kind"].empty() ? "r" : "w");
    if (!usual) say(word, code == "r" ? "READ_ONLY" : code == "s" ? "SHAREABLE" : "READ_WRITE");
  };
  function("SFUNC", "transition_function");
  plain("STYPE", "transition_type");
  plain("SSPACE", "transition_space");
  function("FINALFUNC", "final_function");
  flag("FINALFUNC_EXTRA", "final_function_extra");
  modifies("FINALFUNC_MODIFY", "final_function_modifies");
  function("COMBINEFUNC", "combine_function");
  function("SERIALFUNC", "serial_function");
  function("DESERIALFUNC", "deserial_function");
  plain("INITCOND", "initial_value");
  function("MSFUNC", "moving_transition_function");
  function("MINVFUNC", "moving_inverse_function");
  plain("MSTYPE", "moving_transition_type");
  plain("MSSPACE", "moving_transition_space");
  function("MFINALFUNC", "moving_final_function");
  flag("MFINALFUNC_EXTRA", "moving_final_function_extra");
  if (!object["moving_transition_function"].empty())
    modifies("MFINALFUNC_MODIFY", "moving_final_function_modifies");
  plain("MINITCOND", "moving_initial_value");
  if (!object["sort_operator"].empty())
    say("SORTOP", "OPERATOR(" + function_of(object["sort_operator"]) + ")");
  if (!object["parallel"].empty()) say("PARALLEL", std::string(object["parallel"]));
  if (object["aggregate_kind"] == "hypothetical set") list += ",\n    HYPOTHETICAL";
  const ObjectId& id = object.id();
  const std::string_view arguments = object["arguments"];
  out.add("CREATE AGGREGATE " + quote_identifier(id.schema.view()) + "." + routine_name(id.name.view()) +
          "(" + (arguments.empty() ? "*" : std::string(arguments)) + ") (" + list + "\n)");
}

#define ROUTINE(column) "nullif(a." column "::regprocedure::text, '-')"

constexpr Attribute attributes[] = {
    {.name = "arguments", .sql = "pg_get_function_arguments(p.oid)"},
    {.name = "returns", .sql = "pg_get_function_result(p.oid)"},
    {.name = "aggregate_kind",
     .sql = "CASE a.aggkind WHEN 'o' THEN 'ordered set' WHEN 'h' THEN 'hypothetical set' END"},
    {.name = "direct_arguments", .sql = "nullif(a.aggnumdirectargs, 0)"},
    {.name = "transition_function", .sql = ROUTINE("aggtransfn")},
    {.name = "transition_type", .sql = "format_type(a.aggtranstype, NULL)"},
    {.name = "transition_space", .sql = "nullif(a.aggtransspace, 0)", .meaning = Class::operational},
    {.name = "initial_value", .sql = "quote_literal(a.agginitval)"},
    {.name = "final_function", .sql = ROUTINE("aggfinalfn")},
    {.name = "final_function_extra", .sql = PLUMBLINE_FLAG("a.aggfinalextra")},
    {.name = "final_function_modifies", .sql = "a.aggfinalmodify"},
    {.name = "combine_function", .sql = ROUTINE("aggcombinefn")},
    {.name = "serial_function", .sql = ROUTINE("aggserialfn")},
    {.name = "deserial_function", .sql = ROUTINE("aggdeserialfn")},
    {.name = "moving_transition_function", .sql = ROUTINE("aggmtransfn")},
    {.name = "moving_inverse_function", .sql = ROUTINE("aggminvtransfn")},
    {.name = "moving_transition_type",
     .sql = "CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END"},
    {.name = "moving_transition_space", .sql = "nullif(a.aggmtransspace, 0)", .meaning = Class::operational},
    {.name = "moving_initial_value", .sql = "quote_literal(a.aggminitval)"},
    {.name = "moving_final_function", .sql = ROUTINE("aggmfinalfn")},
    {.name = "moving_final_function_extra", .sql = PLUMBLINE_FLAG("a.aggmfinalextra")},
    {.name = "moving_final_function_modifies", .sql = "a.aggmfinalmodify"},
    {.name = "sort_operator", .sql = "CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator END"},
    {.name = "parallel",
     .sql = "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END",
     .meaning = Class::operational},
    owner_attribute(PLUMBLINE_OWNER("p.proowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("p.proacl", "'f'", "p.proowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_proc", "p.oid")),
};

#undef ROUTINE

}  // namespace

const Kind aggregate{
    .name = "aggregate",
    .label = "aggregate",
    .address = {.catalog = "pg_proc", .oid = "p.oid"},
    .identity = {.schema = "n.nspname",
                 .name = "quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')'"},
    .from =
        "FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid"
        " JOIN pg_namespace n ON n.oid = p.pronamespace AND " PLUMBLINE_LASTING_SCHEMA " WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "ROUTINE",
    .open_to_public = true,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
