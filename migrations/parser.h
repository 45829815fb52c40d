#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"

namespace plumbline {

// What libpg_query (the grammar of PostgreSQL 15) says of one statement.
struct ParsedStatement {
  bool parsed = false;
  std::string error;                 // the parser's message when not parsed
  int error_character = 0;           // 1-based, in characters of the statement
  std::string node;                  // "CreateStmt", "IndexStmt", ...; empty when not parsed
  bool in_transaction = true;        // false: the server refuses it inside a transaction block
  bool transaction_control = false;  // BEGIN, COMMIT, ROLLBACK, SAVEPOINT ...
  bool changes_schema =
      true;  // false only when sure: SELECT, INSERT, UPDATE, DELETE without functions is not sure
};

// Never crashes on long or deep input (runs on a thread with a large stack, refuses to parse what is too
// deep).
ParsedStatement parse_statement(std::string_view sql);

// The statements libpg_query finds in a whole text, or nothing when it does not parse as one. It knows no
// psql commands and no COPY data, so this is a witness for split_sql, not a replacement.
std::optional<std::vector<std::string>> statements_by_grammar(std::string_view sql);

// Facts that do not need the tree: also right for syntax newer than the parser.
bool refuses_transaction(std::string_view sql);

// A text that is equal for statements that differ only in comments and layout.
std::string normalised(std::string_view sql);

}  // namespace plumbline
