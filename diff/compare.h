#pragma once

#include <cstddef>
#include <vector>

#include "snapshot/snapshot.h"

namespace plumbline {

struct Difference {
  enum class Verb { missing, unexpected, changed } verb;
  ObjectId id;
  std::vector<std::size_t> attributes;  // which ones of the kind's, when changed
};

// What differs, in canonical order. Both snapshots share one SymbolTable. Takes time linear in their sizes.
std::vector<Difference> compare(const Snapshot& actual, const Snapshot& expected);

}  // namespace plumbline
