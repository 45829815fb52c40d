#include "migrations/scan.h"

#include <algorithm>

namespace plumbline {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool starts_word(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }
bool is_operator(char c) { return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos; }

// The quote that continues a string after a line break ('a'\n'b' is one literal), or npos.
std::size_t continuation(std::string_view text, std::size_t offset) {
  bool line_break = false;
  for (; offset < text.size() && is_space(text[offset]); ++offset) {
    line_break = line_break || text[offset] == '\n' || text[offset] == '\r';
  }
  return line_break && offset < text.size() && text[offset] == '\'' ? offset : std::string_view::npos;
}

}  // namespace

Token Scanner::token(Token::Type type, std::size_t end, bool closed) {
  const Token result{type, offset_, end, closed};
  offset_ = end;
  return result;
}

Token Scanner::string(std::size_t quote, bool backslashes) {
  std::size_t at = quote + 1;
  while (at < text_.size()) {
    if (backslashes && text_[at] == '\\') {
      at += 2;
    } else if (text_[at] != '\'') {
      ++at;
    } else if (at + 1 < text_.size() && text_[at + 1] == '\'') {
      at += 2;
    } else {
      const std::size_t more = continuation(text_, at + 1);
      if (more == std::string_view::npos) return token(Token::Type::string, at + 1);
      at = more + 1;
    }
  }
  return token(Token::Type::string, text_.size(), false);
}

Token Scanner::quoted_name(std::size_t quote) {
  for (std::size_t at = quote + 1; at < text_.size(); ++at) {
    if (text_[at] != '"') continue;
    if (at + 1 < text_.size() && text_[at + 1] == '"') {
      ++at;
    } else {
      return token(Token::Type::quoted_name, at + 1);
    }
  }
  return token(Token::Type::quoted_name, text_.size(), false);
}

Token Scanner::dollar_string() {
  std::size_t at = offset_ + 1;
  if (at < text_.size() && starts_word(text_[at])) {
    while (at < text_.size() && text_[at] != '$' && continues_word(text_[at])) ++at;
  }
  if (at >= text_.size() || text_[at] != '$') return token(Token::Type::symbol, offset_ + 1);
  const std::string_view tag = text_.substr(offset_, at + 1 - offset_);
  const std::size_t close = text_.find(tag, at + 1);
  if (close == std::string_view::npos) return token(Token::Type::string, text_.size(), false);
  return token(Token::Type::string, close + tag.size());
}

Token Scanner::block_comment() {
  int depth = 1;
  std::size_t at = offset_ + 2;
  for (; at < text_.size() && depth > 0; ++at) {
    const std::string_view pair = text_.substr(at, 2);
    if (pair == "/*" || pair == "*/") {
      depth += pair == "/*" ? 1 : -1;
      ++at;
    }
  }
  return token(Token::Type::comment, std::min(at, text_.size()), depth == 0);
}

Token Scanner::word() {
  std::size_t at = offset_ + 1;
  const char first = lower(text_[offset_]);
  if (at < text_.size() && text_[at] == '\'' &&
      std::string_view("ebxn").find(first) != std::string_view::npos) {
    return string(at, first == 'e');
  }
  if (first == 'u' && text_.substr(at, 2) == "&'") return string(at + 1, false);
  if (first == 'u' && text_.substr(at, 2) == "&\"") return quoted_name(at + 1);
  while (at < text_.size() && continues_word(text_[at])) ++at;
  return token(Token::Type::word, at);
}

Token Scanner::next() {
  if (offset_ >= text_.size()) return token(Token::Type::end, text_.size());
  const char c = text_[offset_];
  const std::string_view pair = text_.substr(offset_, 2);
  std::size_t at = offset_ + 1;
  if (is_space(c)) {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return token(Token::Type::space, at);
  }
  if (pair == "--") return token(Token::Type::comment, std::min(text_.find('\n', at), text_.size()));
  if (pair == "/*") return block_comment();
  if (c == '\'') return string(offset_, false);
  if (c == '"') return quoted_name(offset_);
  if (c == '$') return dollar_string();
  if (starts_word(c)) return word();
  if (is_digit(c)) {
    while (at < text_.size() && (continues_word(text_[at]) || text_[at] == '.') && text_[at] != '$') ++at;
    return token(Token::Type::number, at);
  }
  if (!is_operator(c)) return token(Token::Type::symbol, at);
  while (at < text_.size() && is_operator(text_[at]) && text_.substr(at, 2) != "--" &&
         text_.substr(at, 2) != "/*") {
    ++at;
  }
  return token(Token::Type::op, at);
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<Token> significant_tokens(std::string_view text, std::size_t limit) {
  std::vector<Token> tokens;
  Scanner scanner(text);
  while (tokens.size() < limit) {
    const Token token = scanner.next();
    if (token.type == Token::Type::end) break;
    if (!token.is_gap()) tokens.push_back(token);
  }
  return tokens;
}

}  // namespace plumbline
