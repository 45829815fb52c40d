#include "snapshot/kinds/index_sql.h"

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/row_conditions.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

bool is_of_new_table(const ObjectId& part, const Scene& scene) {
  return scene.is_made({&table, part.schema, {}, part.parent}) ||
         scene.is_made({&materialized_view, part.schema, {}, part.parent});
}

bool is_of_partitioned(const Object& own_index) {
  return own_index["definition"].find(" ON ONLY ") != std::string_view::npos;
}

bool is_incomplete(const Object& own_index) {
  return is_of_partitioned(own_index) && !own_index["valid"].empty();
}

std::string temporary_name(std::string_view name, std::string_view ending) {
  constexpr std::size_t longest = 63;
  std::string result = "plumbline_" + std::string(name);
  if (result.size() + ending.size() > longest) {
    const std::string mark = sha256_hex(name).substr(0, 12);
    result = "plumbline_" + mark;
  }
  return result.append(ending);
}

void create_concurrently(const Object& object, std::string_view name, Script& out) {
  const std::string_view definition = object["definition"];
  const std::string was = " INDEX " + quote_identifier(object.id().name.view()) + " ON ";
  const std::size_t at = definition.find(was);
  std::string sql(definition.substr(0, at));
  sql += " INDEX CONCURRENTLY " + quote_identifier(name) + " ON ";
  sql += definition.substr(at + was.size());
  out.add_outside(sql, {Hazard::index_build});
  if (sql.starts_with("CREATE UNIQUE "))
    out.wants_of_rows(condition_of_index(parent_name(object.id()), definition));
}

void drop_concurrently(const std::string& name, Script& out) {
  out.add_outside("DROP INDEX CONCURRENTLY " + name, {Hazard::index_dropped});
}

void replace_concurrently(const Object& object, Script& out) {
  const ObjectId& id = object.id();
  const std::string name(id.name.view()), made = temporary_name(name, "_new");
  create_concurrently(object, made, out);
  drop_concurrently(own_name(id), out);
  out.add("ALTER INDEX " + quote_qualified(id.schema.view(), made) + " RENAME TO " + quote_identifier(name));
}

}  // namespace plumbline::kinds
