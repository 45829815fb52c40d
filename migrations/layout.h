#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace plumbline {

// A file name that fits a pattern.
struct NameMatch {
  std::string version, name;
  bool down = false;
};

// A regular expression over a whole relative path with groups named version, name and direction, written
// (?<version>...); std::regex knows no names, so they are taken out and counted.
class NamePattern {
 public:
  explicit NamePattern(const std::string& pattern);
  std::optional<NameMatch> match(const std::string& path) const;

 private:
  std::regex expression_;
  std::size_t version_ = 0, name_ = 0, direction_ = 0;
};

// A regular expression that is looked for in single lines (their first 500 bytes), without regard to case.
class LinePattern {
 public:
  explicit LinePattern(const std::string& pattern);
  bool empty() const { return empty_; }
  bool matches(std::string_view line) const;
  bool matches_a_line_of(std::string_view text) const;

 private:
  bool empty_ = true, anchored_ = false;
  std::regex expression_;
};

// A file's text cut by its marker lines. The bytes of the other section are spaces, so offsets stay true.
struct Sections {
  std::string up, down;
  bool found_up = false, found_down = false;
};
Sections cut_sections(std::string_view bytes, const LinePattern& up, const LinePattern& down);

}  // namespace plumbline
