#include "runner/validate.h"

#include <algorithm>
#include <array>

#include "runner/plan.h"
#include "runner/rules/rules.h"

namespace plumbline {

std::span<const Rule> all_rules() {
  static const std::array list{rules::header,    rules::dependencies, rules::sections, rules::syntax,
                               rules::checksums, rules::order,        rules::phases};
  return list;
}

std::vector<Problem> validate(const RuleContext& context, bool only_what_stops_up) {
  std::vector<Problem> problems;
  for (const Rule& rule : all_rules()) {
    if (only_what_stops_up && !rule.stops_up) continue;
    const std::size_t before = problems.size();
    rule.check(context, problems);
    for (std::size_t i = before; i < problems.size(); ++i) problems[i].rule = rule.name;
  }
  std::ranges::stable_sort(problems, {}, &Problem::file);
  return problems;
}

Problem problem_at(const RuleContext& context, std::size_t place, std::string message, std::string hint) {
  const Migration& migration = context.directory.migrations[place];
  return {.rule = {},
          .place = shown_name(context.directory, migration) + ":1:1",
          .message = std::move(message),
          .hint = std::move(hint),
          .file = migration.file};
}

Problem problem_in(const RuleContext& context, std::size_t place, const SqlStatement& statement,
                   std::string message, std::string hint) {
  Problem problem = problem_at(context, place, std::move(message), std::move(hint));
  problem.place = shown_name(context.directory, context.directory.migrations[place]) + ":" +
                  std::to_string(statement.line) + ":" + std::to_string(statement.column);
  return problem;
}

}  // namespace plumbline
