#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "diff/compare.h"
#include "diff/hash_id.h"

namespace plumbline {

// Whether the character is a part of a word, as PostgreSQL's identifiers are.
bool is_of_word(char c);

// The text with another one in the place of a word, where that stands as a word of its own.
std::string with_word(std::string_view text, std::string_view word, std::string_view replacement);

// What an object is but for its name, so that it is known again under another one.
struct Shape {
  std::string raw, nameless;          // digests of everything, with its own name in the values and without
  std::vector<std::size_t> features;  // digests of its single attributes and parts, sorted
  std::string_view main;              // the value of its first attribute: a column's type
};

bool equal_but_for_name(const Shape& one, const Shape& other);
// The share of features that both have, from 0 to 1; 1 when neither has any.
double likeness(const Shape& one, const Shape& other);

// The shapes of the objects that only one side has.
class Shapes {
 public:
  Shapes(const Snapshot& snapshot, std::span<const Difference> differences, Difference::Verb verb);

  const Shape& of(const ObjectId& id);

 private:
  Shape describe_shape(const ObjectId& id) const;

  const Snapshot& snapshot_;
  std::unordered_multimap<ObjectId, ObjectId, HashId>
      parts_;  // by the names of what they are in, without kind
  std::unordered_map<ObjectId, Shape, HashId> known_;
};

// Where in the order of its parent's parts each name stands: what only one side has is placed between the
// neighbours that both have. Equal texts, equal places.
std::unordered_map<std::string, std::string> places_among(std::string_view own_order,
                                                          std::string_view other_order);

}  // namespace plumbline
