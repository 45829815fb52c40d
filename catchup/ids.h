#pragma once

#include <cstddef>
#include <unordered_set>

#include "snapshot/object.h"

namespace plumbline {

struct IdHash {
  std::size_t operator()(const ObjectId& id) const {
    std::size_t result = reinterpret_cast<std::size_t>(id.kind);
    for (const Symbol part : {id.schema, id.parent, id.name}) {
      result = result * 0x9E3779B97F4A7C15u + reinterpret_cast<std::size_t>(part.key());
    }
    return result ^ (result >> 29);
  }
};

using IdSet = std::unordered_set<ObjectId, IdHash>;

}  // namespace plumbline
