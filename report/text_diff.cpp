#include <algorithm>
#include <cctype>
#include <unordered_map>

#include <dtl/dtl.hpp>

#include "report/report.h"

namespace plumbline {

namespace {

// Comparing takes lines times differing lines; beyond this many pairs all is shown as replaced.
constexpr std::size_t most_pairs = 2'000'000;

enum class Edit : char { keep = ' ', remove = '-', add = '+' };

struct Line {
  Edit edit;
  std::string_view text;
};

struct Text {
  std::vector<std::string_view> lines;
  bool ends_with_newline = false;
};

Text lines_of(std::string_view text) {
  Text result;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    result.lines.push_back(text.substr(0, end));
    result.ends_with_newline = end != std::string_view::npos;
    text.remove_prefix(result.ends_with_newline ? end + 1 : text.size());
  }
  return result;
}

using Lines = std::span<const std::string_view>;

std::vector<Line> replace_all(Lines expected, Lines actual) {
  std::vector<Line> script;
  for (const std::string_view line : expected) script.push_back({Edit::remove, line});
  for (const std::string_view line : actual) script.push_back({Edit::add, line});
  return script;
}

// Equal lines become equal numbers: cheap to compare, and dtl copies its elements often.
std::vector<std::size_t> numbered(Lines lines, std::unordered_map<std::string_view, std::size_t>& numbers) {
  std::vector<std::size_t> result;
  for (const std::string_view line : lines)
    result.push_back(numbers.emplace(line, numbers.size()).first->second);
  return result;
}

// Within a run of differing lines the removed ones first, as diff -u has it.
void put_removed_first(std::vector<Line>& script) {
  const auto kept = [](const Line& line) { return line.edit == Edit::keep; };
  for (auto first = script.begin(); first != script.end();) {
    first = std::find_if_not(first, script.end(), kept);
    const auto last = std::find_if(first, script.end(), kept);
    std::stable_partition(first, last, [](const Line& line) { return line.edit == Edit::remove; });
    first = last;
  }
}

std::vector<Line> shortest_script(Lines expected, Lines actual) {
  if (expected.size() * actual.size() > most_pairs) return replace_all(expected, actual);
  std::unordered_map<std::string_view, std::size_t> numbers;
  const auto from = numbered(expected, numbers), to = numbered(actual, numbers);
  dtl::Diff<std::size_t> diff(from, to);
  diff.compose();
  std::vector<Line> script;
  std::size_t removed = 0, added = 0;
  for (const auto& [element, info] : diff.getSes().getSequence()) {
    if (info.type == dtl::SES_ADD) {
      script.push_back({Edit::add, actual[added++]});
    } else if (info.type == dtl::SES_DELETE) {
      script.push_back({Edit::remove, expected[removed++]});
    } else {
      script.push_back({Edit::keep, expected[removed++]});
      ++added;
    }
  }
  put_removed_first(script);
  return script;
}

std::vector<Line> edit_script(Lines expected, Lines actual) {
  const auto front = std::ranges::mismatch(expected, actual);
  const auto head = static_cast<std::size_t>(front.in1 - expected.begin());
  std::size_t tail = 0;
  while (tail < std::min(expected.size(), actual.size()) - head &&
         expected[expected.size() - tail - 1] == actual[actual.size() - tail - 1]) {
    ++tail;
  }
  std::vector<Line> script;
  for (const std::string_view line : expected.first(head)) script.push_back({Edit::keep, line});
  const auto middle = shortest_script(expected.subspan(head, expected.size() - head - tail),
                                      actual.subspan(head, actual.size() - head - tail));
  script.insert(script.end(), middle.begin(), middle.end());
  for (const std::string_view line : expected.last(tail)) script.push_back({Edit::keep, line});
  return script;
}

// What an eye would miss at the end of a line that differs: carriage returns as \r, blanks as dots.
std::string shown(const Line& line) {
  std::string_view text = line.text;
  std::string end;
  while (!text.empty() && text.back() == '\r') {
    end += "\\r";
    text.remove_suffix(1);
  }
  std::string blanks;
  while (line.edit != Edit::keep && !text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    blanks.insert(0, text.back() == ' ' ? "\u00b7" : "\\t");
    text.remove_suffix(1);
  }
  return static_cast<char>(line.edit) + std::string(text) + blanks + end + "\n";
}

// A run of lines to show: differences that stand close together, with what surrounds them.
struct Hunk {
  std::size_t first, last;  // places in the script, the last one excluded
};

std::vector<Hunk> hunks_of(const std::vector<Line>& script, std::size_t context) {
  std::vector<Hunk> hunks;
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (script[i].edit == Edit::keep) continue;
    const std::size_t first = i > context ? i - context : 0, last = std::min(script.size(), i + context + 1);
    if (!hunks.empty() && first <= hunks.back().last) {
      hunks.back().last = last;
    } else {
      hunks.push_back({first, last});
    }
  }
  return hunks;
}

