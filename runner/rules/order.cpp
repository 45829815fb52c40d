// What is pending is newer than what is applied.
#include "migrations/ledger.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

void check(const RuleContext& context, std::vector<Problem>& problems) {
  if (!context.entries) return;
  const std::vector<std::string> keys = ledger_keys(context.directory);
  const auto is_applied = [&](std::size_t place) {
    const auto entry = context.entries->find(keys[place]);
    return entry != context.entries->end() && entry->second.state == "applied";
  };
  std::size_t newest = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_applied(i) && !context.directory.migrations[i].repeatable) newest = i;
  }
  for (const std::size_t place : context.places) {
    if (place >= newest || is_applied(place)) continue;
    problems.push_back(problem_at(context, place, "it is older than " + keys[newest] + ", which is applied",
                                  "Give it a newer version, or apply it with --out-of-order."));
  }
}

}  // namespace

const Rule order{.name = "order",
                 .summary = "what is pending is newer than what is applied",
                 .check = check,
                 .stops_up = false};

}  // namespace plumbline::rules
