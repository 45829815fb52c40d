#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace plumbline {

// A piece of SQL text by the lexical rules of PostgreSQL (manual, 4.1), with standard_conforming_strings on.
struct Token {
  enum class Type {
    space,
    comment,
    word,         // a key word or plain name
    quoted_name,  // "name", U&"name"
    string,       // 'text', E'', B'', X'', N'', U&'', $tag$text$tag$; continuation lines included
    number,
    op,      // a run of operator characters
    symbol,  // one of ( ) [ ] , ; : . $ \ and any other byte
    end
  };
  Type type = Type::end;
  std::size_t begin = 0, end = 0;
  bool closed = true;  // false: a quote or comment that the text ends in

  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  bool is_gap() const { return type == Type::space || type == Type::comment; }
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  Token next();
  std::size_t offset() const { return offset_; }
  void seek(std::size_t offset) { offset_ = offset; }

 private:
  Token token(Token::Type type, std::size_t end, bool closed = true);
  Token string(std::size_t quote, bool backslashes);
  Token quoted_name(std::size_t quote);
  Token dollar_string();
  Token block_comment();
  Token word();

  std::string_view text_;
  std::size_t offset_ = 0;
};

// Equal, ASCII letters compared without case.
bool same_word(std::string_view a, std::string_view b);

// The tokens of a text that are neither space nor comment, at most `limit` of them.
std::vector<Token> significant_tokens(std::string_view text,
                                      std::size_t limit = static_cast<std::size_t>(-1));

}  // namespace plumbline
