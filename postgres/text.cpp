#include "postgres/text.h"

#include <algorithm>
#include <array>

namespace plumbline {

namespace {

// Key words that are not plain identifiers (reserved, column name, type or function name) in any of 14 to 18:
// pg_get_keywords(), categories R, T and C. Sorted.
constexpr auto keywords = std::to_array<std::string_view>({"all",
                                                           "analyse",
                                                           "analyze",
                                                           "and",
                                                           "any",
                                                           "array",
                                                           "as",
                                                           "asc",
                                                           "asymmetric",
                                                           "authorization",
                                                           "binary",
                                                           "both",
                                                           "case",
                                                           "cast",
                                                           "check",
                                                           "collate",
                                                           "collation",
                                                           "column",
                                                           "concurrently",
                                                           "constraint",
                                                           "create",
                                                           "cross",
                                                           "current_catalog",
                                                           "current_date",
                                                           "current_role",
                                                           "current_schema",
                                                           "current_time",
                                                           "current_timestamp",
                                                           "current_user",
                                                           "default",
                                                           "deferrable",
                                                           "desc",
                                                           "distinct",
                                                           "do",
                                                           "else",
                                                           "end",
                                                           "except",
                                                           "false",
                                                           "fetch",
                                                           "for",
                                                           "foreign",
                                                           "freeze",
                                                           "from",
                                                           "full",
                                                           "grant",
                                                           "group",
                                                           "having",
                                                           "ilike",
                                                           "in",
                                                           "initially",
                                                           "inner",
                                                           "intersect",
                                                           "into",
                                                           "is",
                                                           "isnull",
                                                           "join",
                                                           "lateral",
                                                           "leading",
                                                           "left",
                                                           "like",
                                                           "limit",
                                                           "localtime",
                                                           "localtimestamp",
                                                           "natural",
                                                           "not",
                                                           "notnull",
                                                           "null",
                                                           "offset",
                                                           "on",
                                                           "only",
                                                           "or",
                                                           "order",
                                                           "outer",
                                                           "overlaps",
                                                           "placing",
                                                           "primary",
                                                           "references",
                                                           "returning",
                                                           "right",
                                                           "select",
                                                           "session_user",
                                                           "similar",
                                                           "some",
                                                           "symmetric",
                                                           "system_user",
                                                           "table",
                                                           "tablesample",
                                                           "then",
                                                           "to",
                                                           "trailing",
                                                           "true",
                                                           "union",
                                                           "unique",
                                                           "user",
                                                           "using",
                                                           "variadic",
                                                           "verbose",
                                                           "when",
                                                           "where",
                                                           "window",
                                                           "with"});

bool is_plain(std::string_view name) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto later = [&](char c) { return first(c) || (c >= '0' && c <= '9') || c == '$'; };
  return !name.empty() && first(name.front()) && std::ranges::all_of(name, later) &&
         !std::ranges::binary_search(keywords, name);
}

std::string doubled(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result += quote;
}

// One [set] of a glob at the front of `pattern`; nothing when it is not closed.
struct Set {
  bool closed = false, matches = false;
  std::size_t length = 0;
};

Set match_set(std::string_view pattern, char c) {
  Set set;
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
    const char low = pattern[at];
    const bool range = at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']';
    const char high = range ? pattern[at + 2] : low;
    set.matches = set.matches || (low <= c && c <= high);
    at += range ? 3 : 1;
  }
  set.closed = at < pattern.size();
  set.length = at + 1;
  set.matches = set.matches != negated;
  return set;
}

// The bytes of the UTF-8 character that starts with `lead`; 0 when none can.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_valid_sequence(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    if ((at(i) & 0xC0) != 0x80) return false;
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629, section 4).
  if (at(0) == 0xE0) return at(1) >= 0xA0;
  if (at(0) == 0xED) return at(1) < 0xA0;
  if (at(0) == 0xF0) return at(1) >= 0x90;
  if (at(0) == 0xF4) return at(1) < 0x90;
  return true;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  return is_plain(name) ? std::string(name) : doubled(name, '"');
}

std::string quote_qualified(std::string_view schema, std::string_view name) {
  return schema.empty() ? quote_identifier(name) : quote_identifier(schema) + "." + quote_identifier(name);
}

std::string quote_literal(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return doubled(text, '\'');
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') escaped += c;
    escaped += c;
  }
  return "E" + doubled(escaped, '\'');
}

namespace {

std::string hex(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "_./-+=:@%,";
  const auto is_plain = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           plain.find(c) != plain.npos;
  };
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const bool ansi = std::ranges::any_of(text, is_control);
  std::string word = ansi ? "$'" : "'";
  for (const char c : text) {
    if (is_control(c)) {
      word.append("\\x").append(hex(c));
    } else if (c == '\'' || (ansi && c == '\\')) {
      word += ansi ? std::string("\\") + c : std::string("'\\''");
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result.append("\\u00").append(hex(c));
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string dollar_quoted(std::string_view text) {
  std::string tag = "$";
  for (int i = 0; text.find(tag + "$") != std::string_view::npos || (i == 0 && text.ends_with('$')); ++i) {
    tag += i == 0 ? "body" : "_";
  }
  tag += "$";
  return tag + std::string(text) + tag;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string result;
  for (const std::string& part : parts) {
    if (&part != parts.data()) result += separator;
    result += part;
  }
  return result;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, start)) {
    parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// The last star is the only place to come back to, so this takes time in proportion to the product of the
// sizes.
bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
      continue;
    }
    std::size_t step = 0;
    if (p < pattern.size()) {
      const Set set = pattern[p] == '[' ? match_set(pattern.substr(p), text[t]) : Set{};
      if (set.closed) {
        step = set.matches ? set.length : 0;
      } else if (pattern[p] == '?' || pattern[p] == text[t]) {
        step = 1;
      }
    }
    if (step == 0 && star == std::string_view::npos) return false;
    p = step == 0 ? star + 1 : p + step;
    t = step == 0 ? ++mark : t + 1;
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || at + length > text.size() || !is_valid_sequence(text.substr(at, length))) return false;
    at += length;
  }
  return true;
}

std::size_t utf8_offset(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (; at < text.size() && characters > 0; --characters) {
    at += std::max<std::size_t>(1, sequence_length(static_cast<unsigned char>(text[at])));
  }
  return std::min(at, text.size());
}

}  // namespace plumbline
