#include "postgres/visible.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "postgres/text.h"

namespace plumbline {

namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1, true};
  const std::size_t bytes = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (!is_valid_utf8(text.substr(0, bytes)) || text.size() < bytes) return {byte(0), 1, false};
  std::uint32_t code = byte(0) & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6) | (byte(i) & 0x3fu);
  return {code, bytes, true};
}

struct Range {
  std::uint32_t first, last;
};

// Unicode 15: Cc, Cf, Zl, Zp, Default_Ignorable_Code_Point, surrogates, private use and noncharacters:
// nothing of it has a shape of its own. Sorted.
constexpr auto unseen = std::to_array<Range>({
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},    {0x0600, 0x0605},
    {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},    {0x08e2, 0x08e2},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},    {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x2800, 0x2800},   {0x3164, 0x3164},   {0xd800, 0xf8ff},    {0xfdd0, 0xfdef},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},    {0xfffe, 0xffff},
    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},  {0x1d173, 0x1d17a},
    {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x3ffff}, {0x4fffe, 0x4ffff},  {0x5fffe, 0x5ffff},
    {0x6fffe, 0x6ffff}, {0x7fffe, 0x7ffff}, {0x8fffe, 0x8ffff}, {0x9fffe, 0x9ffff},  {0xafffe, 0xaffff},
    {0xbfffe, 0xbffff}, {0xcfffe, 0xcffff}, {0xdfffe, 0xdffff}, {0xe0000, 0x10ffff},
});

bool is_seen(std::uint32_t code) {
  const auto* range = std::ranges::lower_bound(unseen, code, {}, &Range::last);
  return range == unseen.end() || code < range->first;
}

std::string hex(std::uint32_t value, int digits) {
  std::string result;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    result += "0123456789abcdef"[(value >> shift) & 15];
  return result;
}

std::string spelled(const Character& character) {
  if (character.code == '\r') return "\\r";
  if (!character.valid || character.code < 0x80) return "\\x" + hex(character.code, 2);
  return character.code > 0xffff ? "\\U" + hex(character.code, 8) : "\\u" + hex(character.code, 4);
}

// Runners take what a job prints for orders: GitHub a line that begins with "::" past blanks, and "##["
// anywhere (actions/runner, ActionCommand.cs); Azure "##vso[", TeamCity "##teamcity[".
bool gives_order(std::string_view rest, bool starts_line) {
  if (rest.starts_with("::")) return starts_line;
  return rest.starts_with("##[") || rest.starts_with("##vso[") || rest.starts_with("##teamcity[");
}

std::string shown(std::string_view text, bool one_line) {
  std::string result;
  result.reserve(text.size());
  bool starts_line = true;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if ((c == ':' || c == '#') && gives_order(text.substr(at), starts_line)) {
      result += "\\x" + hex(static_cast<unsigned char>(c), 2);
      ++at;
    } else if (c >= ' ' && c <= '~') {
      result += c;
      ++at;
    } else if (c == '\n' || c == '\t') {
      result += !one_line ? std::string(1, c) : c == '\n' ? "\\n" : "\\t";
      ++at;
    } else {
      const Character next = character_at(text.substr(at));
      result += next.valid && is_seen(next.code) ? std::string(text.substr(at, next.bytes)) : spelled(next);
      at += next.bytes;
    }
    starts_line = c == '\n' || (starts_line && (c == ' ' || c == '\t'));
  }
  return result;
}

// Tools look for their marks at the beginning of a comment, past blanks and further dashes, in any case of
// letters: "migrate:down", "+goose Down", "! Message:", "=== DOWN MIGRATION ===", "no-transaction". Of the
// last sort every line counts that holds such a word, since it costs a bar and nothing else.
bool may_be_mark(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t-");
  if (first == std::string_view::npos) return false;
  const std::string line = to_lower(text.substr(first));
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!is_word(line.front()) && std::string_view("(),;\"'.").find(line.front()) == std::string_view::npos)
    return true;
  constexpr auto words = std::to_array<std::string_view>(
      {"migrat", "transaction", "===", "rollback", "changeset", "liquibase", "goose", "statement", "nolint",
       "ignore", "delimiter", "irreversible", "sqlfluff", "precondition", "include", "@"});
  if (std::ranges::any_of(words, [&](std::string_view word) { return line.find(word) != std::string::npos; }))
    return true;
  const std::size_t colon = line.find(':');  // "key: value", and neither "::" nor ":="
  if (colon == std::string::npos || line.substr(colon, 2) == "::" || line.substr(colon, 2) == ":=")
    return false;
  return std::ranges::all_of(std::string_view(line).substr(0, colon),
                             [&](char c) { return is_word(c) || c == '-' || c == ' '; });
}

// What tools look for anywhere in a file, comments included: ${placeholders} of Flyway, {{ actions }} of Go's
// templates, "!Ups" and "!Downs" of Play, the line of dashes of tern. A backslash takes them apart.
bool begins_mark(std::string_view before, char c) {
  if (before.empty()) return false;
  if (before.back() == '!') return std::string_view("UuDd").find(c) != std::string_view::npos;
  if (c == '{') return before.back() == '$' || before.back() == '{';
  return c == '-' && before.ends_with("---");
}

std::string comment(std::string_view start, std::string_view line) {
  std::string text;
  for (const char c : line) {
    if (begins_mark(text, c)) text += '\\';
    text += c;
  }
  return std::string(start).append(text.empty() ? "" : " ").append(text).append("\n");
}

}  // namespace

std::string visible(std::string_view text) { return shown(text, false); }
std::string visible_line(std::string_view text) { return shown(text, true); }

std::string sql_comment(std::string_view text) {
  std::string result;
  for (const std::string& line : split(visible(text), '\n'))
    result += comment(may_be_mark(line) ? "-- |" : "--", line);
  return result;
}

std::string sql_comment_line(std::string_view text) { return comment("--", visible_line(text)); }

}  // namespace plumbline
