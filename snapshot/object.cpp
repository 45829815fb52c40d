#include "snapshot/object.h"

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds.h"

namespace plumbline {

std::string qualified(const ObjectId& id) {
  std::string result;
  for (const Symbol part : {id.schema, id.parent}) {
    if (!part.empty()) result += quote_identifier(part.view()) + ".";
  }
  const std::string_view name = id.name.view();
  return result + (id.kind->name_is_sql ? std::string(name) : quote_identifier(name));
}

std::string describe(const ObjectId& id) { return std::string(id.kind->label) + " " + qualified(id); }

bool operator<(const ObjectId& left, const ObjectId& right) {
  if (left.kind != right.kind) return kind_rank(*left.kind) < kind_rank(*right.kind);
  if (left.schema != right.schema) return left.schema.view() < right.schema.view();
  if (left.parent != right.parent) return left.parent.view() < right.parent.view();
  return left.name != right.name && left.name.view() < right.name.view();
}

std::string_view Object::operator[](std::string_view attribute) const {
  return values_[attribute_index(*id_->kind, attribute)].view();
}

}  // namespace plumbline
