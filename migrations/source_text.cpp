#include "migrations/source_text.h"

#include <algorithm>

#include "migrations/position.h"
#include "migrations/splitter.h"
#include "postgres/error.h"

namespace plumbline {
namespace {

// A text with replacements and the way back to the places of the original.
struct Substitution {
  struct Edit {
    std::size_t result, original;  // from `result` on, offsets are shifted so that it stands for `original`
  };
  std::string text;
  std::vector<Edit> edits;

  std::size_t original_offset(std::size_t offset) const {
    const auto behind = std::ranges::upper_bound(edits, offset, {}, &Edit::result);
    if (behind == edits.begin()) return offset;
    const Edit& edit = *(behind - 1);
    const std::size_t moved = edit.original + (offset - edit.result);
    return behind == edits.end() ? moved : std::min(moved, behind->original);
  }
};

// How many bytes of the text at `offset` are the placeholder, 0: it does not stand there. In a template's
// braces blanks mean nothing: {{index .Options "Namespace"}} is {{ index .Options "Namespace" }}.
std::size_t length_at(std::string_view text, std::size_t offset, std::string_view placeholder) {
  const bool in_braces = placeholder.starts_with("{{");
  std::size_t at = offset;
  for (std::size_t i = 0; i < placeholder.size(); ++i) {
    if (in_braces && placeholder[i] == ' ') continue;
    while (in_braces && at > offset && at < text.size() && text[at] == ' ') ++at;
    if (at >= text.size() || text[at] != placeholder[i]) return 0;
    ++at;
  }
  return at - offset;
}

struct FoundPlaceholder {
  std::size_t length = 0;
  const std::string* value = nullptr;
};

// The placeholder that stands at `offset`; of several the longest.
FoundPlaceholder placeholder_at(std::string_view text, std::size_t offset,
                                const std::map<std::string, std::string>& all) {
  FoundPlaceholder found;
  for (const auto& [name, value] : all) {
    const std::size_t length = length_at(text, offset, name);
    if (length > found.length) found = {length, &value};
  }
  return found;
}

Substitution substitute(std::string_view text, std::size_t begin,
                        const std::map<std::string, std::string>& all) {
  Substitution result;
  if (begin > 0) result.edits.push_back({0, begin});
  if (all.empty()) {
    result.text = text.substr(begin);
    return result;
  }
  for (std::size_t at = begin; at < text.size();) {
    const auto [length, value] = placeholder_at(text, at, all);
    if (length == 0) {
      result.text += text[at++];
      continue;
    }
    result.edits.push_back({result.text.size(), at});
    result.text += *value;
    at += length;
    result.edits.push_back({result.text.size(), at});
  }
  return result;
}

}  // namespace

std::vector<SqlStatement> split_file(std::string_view bytes,
                                     const std::map<std::string, std::string>& placeholders,
                                     const std::string& name) {
  if (const auto bad = first_unreadable_byte(bytes)) {
    const bool nul = bytes[*bad] == '\0';
    throw Error(
        place(name, position_of(bytes, *bad)) + (nul ? ": the file holds a NUL byte" : ": invalid UTF-8"),
        nul ? "Save the file as UTF-8 text; it may be UTF-16."
            : "Save the file as UTF-8; PostgreSQL would refuse it as well.");
  }
  const std::size_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const Substitution source = substitute(bytes, begin, placeholders);
  std::vector<SqlStatement> statements = split_sql(source.text, name);
  PositionCounter positions(bytes.substr(begin));
  for (SqlStatement& statement : statements) {
    if (source.edits.empty()) break;
    statement.offset = source.original_offset(statement.offset);
    const Position position = positions.at(statement.offset - begin);
    statement.line = position.line;
    statement.column = position.column;
  }
  return statements;
}

}  // namespace plumbline