// "12,3": where a side of a hunk starts and how many lines it has; an empty side stands after the line before
// it.
std::string range(std::size_t before, std::size_t count) {
  return std::to_string(count == 0 ? before : before + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

class Printer {
 public:
  explicit Printer(const std::vector<Line>& script) : script_(script) {}

  std::string print(const std::vector<Hunk>& hunks) {
    std::string result;
    for (const Hunk& hunk : hunks) {
      skip_to(hunk.first);
      const std::size_t expected_before = expected_, actual_before = actual_;
      std::string body;
      for (; at_ < hunk.last; step()) body += shown(script_[at_]);
      result += "@@ -" + range(expected_before, expected_ - expected_before) + " +" +
                range(actual_before, actual_ - actual_before) + " @@\n" + body;
    }
    return result;
  }

 private:
  void skip_to(std::size_t place) {
    while (at_ < place) step();
  }

  void step() {
    expected_ += script_[at_].edit != Edit::add;
    actual_ += script_[at_].edit != Edit::remove;
    ++at_;
  }

  const std::vector<Line>& script_;
  std::size_t at_ = 0, expected_ = 0, actual_ = 0;
};

// Words, runs of blanks, and every other character by itself.
std::vector<std::string_view> tokens_of(std::string_view line) {
  const auto sort = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '_' || byte >= 0x80) return 'w';
    return c == ' ' || c == '\t' ? 'b' : 'o';
  };
  std::vector<std::string_view> tokens;
  while (!line.empty()) {
    std::size_t length = 1;
    while (length < line.size() && sort(line[0]) != 'o' && sort(line[length]) == sort(line[0])) ++length;
    tokens.push_back(line.substr(0, length));
    line.remove_prefix(length);
  }
  return tokens;
}

void add_piece(std::vector<LinePair::Piece>& pieces, std::string_view text, bool marked) {
  if (!pieces.empty() && pieces.back().marked == marked) {
    pieces.back().text += text;
  } else {
    pieces.push_back({std::string(text), marked});
  }
}

// Two lines that stand for each other, word by word.
LinePair changed_pair(std::string_view expected, std::string_view actual) {
  LinePair pair;
  pair.differs = true;
  for (const Line& token : edit_script(tokens_of(expected), tokens_of(actual))) {
    if (token.edit != Edit::add) add_piece(pair.expected, token.text, token.edit == Edit::remove);
    if (token.edit != Edit::remove) add_piece(pair.actual, token.text, token.edit == Edit::add);
  }
  return pair;
}

class Pairs {
 public:
  explicit Pairs(const std::vector<Line>& script) : script_(script) {}

  std::vector<LinePair> of(const std::vector<Hunk>& hunks) {
    for (const Hunk& hunk : hunks) {
      const bool gap = hunk.first > at_;
      while (at_ < hunk.first) keep();
      pairs_.resize(shown_);
      while (at_ < hunk.last) script_[at_].edit == Edit::keep ? keep() : run();
      if (gap) pairs_[shown_].after_gap = true;
      shown_ = pairs_.size();
    }
    return std::move(pairs_);
  }

 private:
  void keep() {
    LinePair pair;
    add_piece(pair.expected, script_[at_].text, false);
    pair.actual = pair.expected;
    pair.expected_line = ++expected_;
    pair.actual_line = ++actual_;
    pairs_.push_back(std::move(pair));
    ++at_;
  }

  // A run of removed lines beside the run of added ones that follows it.
  void run() {
    std::vector<std::string_view> removed, added;
    for (; at_ < script_.size() && script_[at_].edit != Edit::keep; ++at_) {
      (script_[at_].edit == Edit::remove ? removed : added).push_back(script_[at_].text);
    }
    for (std::size_t i = 0; i < std::max(removed.size(), added.size()); ++i) {
      const bool left = i < removed.size(), right = i < added.size();
      LinePair pair =
          changed_pair(left ? removed[i] : std::string_view(), right ? added[i] : std::string_view());
      if (left) pair.expected_line = ++expected_;
      if (right) pair.actual_line = ++actual_;
      pairs_.push_back(std::move(pair));
    }
  }

  const std::vector<Line>& script_;
  std::vector<LinePair> pairs_;
  std::size_t at_ = 0, shown_ = 0, expected_ = 0, actual_ = 0;
};

}  // namespace

std::vector<LinePair> side_by_side(std::string_view expected, std::string_view actual,
                                   std::size_t context_lines) {
  const Text from = lines_of(expected), to = lines_of(actual);
  const std::vector<Line> script = edit_script(from.lines, to.lines);
  return Pairs(script).of(hunks_of(script, context_lines));
}

std::string unified_diff(std::string_view expected, std::string_view actual, std::size_t context_lines) {
  if (expected == actual) return {};
  const Text from = lines_of(expected), to = lines_of(actual);
  const std::vector<Line> script = edit_script(from.lines, to.lines);
  std::string result = Printer(script).print(hunks_of(script, context_lines));
  if (!from.lines.empty() && !to.lines.empty() && from.ends_with_newline != to.ends_with_newline) {
    result += from.ends_with_newline ? "\\ only the expected text ends with a newline\n"
                                     : "\\ only the actual text ends with a newline\n";
  }
  return result;
}

}  // namespace plumbline
