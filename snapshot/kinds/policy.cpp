#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

std::string clauses(const Object& object) {
  std::string sql = " TO " + std::string(object["roles"]);
  if (!object["using"].empty()) sql += " USING (" + std::string(object["using"]) + ")";
  if (!object["check"].empty()) sql += " WITH CHECK (" + std::string(object["check"]) + ")";
  return sql;
}

void create(const Object& object, Scene&, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id());
  if (!object["permissive"].empty()) sql += " AS RESTRICTIVE";
  if (!object["command"].empty()) sql += " FOR " + std::string(object["command"]);
  out.add(sql + clauses(object), {Hazard::authorisation});
}

void drop(const Object& object, Scene&, Script& out) {
  out.add("DROP " + sql_name(object.id()), {Hazard::authorisation});
}

// What is there cannot be taken away again but by a new policy.
bool alter_clauses(const Change& change, Script& out) {
  for (const std::string_view part : {"using", "check"}) {
    if (!change.from(part).empty() && change.to(part).empty()) return false;
  }
  out.add("ALTER " + sql_name(change.expected.id()) + clauses(change.expected), {Hazard::authorisation});
  return true;
}

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
     .meaning = Class::security,
     .alter = alter_clauses},
    {.name = "using",
     .sql = "pg_get_expr(p.polqual, p.polrelid)",
     .form = Form::expression,
     .meaning = Class::security,
     .normalise = spelled_anew,
     .alter = alter_clauses},
    {.name = "check",
     .sql = "pg_get_expr(p.polwithcheck, p.polrelid)",
     .form = Form::expression,
     .meaning = Class::security,
     .normalise = spelled_anew,
     .alter = alter_clauses},
    comment_attribute(PLUMBLINE_COMMENT("pg_policy", "p.oid")),
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
    .keyword = "POLICY",
    .naming = Kind::Naming::on_parent,
    .blocks_alter = always,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
