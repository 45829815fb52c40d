#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/row_conditions.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/type_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene& scene, Script& out) {
  std::string sql = "CREATE " + sql_name(object.id()) + " AS " + std::string(object["type"]);
  if (!object["collation"].empty()) sql += " COLLATE " + std::string(object["collation"]);
  if (!object["default"].empty()) sql += " DEFAULT " + std::string(object["default"]);
  if (!object["not_null_name"].empty()) sql += " CONSTRAINT " + quote_identifier(object["not_null_name"]);
  if (!object["not_null"].empty()) sql += " NOT NULL";
  // Later on, a column of a type that holds the domain would refuse them.
  for (const Object& check : scene.expected.children(object.id(), constraint)) {
    if (check["definition"].ends_with(" NOT VALID") || !scene.is_ready(check.id())) continue;
    scene.claim(check.id());
    sql += " CONSTRAINT " + quote_identifier(check.id().name.view()) + " " + std::string(check["definition"]);
  }
  out.add(sql);
}

bool alter_not_null(const Change& change, Script& out) {
  out.add("ALTER " + sql_name(change.expected.id()) +
              (change.to("not_null").empty() ? " DROP NOT NULL" : " SET NOT NULL"),
          {Hazard::scans_table});
  if (!change.to("not_null").empty()) out.wants_of_rows(condition_of_domain(own_name(change.expected.id())));
  return true;
}

bool alter_default(const Change& change, Script& out) {
  const std::string_view value = change.to("default");
  out.add("ALTER " + sql_name(change.expected.id()) +
          (value.empty() ? std::string(" DROP DEFAULT") : " SET DEFAULT " + std::string(value)));
  return true;
}

std::vector<std::string> default_spelled_anew(const Object& object, std::string_view value) {
  const std::string name = quote_qualified(object.id().schema.view(), object.id().name.view());
  return {"ALTER DOMAIN " + name + " SET DEFAULT " + std::string(value),
          "SELECT coalesce(pg_get_expr(typdefaultbin, 0), typdefault) FROM pg_type WHERE oid = " +
              quote_literal(name) + "::regtype"};
}

// A domain's checks are constraints, objects of their own.
constexpr Attribute attributes[] = {
    {.name = "type", .sql = "format_type(t.typbasetype, t.typtypmod)", .remakes = true},
    {.name = "collation",
     .sql = "(SELECT c.oid::regcollation::text FROM pg_collation c, pg_type b WHERE c.oid = t.typcollation"
            " AND b.oid = t.typbasetype AND c.oid <> b.typcollation)",
     .remakes = true},
    {.name = "not_null",
     .sql = PLUMBLINE_FLAG("t.typnotnull"),
     .meaning = Class::data,
     .alter = alter_not_null},
    {.name = "not_null_name",
     .sql = "(SELECT k.conname FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'n'"
            " AND k.conname <> t.typname || '_not_null')",
     .since = 17,
     .remakes = true},
    {.name = "default",
     .sql = "coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)",
     .form = Form::expression,
     .normalise = default_spelled_anew,
     .alter = alter_default},
    owner_attribute(PLUMBLINE_OWNER("t.typowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_type", "t.oid")),
};

}  // namespace

const Kind domain{
    .name = "domain",
    .label = "domain",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from = "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE t.typtype = 'd'",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "DOMAIN",
    .open_to_public = true,
    .create = create,
    .drop = drop_plainly,
    .set_aside = set_type_aside,
};

}  // namespace plumbline::kinds
