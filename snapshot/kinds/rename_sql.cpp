#include "snapshot/kinds/rename_sql.h"

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/sql.h"

namespace plumbline {

namespace {

// A routine's without its arguments.
std::string new_name(const ObjectId& id) {
  const std::string_view name = id.name.view();
  return id.kind->name_is_sql ? std::string(name.substr(0, name.find('('))) : quote_identifier(name);
}

}  // namespace

std::vector<std::string> rename_sql(const ObjectId& from, const ObjectId& to) {
  const bool is_constraint = from.kind == &kinds::constraint;
  if (is_constraint || from.kind->naming == Kind::Naming::under_parent) {
    return {"ALTER TABLE " + kinds::parent_name(from) + " RENAME " + std::string(from.kind->keyword) + " " +
            quote_identifier(from.name.view()) + " TO " + quote_identifier(to.name.view())};
  }
  std::vector<std::string> statements;
  ObjectId at = from;
  if (from.schema != to.schema) {
    statements.push_back("ALTER " + kinds::sql_name(from) + " SET SCHEMA " +
                         quote_identifier(to.schema.view()));
    at.schema = to.schema;
  }
  if (from.name != to.name)
    statements.push_back("ALTER " + kinds::sql_name(at) + " RENAME TO " + new_name(to));
  return statements;
}

}  // namespace plumbline
