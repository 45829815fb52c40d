#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace plumbline {

struct Difference {
  enum class Verb { missing, unexpected, changed } verb;
  ObjectId id;
  std::vector<std::size_t> attributes;  // which ones of the kind's, when changed
};

// What differs, in canonical order. Both snapshots share one SymbolTable. Takes time linear in their sizes.
// What one of the two servers cannot have, because its version lacks it, is not compared; an unknown version
// (0) lacks nothing.
std::vector<Difference> compare(const Snapshot& actual, const Snapshot& expected);

// Whether two values of an attribute mean the same; the object is the expected one.
using SameMeaning = std::function<bool(const Object& expected, const Attribute&, std::string_view actual,
                                       std::string_view promised)>;

// Takes the attributes out of the differences whose values mean the same, and returns how many that were.
std::size_t drop_same(std::vector<Difference>& differences, const Snapshot& actual, const Snapshot& expected,
                      const SameMeaning& same);

// The names of a comma separated list as they stand there; commas inside double quotes belong to a name.
std::vector<std::string_view> listed_names(std::string_view list);

// Whether two lists of names ("a, \"B c\"") put the names that both hold into the same order.
bool same_order(std::string_view actual, std::string_view expected);

}  // namespace plumbline
