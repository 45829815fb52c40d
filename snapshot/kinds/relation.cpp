#include "snapshot/kinds/relation.h"

#include "postgres/text.h"

namespace plumbline::kinds {

// The view's own column names are part of the deparsed text, so it is made under the schema and columns it
// has.
std::vector<std::string> query_spelled_anew(const Object& object, std::string_view value) {
  const std::string name = quote_qualified(object.id().schema.view(), "plumbline_spelling");
  return {"CREATE VIEW " + name + " AS " + std::string(value),
          "SELECT pg_get_viewdef(" + quote_literal(name) + "::regclass)"};
}

}  // namespace plumbline::kinds
