#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// USING (...) on a policy of the table's own; WITH CHECK expressions are spelled alike.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const std::string table = quote_qualified(object.id().schema.view(), object.id().parent.view());
  return {"CREATE POLICY plumbline_spelling ON " + table + " USING (" + std::string(value) + ")",
          "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'plumbline_spelling' AND "
          "polrelid = " +
              quote_literal(table) + "::regclass"};
}

constexpr Attribute attributes[] = {
    {.name = "command",
     .sql = "CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'"
            " WHEN 'd' THEN 'delete' END",
     .meaning = Class::security},
    {.name = "permissive",
     .sql = "CASE WHEN NOT p.polpermissive THEN 'restrictive' END",
     .meaning = Class::security},
    {.name = "roles",
     .sql = "(SELECT string_agg(x.name, ', ' ORDER BY x.name COLLATE \"C\") FROM (SELECT CASE r WHEN 0 THEN "
            "'PUBLIC'"
            " ELSE quote_ident(pg_get_userbyid(r)) END AS name FROM unnest(p.polroles) r) x)",
     .meaning = Class::security},
    {.name = "using",
     .sql = "pg_get_expr(p.polqual, p.polrelid)",
     .form = Form::expression,
     .meaning = Class::security,
     .normalise = spelled_anew},
    {.name = "check",
     .sql = "pg_get_expr(p.polwithcheck, p.polrelid)",
     .form = Form::expression,
     .meaning = Class::security,
     .normalise = spelled_anew},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_policy", "p.oid"), .meaning = Class::cosmetic},
};

}  // namespace

const Kind policy{
    .name = "policy",
    .label = "policy",
    .address = {.catalog = "pg_policy", .oid = "p.oid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "p.polname"},
    .from = R"sql(FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE true)sql",
    .attributes = attributes,
    .missing = Class::security,
    .unexpected = Class::security,
    .parent_kinds = "table",
    .blocks_alter = true,
};

}  // namespace plumbline::kinds
