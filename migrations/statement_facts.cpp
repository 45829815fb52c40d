// The part of parser.h that needs no grammar: facts read from the words of a statement.
#include <algorithm>

#include "migrations/parser.h"
#include "migrations/scan.h"

namespace plumbline {
namespace {

// The words of a statement; what stands in parentheses counts as one "(...)".
class Words {
 public:
  explicit Words(std::string_view sql) : sql_(sql), tokens_(significant_tokens(sql, 2000)) {}

  bool at(std::size_t index, std::string_view word) const {
    return index < tokens_.size() && tokens_[index].type == Token::Type::word &&
           same_word(tokens_[index].of(sql_), word);
  }
  bool start_with(std::string_view first, std::string_view second) const {
    return at(0, first) && at(1, second);
  }
  bool contain(std::string_view word) const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (at(i, word)) return true;
    }
    return false;
  }
  std::size_t size() const { return tokens_.size(); }
  // The place behind a list in parentheses that starts at `index`, or `index` itself.
  std::size_t behind_list(std::size_t index) const {
    if (index >= tokens_.size() || tokens_[index].of(sql_) != "(") return index;
    while (index < tokens_.size() && tokens_[index].of(sql_) != ")") ++index;
    return index + 1;
  }
  // `option` is false or off in the list of a WITH (...) clause.
  bool turns_off(std::string_view option) const {
    for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
      if (!at(i, option)) continue;
      const std::string_view value = tokens_[i + 2].of(sql_);
      if (same_word(value, "false") || same_word(value, "off") || value == "0" || same_word(value, "'false'"))
        return true;
    }
    return false;
  }

 private:
  std::string_view sql_;
  std::vector<Token> tokens_;
};

bool reindex_refuses(const Words& words) {
  const std::size_t what = words.behind_list(1);
  const bool many = words.at(what, "schema") || words.at(what, "database") || words.at(what, "system");
  if (many || words.at(what + 1, "concurrently")) return true;
  for (std::size_t i = 1; i < what; ++i) {
    if (words.at(i, "concurrently")) return true;
  }
  return false;
}

bool create_refuses(const Words& words) {
  if (words.at(1, "database") || words.at(1, "tablespace")) return true;
  if (words.at(1, "subscription")) return !words.turns_off("connect") && !words.turns_off("create_slot");
  const std::size_t index = words.at(1, "unique") ? 2 : 1;
  return words.at(index, "index") && words.at(index + 1, "concurrently");
}

bool alter_refuses(const Words& words) {
  if (words.at(1, "system")) return true;
  if (words.at(1, "database")) return words.contain("tablespace");
  if (words.at(1, "subscription")) return words.contain("refresh");
  // DETACH PARTITION name CONCURRENTLY is always the last action.
  return words.at(1, "table") && words.contain("detach") && words.at(words.size() - 1, "concurrently");
}

}  // namespace

// PreventInTransactionBlock() in the sources of PostgreSQL 18, and what calls it.
bool refuses_transaction(std::string_view sql) {
  const Words words(sql);
  if (words.at(0, "create")) return create_refuses(words);
  if (words.at(0, "alter")) return alter_refuses(words);
  if (words.at(0, "drop")) {
    return words.at(1, "database") || words.at(1, "tablespace") || words.at(1, "subscription") ||
           (words.at(1, "index") && words.at(2, "concurrently"));
  }
  if (words.at(0, "reindex")) return reindex_refuses(words);
  if (words.at(0, "vacuum")) return true;
  if (words.at(0, "cluster")) {
    const std::size_t behind = words.behind_list(words.at(1, "verbose") ? 2 : 1);
    return behind >= words.size();
  }
  return words.start_with("discard", "all") || words.start_with("commit", "prepared") ||
         words.start_with("rollback", "prepared");
}

std::string normalised(std::string_view sql) {
  std::string result;
  result.reserve(sql.size());
  for (const Token& token : significant_tokens(sql)) {
    if (!result.empty()) result += ' ';
    result += token.of(sql);
  }
  return result;
}

}  // namespace plumbline
