// The words of plumbline's own header are those that mean something.
#include <algorithm>
#include <array>

#include "migrations/header.h"
#include "postgres/text.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

void check_word(const RuleContext& context, std::size_t place, std::vector<Problem>& problems) {
  constexpr std::array<std::string_view, 3> phases{"expand", "migrate", "contract"};
  const Migration& migration = context.directory.migrations[place];
  if (!migration.phase.empty() && std::ranges::find(phases, to_lower(migration.phase)) == phases.end()) {
    problems.push_back(problem_at(context, place, "the phase \"" + migration.phase + "\" is unknown",
                                  "Use expand, migrate or contract."));
  }
  const std::string retries = header_value(migration.up_bytes, "retries");
  if (!std::ranges::all_of(retries, [](char c) { return c >= '0' && c <= '9'; })) {
    problems.push_back(
        problem_at(context, place, "\"Retries: " + retries + "\" is no number", "Write -- Retries: 5"));
  }
}

void check(const RuleContext& context, std::vector<Problem>& problems) {
  for (const std::size_t place : context.places) check_word(context, place, problems);
}

}  // namespace

const Rule header{.name = "header", .summary = "the header says what plumbline understands", .check = check};

}  // namespace plumbline::rules
