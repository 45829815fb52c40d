// What a header depends on exists and comes before it; nothing depends on itself by way of others.
#include <algorithm>
#include <optional>

#include "postgres/text.h"
#include "runner/plan.h"
#include "runner/rules/rules.h"

namespace plumbline::rules {
namespace {

class Walk {
 public:
  explicit Walk(const RuleContext& context) : directory_(context.directory) {}

  // The way from a migration back to itself, as names; empty when there is none.
  std::vector<std::string> cycle_from(std::size_t start) {
    way_.clear();
    seen_.assign(directory_.migrations.size(), false);
    return visit(start, start) ? names() : std::vector<std::string>();
  }

 private:
  bool visit(std::size_t place, std::size_t start) {
    way_.push_back(place);
    for (const std::string& name : directory_.migrations[place].dependencies) {
      const auto next = place_named(directory_, name);
      if (!next) continue;
      if (*next == start) return true;
      if (seen_[*next]) continue;
      seen_[*next] = true;
      if (visit(*next, start)) return true;
    }
    way_.pop_back();
    return false;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const std::size_t place : way_) list.push_back(directory_.migrations[place].version);
    list.push_back(directory_.migrations[way_.front()].version);
    return list;
  }

  const MigrationDirectory& directory_;
  std::vector<std::size_t> way_;
  std::vector<bool> seen_;
};

void check(const RuleContext& context, std::vector<Problem>& problems) {
  Walk walk(context);
  for (const std::size_t place : context.places) {
    const Migration& migration = context.directory.migrations[place];
    const std::vector<std::string> cycle =
        migration.dependencies.empty() ? std::vector<std::string>() : walk.cycle_from(place);
    if (!cycle.empty()) {
      problems.push_back(problem_at(context, place, "its dependencies form a cycle: " + join(cycle, " -> "),
                                    "Take one of them out of its header."));
      continue;
    }
    for (const std::string& name : migration.dependencies) {
      const auto other = place_named(context.directory, name);
      if (other && *other < place) continue;
      problems.push_back(
          problem_at(context, place,
                     "it depends on \"" + name + "\", which " + (other ? "comes after it" : "does not exist"),
                     other ? "Give it a newer version than that one." : "Correct the name in the header."));
    }
  }
}

}  // namespace

const Rule dependencies{
    .name = "dependencies", .summary = "dependencies exist, come before and form no cycle", .check = check};

}  // namespace plumbline::rules
