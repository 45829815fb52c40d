#include "report/escape.h"

#include <algorithm>
#include <array>

#include "postgres/text.h"

namespace plumbline {

namespace {

std::string hex(unsigned value, int digits) {
  std::string result;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    result += "0123456789abcdef"[(value >> shift) & 15];
  return result;
}

// U+202A to U+202E and U+2066 to U+2069 are the bytes e2 80 aa..ae and e2 81 a6..a9.
bool turns_direction(std::string_view rest) {
  if (!rest.starts_with("\xe2\x80") && !rest.starts_with("\xe2\x81")) return false;
  if (rest.size() < 3) return false;
  const auto last = static_cast<unsigned char>(rest[2]);
  return rest[1] == '\x80' ? last >= 0xaa && last <= 0xae : last >= 0xa6 && last <= 0xa9;
}

unsigned code_point(std::string_view three) {
  return ((static_cast<unsigned>(three[0]) & 0x0f) << 12) | ((static_cast<unsigned>(three[1]) & 0x3f) << 6) |
         (static_cast<unsigned>(three[2]) & 0x3f);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// GitHub looks for people and issues in what it has rendered, where an entity is the character again; a
// comment between it and the name keeps them apart (github/markup issue 1168).
constexpr std::string_view nothing = "<!-- -->";

std::string entity(char c) {
  return "&#" + std::to_string(static_cast<int>(c)) + ";" +
         (c == '@' || c == '#' ? std::string(nothing) : "");
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
  return markdown_specials.find(text[at]) != std::string_view::npos;
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

std::string visible(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (turns_direction(text.substr(at))) {
      result += "\\u" + hex(code_point(text.substr(at, 3)), 4);
      at += 2;
    } else if (c == '\r') {
      result += "\\r";
    } else if (is_control(c) && c != '\n' && c != '\t') {
      result += "\\x" + hex(static_cast<unsigned char>(c), 2);
    } else {
      result += c;
    }
  }
  return result;
}

std::string visible_line(std::string_view text) {
  std::string result;
  for (const char c : visible(text)) {
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else {
      result += c;
    }
  }
  return result;
}

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
  for (const char c : visible_line(text)) {
    result += c == '@' || c == '#' ? entity(c) : escape_html(std::string_view(&c, 1));
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
  std::string result;
  for (std::size_t at = 0; at < line.size(); ++at) {
    result += is_special(line, at) ? entity(line[at]) : std::string(1, line[at]);
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
