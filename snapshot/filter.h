#pragma once

#include <functional>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace plumbline {

// The objects that a run is about. Globs on "schema.name", for a child on its parent's; an object without a
// schema goes by its name alone. Empty `include`: all; `exclude` counts for more.
Snapshot filtered(const Snapshot& snapshot, const std::vector<std::string>& include,
                  const std::vector<std::string>& exclude);

// Those that `wanted` says.
Snapshot filtered(const Snapshot& snapshot, const std::function<bool(const ObjectId&)>& wanted);

}  // namespace plumbline
