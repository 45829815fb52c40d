#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const std::string table = quote_qualified(object.id().schema.view(), object.id().parent.view());
  const std::string name = std::string(object.id().name.view());
  return {"ALTER RULE " + quote_identifier(name) + " ON " + table + " RENAME TO plumbline_spelling",
          std::string(value),
          "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = " + quote_literal(table) +
              "::regclass AND rulename = " + quote_literal(name)};
}

constexpr Attribute attributes[] = {
    {.name = "definition", .sql = "pg_get_ruledef(r.oid)", .form = Form::code, .normalise = spelled_anew},
    {.name = "enabled",
     .sql = "CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END",
     .meaning = Class::data},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_rewrite", "r.oid"), .meaning = Class::cosmetic},
};

}  // namespace

// A view's own rule, _RETURN, is the view.
const Kind rule{
    .name = "rule",
    .label = "rule",
    .address = {.catalog = "pg_rewrite", .oid = "r.oid"},
    .identity = {.schema = "n.nspname", .parent = "c.relname", .name = "r.rulename"},
    .from = R"sql(FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class AND c.relpersistence <> 't'
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN')sql",
    .attributes = attributes,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "table foreign_table view materialized_view",
    .blocks_alter = true,
};

}  // namespace plumbline::kinds
