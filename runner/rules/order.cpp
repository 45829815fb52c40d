// What is pending is newer than what is applied of its phase, and than what needs it.
#include "migrations/ledger.h"
#include "runner/phases.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

void check(const RuleContext& context, std::vector<Problem>& problems) {
  if (!context.entries) return;
  const std::vector<std::string> keys = ledger_keys(context.directory);
  const PhaseOrder order(context.directory, *context.entries, false);
  for (const std::size_t place : context.places) {
    if (order.applied().contains(place) || context.directory.migrations[place].repeatable) continue;
    const auto later = applied_too_early(context.directory, order.applied(), place);
    if (!later) continue;
    problems.push_back(problem_at(context, place, "it is older than " + keys[*later] + ", which is applied",
                                  "Give it a newer version, or apply it with --out-of-order."));
  }
}

}  // namespace

const Rule order{.name = "order",
                 .summary = "what is pending is newer than what is applied",
                 .check = check,
                 .stops_up = false};

}  // namespace plumbline::rules
