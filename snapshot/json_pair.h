#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

namespace plumbline {

// What two snapshot files do not have in common: the objects, with all that is written below them, that are
// not byte for byte the same in both. What is equal there is not taken apart, so that comparing two files
// costs what their difference costs.
struct SnapshotPair {
  Snapshot actual, expected;
  std::size_t equal = 0;  // objects in both that are left out
};

struct SnapshotText {
  std::string_view text;
  std::string name;  // for errors
};

// Nothing when one of them is not laid out as write_json does: then read_json is to read both, and to find
// what is wrong with them. Throws what read_json throws.
std::optional<SnapshotPair> read_differing(const SnapshotText& actual, const SnapshotText& expected,
                                           SymbolTable& symbols);

}  // namespace plumbline
