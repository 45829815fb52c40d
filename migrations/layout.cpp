#include "migrations/layout.h"

#include <algorithm>
#include <array>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

constexpr std::size_t longest_marker_line = 500;  // std::regex recurses over the text it matches

std::regex compile(const std::string& pattern, std::regex::flag_type flags) {
  try {
    return std::regex(pattern, flags);
  } catch (const std::regex_error& e) {
    throw Error("the pattern \"" + pattern + "\" is no regular expression: " + e.what(),
                "Patterns are ECMAScript regular expressions; in TOML write them in single quotes.");
  }
}

bool names_down(std::string direction) {
  direction = to_lower(direction);
  constexpr std::array words = {"down", "undo", "rollback", "revert", "reverse", "drop"};
  return std::ranges::find(words, direction) != words.end();
}

// Calls each(line, begin, end) for every line; `line` without its line break, `end` behind it.
template <typename Each>
void for_each_line(std::string_view text, const Each& each) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t line_break = text.find('\n', begin);
    const std::size_t end = line_break == std::string_view::npos ? text.size() : line_break + 1;
    std::string_view line = text.substr(begin, std::min(line_break, text.size()) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (begin == 0 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    each(line, begin, end);
    begin = end;
  }
}

// Where the name in (?<name> or (?P<name> starts; 0 when the parenthesis at `open` is none of the two.
std::size_t name_of_group(const std::string& pattern, std::size_t open) {
  if (pattern.compare(open, 4, "(?P<") == 0) return open + 4;
  const bool looks_behind = pattern.compare(open, 4, "(?<=") == 0 || pattern.compare(open, 4, "(?<!") == 0;
  return pattern.compare(open, 3, "(?<") == 0 && !looks_behind ? open + 3 : 0;
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

}  // namespace

NamePattern::NamePattern(const std::string& pattern) {
  std::string plain;
  std::size_t groups = 0;
  bool in_set = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    plain += pattern[i];
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      plain += pattern[++i];
      continue;
    }
    in_set = pattern[i] == '[' || (in_set && pattern[i] != ']');
    if (pattern[i] != '(' || in_set) continue;
    const std::size_t name_at = name_of_group(pattern, i);
    if (name_at != 0 || pattern.compare(i, 2, "(?") != 0) ++groups;
    if (name_at == 0) continue;
    const std::size_t close = std::min(pattern.find('>', name_at), pattern.size());
    const std::string name = pattern.substr(name_at, close - name_at);
    if (name == "version") version_ = groups;
    if (name == "name") name_ = groups;
    if (name == "direction") direction_ = groups;
    i = close;
  }
  expression_ = compile(plain, std::regex::ECMAScript);
  if (version_ == 0) {
    throw Error("the file pattern \"" + pattern + "\" has no group named version",
                "Mark the version in it: (?<version>[0-9]+)_(?<name>.*)\\.sql");
  }
}

std::optional<NameMatch> NamePattern::match(const std::string& path) const {
  std::smatch found;
  if (path.size() > 4096 || !std::regex_match(path, found, expression_)) return std::nullopt;
  const auto group = [&](std::size_t index) { return index == 0 ? std::string() : found[index].str(); };
  return NameMatch{group(version_), group(name_), names_down(group(direction_))};
}

LinePattern::LinePattern(const std::string& pattern)
    : empty_(pattern.empty()), anchored_(pattern.starts_with('^')) {
  if (!empty_) expression_ = compile(pattern, std::regex::ECMAScript | std::regex::icase);
}

bool LinePattern::matches(std::string_view line) const {
  if (empty_) return false;
  line = line.substr(0, longest_marker_line);
  const auto flags = anchored_ ? std::regex_constants::match_continuous : std::regex_constants::match_default;
  return std::regex_search(line.begin(), line.end(), expression_, flags);
}

bool LinePattern::matches_a_line_of(std::string_view text) const {
  bool found = false;
  if (!empty_)
    for_each_line(text, [&](std::string_view line, auto, auto) { found = found || matches(line); });
  return found;
}

Sections cut_sections(std::string_view bytes, const LinePattern& up, const LinePattern& down) {
  Sections sections{.up = std::string(bytes), .down = std::string(bytes)};
  enum class Part { head, up_section, down_section } part = Part::head;
  std::size_t head_end = bytes.size();
  for_each_line(bytes, [&](std::string_view line, std::size_t begin, std::size_t end) {
    const bool opens_up = up.matches(line);
    const bool opens_down = !opens_up && down.matches(line);
    if ((opens_up || opens_down) && part == Part::head) head_end = begin;
    if (opens_up) part = Part::up_section;
    if (opens_down) part = Part::down_section;
    sections.found_up = sections.found_up || opens_up;
    sections.found_down = sections.found_down || opens_down;
    if (part != Part::down_section || opens_down) blank(sections.down, begin, end);
    if (part == Part::down_section || opens_up) blank(sections.up, begin, end);
  });
  if (sections.found_up) blank(sections.up, 0, head_end);
  return sections;
}

}  // namespace plumbline
