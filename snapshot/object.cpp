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

// Symbols of two tables may be the same text.
bool operator<(const ObjectId& left, const ObjectId& right) {
  if (left.kind != right.kind) return kind_rank(*left.kind) < kind_rank(*right.kind);
  for (const auto part : {&ObjectId::schema, &ObjectId::parent, &ObjectId::name}) {
    if (left.*part == right.*part) continue;
    const int order = (left.*part).view().compare((right.*part).view());
    if (order != 0) return order < 0;
  }
  return false;
}

std::string_view Object::operator[](std::string_view attribute) const {
  return values_[attribute_index(*id_->kind, attribute)].view();
}

}  // namespace plumbline
