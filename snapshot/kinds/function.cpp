#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/routine_sql.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string sort_of(const Object& object) {
  return object.id().kind == &procedure ? "PROCEDURE " : "FUNCTION ";
}

std::string creation(const Object& object, std::string_view name, std::string_view arguments) {
  std::string sql = "CREATE " + sort_of(object) + quote_identifier(object.id().schema.view()) + ".";
  sql.append(name).append("(").append(arguments).append(")");
  if (!object["returns"].empty()) sql.append(" RETURNS ").append(object["returns"]);
  return sql;
}

// Defaults of arguments are expressions. Any type may be an argument of an internal function.
std::vector<std::string> arguments_spelled_anew(const Object& object, std::string_view value) {
  return {creation(object, "plumbline_spelling", value) + " LANGUAGE internal AS 'int4in'",
          "SELECT pg_get_function_arguments(oid) FROM pg_proc WHERE proname = 'plumbline_spelling' AND"
          " pronamespace = " +
              quote_literal(quote_identifier(object.id().schema.view())) + "::regnamespace"};
}

// The body may name its arguments by way of the function's name, so the function gives way to its double.
std::vector<std::string> body_spelled_anew(const Object& object, std::string_view value) {
  const std::string_view name = object.id().name.view();
  const std::string whole = quote_identifier(object.id().schema.view()) + "." + std::string(name);
  std::size_t end = 0;
  for (bool quoted = false; end < name.size() && (quoted || name[end] != '('); ++end) {
    if (name[end] == '"') quoted = !quoted;
  }
  return {"ALTER " + sort_of(object) + whole + " RENAME TO plumbline_spelling",
          creation(object, name.substr(0, end), object["arguments"]) + " LANGUAGE sql " + std::string(value),
          "SELECT pg_get_function_sqlbody(" + quote_literal(whole) + "::regprocedure)"};
}

// Its statements are parsed and hold on to what they use.
bool has_sql_body(const Object& object) { return !object["sql_body"].empty(); }

constexpr Attribute attributes[] = {
    {.name = "arguments",
     .sql = "pg_get_function_arguments(p.oid)",
     .form = Form::expression,
     .normalise = arguments_spelled_anew},
    {.name = "returns", .sql = "pg_get_function_result(p.oid)"},
    {.name = "language", .sql = "l.lanname", .alter = replace_routine},
    {.name = "window", .sql = PLUMBLINE_FLAG("p.prokind = 'w'")},
    {.name = "volatility",
     .sql = "CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END",
     .alter = replace_routine},
    {.name = "strict", .sql = PLUMBLINE_FLAG("p.proisstrict"), .alter = replace_routine},
    {.name = "security_definer",
     .sql = PLUMBLINE_FLAG("p.prosecdef"),
     .meaning = Class::security,
     .alter = replace_routine},
    {.name = "leakproof",
     .sql = PLUMBLINE_FLAG("p.proleakproof"),
     .meaning = Class::security,
     .alter = replace_routine},
    {.name = "parallel",
     .sql = "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END",
     .meaning = Class::operational,
     .alter = replace_routine},
    // The default cost is 1 for C and internal functions and 100 for all others, the default rows 1000
    // (CREATE FUNCTION).
    {.name = "cost",
     .sql = "nullif(p.procost, CASE WHEN l.lanname IN ('c', 'internal') THEN 1 ELSE 100 END)",
     .meaning = Class::operational,
     .alter = replace_routine},
    {.name = "rows",
     .sql = "CASE WHEN p.proretset THEN nullif(p.prorows, 1000) END",
     .meaning = Class::operational,
     .alter = replace_routine},
    {.name = "support",
     .sql = "nullif(p.prosupport::text, '-')",
     .meaning = Class::operational,
     .alter = replace_routine},
    {.name = "transforms",
     .sql = "(SELECT string_agg(format_type(x, NULL), ', ' ORDER BY i) FROM unnest(p.protrftypes) WITH "
            "ORDINALITY"
            " AS t (x, i))",
     .alter = replace_routine},
    {.name = "settings",
     .sql = PLUMBLINE_OPTIONS("p.proconfig"),
     .meaning = Class::security,
     .alter = replace_routine},
    {.name = "library", .sql = "p.probin", .alter = replace_routine},
    // Empty when the body is SQL that was parsed when the function was made (14+).
    {.name = "body", .sql = "p.prosrc", .form = Form::code, .alter = replace_routine},
    {.name = "sql_body",
     .sql = "pg_get_function_sqlbody(p.oid)",
     .since = 14,
     .form = Form::code,
     .normalise = body_spelled_anew,
     .alter = replace_routine},
    depends_on_extension_attribute(PLUMBLINE_DEPENDS_ON_EXTENSION("pg_proc", "p.oid")),
    owner_attribute(PLUMBLINE_OWNER("p.proowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("p.proacl", "'f'", "p.proowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_proc", "p.oid")),
};

// A routine is named with its input types, as DROP FUNCTION wants it.
#define ROUTINE_NAME "quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')'"
#define ROUTINE_FROM                                       \
  "FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang" \
  " JOIN pg_namespace n ON n.oid = p.pronamespace AND " PLUMBLINE_LASTING_SCHEMA

}  // namespace

// A range's constructors come with its type and do not follow its name.
const Kind function{
    .name = "function",
    .label = "function",
    .address = {.catalog = "pg_proc", .oid = "p.oid"},
    .identity = {.schema = "n.nspname", .name = ROUTINE_NAME},
    .from = ROUTINE_FROM
    " WHERE p.prokind IN ('f', 'w') AND p.oid NOT IN (SELECT objid FROM pg_depend WHERE classid ="
    " 'pg_proc'::regclass AND deptype = 'i')",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "FUNCTION",
    .open_to_public = true,
    .blocks_alter = has_sql_body,
    .create = create_routine,
    .drop = drop_plainly,
};

const Kind procedure{
    .name = "procedure",
    .label = "procedure",
    .address = {.catalog = "pg_proc", .oid = "p.oid"},
    .identity = {.schema = "n.nspname", .name = ROUTINE_NAME},
    .from = ROUTINE_FROM " WHERE p.prokind = 'p'",
    .attributes = attributes,
    .name_is_sql = true,
    .keyword = "PROCEDURE",
    .argument_mode = "IN",
    .open_to_public = true,
    .blocks_alter = has_sql_body,
    .create = create_routine,
    .drop = drop_plainly,
};

#undef ROUTINE_NAME
#undef ROUTINE_FROM

}  // namespace plumbline::kinds
