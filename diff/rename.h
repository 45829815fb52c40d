#pragma once

#include <span>
#include <vector>

#include "diff/fold.h"

namespace plumbline {

struct Rename {
  std::size_t missing, unexpected;  // places in the folds
};

// Missing and unexpected objects of one kind that are equal, with all that goes with them, in everything but
// the name or the schema. A pair is named only when no other object would do as well.
std::vector<Rename> likely_renames(const Snapshot& actual, const Snapshot& expected,
                                   std::span<const Fold> folds);

}  // namespace plumbline
