#include "catchup/own_code.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "snapshot/kind.h"

namespace plumbline {

namespace {

// Catalogues whose objects compute nothing.
constexpr std::array<std::string_view, 6> of_data{"pg_class",   "pg_namespace", "pg_constraint",
                                                  "pg_attrdef", "pg_type",      "pg_collation"};

}  // namespace

OwnCode::OwnCode(const Snapshot& expected) {
  std::unordered_map<ObjectId, std::vector<ObjectId>, IdHash> dependents;
  std::vector<ObjectId> open;
  for (const Dependency& dependency : expected.dependencies()) {
    dependents[dependency.referenced].push_back(dependency.dependent);
    const std::string_view catalog = dependency.referenced.kind->address.catalog;
    if (std::ranges::find(of_data, catalog) == of_data.end()) open.push_back(dependency.referenced);
  }
  while (!open.empty()) {
    const ObjectId id = open.back();
    open.pop_back();
    if (!foreign_.insert(id).second) continue;
    for (const ObjectId& dependent : dependents[id]) open.push_back(dependent);
  }
}

}  // namespace plumbline
