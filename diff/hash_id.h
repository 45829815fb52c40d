#pragma once

#include <cstddef>
#include <functional>

#include "snapshot/object.h"

namespace plumbline {

struct HashId {
  std::size_t operator()(const ObjectId& id) const {
    std::size_t hash = 0;
    const void* const keys[] = {id.kind, id.schema.key(), id.parent.key(), id.name.key()};
    for (const void* key : keys) hash = hash * 1000003 + std::hash<const void*>{}(key);
    return hash;
  }
};

}  // namespace plumbline
