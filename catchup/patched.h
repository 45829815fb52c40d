#pragma once

#include <span>
#include <vector>

#include "catchup/ids.h"
#include "diff/compare.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// `actual` as it is when exactly these of its differences to `expected` are gone, with who needs whom.
Snapshot patched(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences);

// The same differences, seen from the other side.
std::vector<Difference> turned_round(std::span<const Difference> differences);

// Only these objects, with who of them needs whom.
Snapshot restricted(const Snapshot& snapshot, const IdSet& objects);

}  // namespace plumbline
