#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  std::string sql(object["definition"]);
  while (sql.ends_with(';')) sql.pop_back();
  out.add(sql);
}

bool alter_enabled(const Change& change, Script& out) {
  out.add("ALTER TABLE " + parent_name(change.expected.id()) + " " + switched(change.to("enabled"), "RULE") +
          quote_identifier(change.expected.id().name.view()));
  return true;
}

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
     .meaning = Class::data,
     .initial = "",
     .alter = alter_enabled},
    comment_attribute(PLUMBLINE_COMMENT("pg_rewrite", "r.oid")),
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
    .keyword = "RULE",
    .naming = Kind::Naming::on_parent,
    .blocks_alter = always,
    .create = create,
    .drop = drop_plainly,
};

}  // namespace plumbline::kinds
