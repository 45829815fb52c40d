// Every statement can be parsed.
#include "migrations/parser.h"
#include "migrations/position.h"
#include "migrations/secrets.h"
#include "postgres/text.h"
#include "runner/plan.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

constexpr int grammar = 15;  // of libpg_query; a newer server knows more

Problem problem_of(const RuleContext& context, std::size_t place, const SqlStatement& statement,
                   const ParsedStatement& parsed) {
  SqlStatement where = statement;
  if (parsed.error_character > 0) {
    const std::size_t offset =
        utf8_offset(statement.text, static_cast<std::size_t>(parsed.error_character) - 1);
    const Position position = position_of(statement.text, offset);
    where.column = position.line == 1 ? statement.column + position.column - 1 : position.column;
    where.line = statement.line + position.line - 1;
  }
  Problem problem =
      problem_in(context, place, where, without_secrets(Error(parsed.error), statement.text).message(),
                 "Correct the statement.");
  if (context.server > grammar) {
    problem.is_error = false;
    problem.hint = "Correct the statement; syntax that came after PostgreSQL " + std::to_string(grammar) +
                   " is not known here.";
  }
  return problem;
}

void check_section(const RuleContext& context, std::size_t place, const std::vector<SqlStatement>& statements,
                   std::vector<Problem>& problems) {
  for (const SqlStatement& statement : statements) {
    const ParsedStatement parsed = parse_statement(statement.text);
    if (!parsed.parsed && !parsed.error.empty())
      problems.push_back(problem_of(context, place, statement, parsed));
  }
}

void check(const RuleContext& context, std::vector<Problem>& problems) {
  for (const std::size_t place : context.places) {
    const Migration& migration = context.directory.migrations[place];
    check_section(context, place, migration.up, problems);
    if (migration.down_file == migration.file) check_section(context, place, migration.down, problems);
  }
}

}  // namespace

const Rule syntax{.name = "syntax", .summary = "every statement can be parsed", .check = check};

}  // namespace plumbline::rules
