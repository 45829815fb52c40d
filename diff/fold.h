#pragma once

#include <span>
#include <vector>

#include "diff/compare.h"

namespace plumbline {

// Differences that are told as one: that of an object, those that are told as its attributes, and those that
// could not be otherwise because of it.
struct Fold {
  ObjectId id;
  const Difference* head = nullptr;  // none when the object differs only in what is told as its attributes
  std::vector<const Difference*> parts;
  std::vector<const Difference*> implied;
};

// In canonical order of the ids. Points into `differences`.
std::vector<Fold> fold(const Snapshot& actual, const Snapshot& expected,
                       std::span<const Difference> differences);

}  // namespace plumbline
