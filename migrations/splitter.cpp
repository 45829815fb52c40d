#include "migrations/splitter.h"

#include <algorithm>
#include <array>

#include "migrations/meta_command.h"
#include "migrations/parser.h"
#include "migrations/position.h"
#include "migrations/scan.h"
#include "postgres/error.h"

namespace plumbline {
namespace {

// Follows the words of one statement for the two things that change where it ends, as psql's own scanner
// (psqlscan.l) does: an SQL-standard routine body and COPY ... FROM stdin.
class Shape {
 public:
  void word(std::string_view word, int parentheses) {
    if (count_ < words_.size()) words_[count_] = word;
    ++count_;
    if (parentheses > 0) return;
    if (is_routine()) follow_body(word);
    from_stdin_ = from_stdin_ || (after_from_ && same_word(word, "stdin"));
    after_from_ = same_word(word, "from");
  }
  void other() { after_from_ = false; }
  bool in_body() const { return body_depth_ > 0; }
  bool copies_in() const { return from_stdin_ && same_word(words_[0], "copy"); }

 private:
  bool is_routine() const {
    if (!same_word(words_[0], "create")) return false;
    const std::size_t at = same_word(words_[1], "or") && same_word(words_[2], "replace") ? 3 : 1;
    return same_word(words_[at], "function") || same_word(words_[at], "procedure");
  }
  void follow_body(std::string_view word) {
    const bool opens = same_word(word, "begin") || (body_depth_ > 0 && same_word(word, "case"));
    if (opens) {
      ++body_depth_;
    } else if (body_depth_ > 0 && same_word(word, "end")) {
      --body_depth_;
    }
  }

  std::array<std::string_view, 4> words_;
  std::size_t count_ = 0;
  int body_depth_ = 0;
  bool after_from_ = false, from_stdin_ = false;
};

class Splitter {
 public:
  Splitter(std::string_view text, const std::string& name)
      : text_(text), name_(name), scanner_(text_), positions_(text_) {}

  std::vector<SqlStatement> split() {
    for (Token token = scanner_.next(); token.type != Token::Type::end; token = scanner_.next()) take(token);
    finish();
    return std::move(statements_);
  }

 private:
  void take(const Token& token) {
    if (!token.closed) refuse_unclosed(token);
    if (token.is_gap()) return;
    const std::string_view part = token.of(text_);
    if (part == "\\") return take_meta_command(token.begin);
    if (part == ";" && parentheses_ == 0 && !shape_.in_body()) return finish();
    refuse_variable(token);
    if (!started_) begin_ = token.begin;
    started_ = true;
    end_ = token.end;
    if (part == "(") ++parentheses_;
    if (part == ")" && parentheses_ > 0) --parentheses_;
    if (token.type == Token::Type::word) {
      shape_.word(part, parentheses_);
    } else {
      shape_.other();
    }
    after_colon_ = part == ":" && !after_colon_;
  }

  void finish() {
    if (started_) {
      SqlStatement statement;
      statement.text = text_.substr(begin_, end_ - begin_);
      statement.offset = begin_;
      const Position position = positions_.at(begin_);
      statement.line = position.line;
      statement.column = position.column;
      statement.in_transaction = !refuses_transaction(statement.text);
      if (shape_.copies_in()) {
        statement.type = SqlStatement::Type::copy_in;
        statement.data = take_copy_data();
      }
      statements_.push_back(std::move(statement));
    }
    started_ = after_colon_ = false;
    parentheses_ = 0;
    shape_ = {};
  }

  // The data starts on the next line and ends before a line with nothing but "\.".
  std::string take_copy_data() {
    const std::size_t line_end = text_.find('\n', scanner_.offset());
    std::string data;
    for (std::size_t at = line_end == std::string::npos ? text_.size() : line_end + 1; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      std::string_view line = std::string_view(text_).substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      at = std::min(end + 1, text_.size());
      if (line == "\\.") {
        scanner_.seek(at);
        return data;
      }
      data.append(line).push_back('\n');
    }
    fail(begin_, "the data of COPY ... FROM stdin has no end",
         "Close the data with a line that holds only \"\\.\".");
  }

  // The command is blanked out, so that every offset behind it stays true.
  void take_meta_command(std::size_t begin) {
    std::size_t end = std::min(text_.find('\n', begin), text_.size());
    const MetaCommand command = meta_command(std::string_view(text_).substr(begin, end - begin));
    switch (command.effect) {
      case MetaCommand::Effect::refused:
        fail(begin, "the psql command \"" + command.name + "\" cannot be run here", command.hint);
      case MetaCommand::Effect::defines:
        variables_.push_back(command.variable);
        break;
      case MetaCommand::Effect::ends_statement:
        end = begin + command.name.size();
        finish();
        break;
      case MetaCommand::Effect::ends_file:
        end = text_.size();
        break;
      case MetaCommand::Effect::none:
        break;
    }
    std::fill(text_.begin() + static_cast<std::ptrdiff_t>(begin),
              text_.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    scanner_.seek(end);
  }

  // :name, :'name' and :"name" of a variable that \set defined would have been replaced by psql.
  void refuse_variable(const Token& token) const {
    if (variables_.empty() || !after_colon_ || !started_ || token.begin != end_) return;
    std::string_view name = token.of(text_);
    if (token.type != Token::Type::word && name.size() > 1) name = name.substr(1, name.size() - 2);
    if (std::ranges::find(variables_, name) == variables_.end()) return;
    fail(token.begin - 1, "the psql variable \"" + std::string(name) + "\" is used",
         "Write the value itself, or give it as a placeholder in the configuration.");
  }

  void refuse_unclosed(const Token& token) const {
    const std::string what = token.type == Token::Type::comment       ? "comment"
                             : token.type == Token::Type::quoted_name ? "quoted identifier"
                             : text_[token.begin] == '$'              ? "dollar-quoted string"
                                                                      : "quoted string";
    fail(token.begin, "unterminated " + what,
         "Close it; everything up to the end of the file belongs to it now.");
  }

  [[noreturn]] void fail(std::size_t offset, const std::string& message, const std::string& hint) const {
    throw Error(place(name_, position_of(text_, offset)) + ": " + message, hint);
  }

  std::string text_;
  const std::string& name_;
  Scanner scanner_;
  PositionCounter positions_;
  std::vector<SqlStatement> statements_;
  std::vector<std::string> variables_;
  bool started_ = false;  // a token of the current statement was seen
  bool after_colon_ = false;
  std::size_t begin_ = 0, end_ = 0;
  int parentheses_ = 0;
  Shape shape_;
};

}  // namespace

std::vector<SqlStatement> split_sql(std::string_view text, const std::string& name) {
  return Splitter(text, name).split();
}

}  // namespace plumbline
