#include "migrations/parser.h"

#include <pg_query.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <memory>

#include "migrations/scan.h"
#include "postgres/error.h"

namespace plumbline {
namespace {

// libpg_query recurses over left-deep chains (1+1+..., UNION ALL ...): 50,000 links overflow eight megabytes,
// so it gets a stack of 256 (pages are only used when touched) and nothing longer than this.
constexpr std::size_t stack_bytes = 256U << 20U;
constexpr std::size_t longest_chain = 20'000;

std::size_t chain_length(std::string_view sql) {
  Scanner scanner(sql);
  std::size_t links = 0;
  for (Token token = scanner.next(); token.type != Token::Type::end; token = scanner.next()) {
    const std::string_view part = token.of(sql);
    const bool set_operation =
        token.type == Token::Type::word &&
        (same_word(part, "union") || same_word(part, "except") || same_word(part, "intersect"));
    if (token.type == Token::Type::op || part == "::" || set_operation) ++links;
  }
  return links;
}

// Runs `work` on a thread with a large stack.
template <typename Work>
void on_large_stack(Work work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<Work*>(argument))();
    return nullptr;
  };
  const int failure = pthread_create(&thread, &attributes, run, &work);
  pthread_attr_destroy(&attributes);
  if (failure != 0)
    throw Error("no thread could be started to parse SQL", "Check the limits on memory and threads.");
  pthread_join(thread, nullptr);
}

// The tree is JSON in which a key cannot be mistaken for text: quotes in strings are escaped.
std::string first_node(std::string_view tree) {
  constexpr std::string_view opening = R"("stmt":{")";
  const std::size_t begin = tree.find(opening);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = tree.substr(begin + opening.size());
  return std::string(rest.substr(0, rest.find('"')));
}

bool surely_keeps_schema(std::string_view node, std::string_view tree) {
  constexpr std::array quiet = {"TransactionStmt", "VariableSetStmt", "VariableShowStmt",  "NotifyStmt",
                                "ListenStmt",      "UnlistenStmt",    "LockStmt",          "CheckPointStmt",
                                "VacuumStmt",      "DeallocateStmt",  "ConstraintsSetStmt"};
  if (std::ranges::find(quiet, node) != quiet.end()) return true;
  // A SELECT without functions, tables (a view may call functions) and INTO.
  constexpr std::array doubts = {R"("FuncCall":)", R"("RangeVar":)", R"("intoClause":)", R"("relation":)"};
  return node == "SelectStmt" && std::ranges::none_of(doubts, [&](std::string_view key) {
           return tree.find(key) != std::string_view::npos;
         });
}

bool controls_transaction(std::string_view sql) {
  const std::vector<Token> tokens = significant_tokens(sql, 1);
  if (tokens.empty() || tokens[0].type != Token::Type::word) return false;
  constexpr std::array words = {"begin",    "start", "commit",    "end",
                                "rollback", "abort", "savepoint", "release"};
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return same_word(tokens[0].of(sql), word); });
}

}  // namespace

ParsedStatement parse_statement(std::string_view sql) {
  ParsedStatement statement;
  statement.in_transaction = !refuses_transaction(sql);
  statement.transaction_control = controls_transaction(sql);
  if (sql.find('\0') != std::string_view::npos) {
    statement.error = "the statement holds a NUL byte";
    return statement;
  }
  if (chain_length(sql) > longest_chain) {
    statement.error = "the statement is too long a chain of operators to be analysed";
    return statement;
  }
  PgQueryParseResult result{};
  on_large_stack([&, text = std::string(sql)] { result = pg_query_parse(text.c_str()); });
  const std::unique_ptr<PgQueryParseResult, void (*)(PgQueryParseResult*)> release(
      &result, [](PgQueryParseResult* done) { pg_query_free_parse_result(*done); });
  if (result.error != nullptr) {
    statement.error = result.error->message;
    statement.error_character = result.error->cursorpos;
    return statement;
  }
  statement.parsed = true;
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): without an error there is a tree
  statement.node = first_node(result.parse_tree);
  statement.changes_schema = !surely_keeps_schema(statement.node, result.parse_tree);
  return statement;
}

std::optional<std::vector<std::string>> statements_by_grammar(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos || chain_length(sql) > longest_chain) return std::nullopt;
  PgQuerySplitResult result{};
  on_large_stack([&, text = std::string(sql)] { result = pg_query_split_with_parser(text.c_str()); });
  std::optional<std::vector<std::string>> statements;
  if (result.error == nullptr) {
    statements.emplace();
    for (int i = 0; i < result.n_stmts; ++i) {
      statements->emplace_back(sql.substr(static_cast<std::size_t>(result.stmts[i]->stmt_location),
                                          static_cast<std::size_t>(result.stmts[i]->stmt_len)));
    }
  }
  pg_query_free_split_result(result);
  return statements;
}

}  // namespace plumbline
