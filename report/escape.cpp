#include "report/escape.h"

#include <algorithm>
#include <array>

#include "postgres/text.h"

namespace plumbline {

namespace {

// GitHub looks for people and issues in what it has rendered, where an entity is the character again; a
// comment between it and the name keeps them apart (github/markup issue 1168).
constexpr std::string_view nothing = "<!-- -->";

std::string entity(char c) {
  return "&#" + std::to_string(static_cast<int>(c)) + ";" +
         (std::string_view("@#!%").find(c) != std::string_view::npos ? std::string(nothing) : "");
}

// What has a meaning within a line of Markdown, of a table or of HTML; @ and # make links of names on GitHub.
constexpr std::string_view markdown_specials = "\\`*[]<>#|~&@$";

bool is_word(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const char c = text[at];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Within a word an underscore is one; elsewhere it may be emphasis.
bool is_special(std::string_view text, std::size_t at) {
  if (text[at] == '_') return at == 0 || !is_word(text, at - 1) || !is_word(text, at + 1);
  // GitLab's !12 and %"1.0"; elsewhere both are punctuation.
  if (text[at] == '!' || text[at] == '%')
    return is_word(text, at + 1) ||
           (at + 1 < text.size() && std::string_view("\"[").find(text[at + 1]) != std::string_view::npos);
  return markdown_specials.find(text[at]) != std::string_view::npos;
}

// Between the two characters nothing is what keeps an address or GH-1 from being a link.
bool begins_link(std::string_view text, std::size_t at) {
  const std::string before = to_lower(text.substr(at < 4 ? 0 : at - 4, std::min<std::size_t>(at, 4)));
  if (text[at] == '/') return before.ends_with(":");
  if (text[at] == '.') return before.ends_with("www");
  return text[at] >= '0' && text[at] <= '9' && before.ends_with("gh-");
}

// What makes a list, a heading or a rule of a line that begins with it.
std::size_t block_mark(std::string_view line) {
  if (line.empty()) return std::string_view::npos;
  if (std::string_view("-+= ").find(line.front()) != std::string_view::npos) return 0;
  const std::size_t digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || (line[digits] != '.' && line[digits] != ')'))
    return std::string_view::npos;
  return digits + 1 == line.size() || line[digits + 1] == ' ' ? digits : std::string_view::npos;
}

std::size_t longest_run(std::string_view text, char wanted) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == wanted ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string markdown_html(std::string_view text) {
  std::string result;
  const std::string line = visible_line(text);
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (begins_link(line, at)) result += nothing;
    const bool special =
        is_special(line, at) && std::string_view("<>&").find(line[at]) == std::string_view::npos;
    result += special ? entity(line[at]) : escape_html(line.substr(at, 1));
  }
  return result;
}

std::string markdown_code(std::string_view text) {
  const std::string line = visible_line(text);
  const bool plain = line.find_first_of("`|\\") == std::string::npos && trim(line) == line && !line.empty();
  return plain ? "`" + line + "`" : "<code>" + markdown_text(line) + "</code>";
}

std::string markdown_text(std::string_view text) {
  const std::string line = visible_line(text);
  const std::size_t mark = block_mark(line);
  std::string result;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (begins_link(line, at)) result += nothing;
    result += at == mark || is_special(line, at) ? entity(line[at]) : std::string(1, line[at]);
  }
  return result;
}

std::string markdown_fenced(std::string_view text, std::string_view language) {
  const std::string shown = visible(text);
  const std::string fence(std::max<std::size_t>(3, longest_run(shown, '`') + 1), '`');
  const bool ends = shown.empty() || shown.back() == '\n';
  return fence + std::string(language) + "\n" + shown + (ends ? "" : "\n") + fence + "\n";
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most > 3 ? most - 3 : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace plumbline
