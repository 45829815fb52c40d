#include "publish/fitting.h"

#include <algorithm>

#include "postgres/text.h"
#include "report/escape.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr std::size_t spare = 200;  // for the last line
constexpr std::string_view opening = "<details>", closing = "</details>";

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// What a text has open at the end of a line: the fence of a code block, and folds.
class Open {
 public:
  void read(std::string_view line) {
    if (const std::string_view marks = fence_in(line); !fence_.empty()) {
      if (marks.size() >= fence_.size() && trim(line) == marks) fence_.clear();
    } else if (!marks.empty()) {
      fence_ = marks;
    } else {
      folds_ += occurrences(line, opening);
      folds_ -= std::min(folds_, occurrences(line, closing));
    }
  }

  std::string closed() const {
    std::string text = fence_.empty() ? "" : fence_ + "\n";
    for (std::size_t i = 0; i < folds_; ++i) text += "\n" + std::string(closing) + "\n";
    return text;
  }

 private:
  static std::string_view fence_in(std::string_view line) {
    const std::string_view start = trim(line);
    const std::size_t end = start.find_first_not_of('`');
    const std::size_t size = end == std::string_view::npos ? start.size() : end;
    return size >= 3 ? start.substr(0, size) : std::string_view();
  }

  std::string fence_;
  std::size_t folds_ = 0;
};

}  // namespace

std::string fitting_markdown(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::vector<std::string> lines = split(text, '\n');
  Open open;
  std::string result;
  std::size_t shown = 0;
  for (; shown < lines.size(); ++shown) {
    Open with = open;
    with.read(lines[shown]);
    if (result.size() + lines[shown].size() + 1 + with.closed().size() + spare > most) break;
    open = with;
    result += lines[shown] + "\n";
  }
  if (shown == 0) result = shortened(text, most - spare) + "\n";
  return result + open.closed() + "\n" + counted(lines.size() - shown, "line") + " more not shown here.";
}

}  // namespace plumbline
