#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/type_sql.h"

namespace plumbline::kinds {

namespace {

void create(const Object& object, Scene&, Script& out) {
  out.add("CREATE " + sql_name(object.id()) + " AS ENUM (" + std::string(object["values"]) + ")");
}

// New values go in between; to take one away or to move one takes a new type.
bool add_values(const Change& change, Script& out) {
  const auto had = list_items(change.from("values")), has = list_items(change.to("values"));
  std::size_t next = 0;
  Script added;
  for (std::size_t i = 0; i < has.size(); ++i) {
    if (next < had.size() && had[next] == has[i]) {
      ++next;
      continue;
    }
    std::string sql = "ALTER " + sql_name(change.expected.id()) + " ADD VALUE " + has[i];
    if (i > 0) {
      sql += " AFTER " + has[i - 1];
    } else if (!had.empty()) {
      sql += " BEFORE " + had[0];
    }
    // Nobody can use a new value before its transaction ends (PostgreSQL 12+).
    added.add_outside(sql);
  }
  if (next < had.size()) return false;
  for (const Statement& statement : added.statements()) out.add(statement);
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "values",
     .sql = "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)"
            " FROM pg_enum e WHERE e.enumtypid = t.oid)",
     .alter = add_values},
    owner_attribute(PLUMBLINE_OWNER("t.typowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.typacl", "'T'", "t.typowner")),
    comment_attribute(PLUMBLINE_COMMENT("pg_type", "t.oid")),
};

}  // namespace

const Kind enum_type{
    .name = "enum",
    .label = "enum",
    .address = {.catalog = "pg_type", .oid = "t.oid"},
    .identity = {.schema = "n.nspname", .name = "t.typname"},
    .from = "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND " PLUMBLINE_LASTING_SCHEMA
            " WHERE t.typtype = 'e'",
    .attributes = attributes,
    .holds_rows = true,
    .keyword = "TYPE",
    .open_to_public = true,
    .create = create,
    .drop = drop_plainly,
    .set_aside = set_type_aside,
};

}  // namespace plumbline::kinds
