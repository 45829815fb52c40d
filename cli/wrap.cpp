#include "cli/wrap.h"

#include "postgres/text.h"

namespace plumbline {

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent, std::size_t column) {
  std::string result;
  std::size_t used = column;  // of the last line
  bool fresh = true;          // nothing stands on it
  const auto new_line = [&] {
    result.append("\n").append(indent);
    used = indent.size();
    fresh = true;
  };
  const auto add = [&](const std::string& word) {
    if (!fresh && used + 1 + word.size() > width) new_line();
    if (!fresh) result += ' ', ++used;
    result += word;
    used += word.size();
    fresh = false;
  };
  bool first = true;
  for (const std::string& line : split(text, '\n')) {
    if (!first) new_line();
    first = false;
    for (const std::string& word : split(line, ' ')) add(word);
  }
  return result;
}

}  // namespace plumbline
