// Nothing depends on a migration of a later phase: expand is deployed before migrate, and that before
// contract.
#include "runner/phases.h"
#include "runner/plan.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

int rank_of(const Migration& migration) { return phase_rank(migration.phase).value_or(0); }

void check(const RuleContext& context, std::vector<Problem>& problems) {
  const auto& migrations = context.directory.migrations;
  for (const std::size_t place : context.places) {
    for (const std::string& name : migrations[place].dependencies) {
      const auto other = place_named(context.directory, name);
      if (!other || rank_of(migrations[*other]) <= rank_of(migrations[place])) continue;
      problems.push_back(problem_at(context, place,
                                    "it is of an earlier phase than \"" + name + "\", on which it depends",
                                    "Correct the phase of one of them, or the dependency."));
    }
  }
}

}  // namespace

const Rule phases{.name = "phases", .summary = "nothing depends on a later phase", .check = check};

}  // namespace plumbline::rules
