#include "postgres/copy_line.h"

namespace plumbline {

namespace {

char unescaped(char c) {
  constexpr std::string_view codes = "bfnrtv", bytes = "\b\f\n\r\t\v";
  const std::size_t place = codes.find(c);
  return place == std::string_view::npos ? c : bytes[place];
}

}  // namespace

Row CopyLine::parse(char* line, int length) {
  fields_.clear();
  char* const end = line + length - (length > 0 && line[length - 1] == '\n' ? 1 : 0);
  for (char* at = line; at <= end;) at = parse_field(at, end);
  return Row(fields_);
}

char* CopyLine::parse_field(char* at, char* end) {
  char* const start = at;
  if (end - at >= 2 && at[0] == '\\' && at[1] == 'N' && (at + 2 == end || at[2] == '\t')) {
    fields_.emplace_back();
    return at + 3;
  }
  char* out = at;
  for (; at < end && *at != '\t'; ++at) *out++ = *at == '\\' ? unescaped(*++at) : *at;
  fields_.emplace_back(start, static_cast<std::size_t>(out - start));
  return at + 1;
}

}  // namespace plumbline
