#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace plumbline {

// A place in a text as an editor shows it; both 1-based, the column in characters.
struct Position {
  int line = 1, column = 1;
};

// Counts lines and columns; asking for places in ascending order costs one pass in all.
class PositionCounter {
 public:
  explicit PositionCounter(std::string_view text) : text_(text) {}
  Position at(std::size_t offset);

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Position position_;
};

Position position_of(std::string_view text, std::size_t offset);

// "name:line:column"
std::string place(const std::string& name, Position position);

// The offset of the first byte that is NUL or no part of valid UTF-8.
std::optional<std::size_t> first_unreadable_byte(std::string_view text);

}  // namespace plumbline
