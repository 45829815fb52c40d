#include "catchup/permission.h"

#include <algorithm>

namespace plumbline {

namespace {

bool has(const Statement& statement, Hazard hazard) {
  return std::ranges::find(statement.hazards, hazard) != statement.hazards.end();
}

void set(Statement& statement, Hazard hazard, bool wanted) {
  std::erase(statement.hazards, hazard);
  if (wanted) statement.hazards.push_back(hazard);
}

constexpr Hazard lock_hazards[] = {Hazard::blocks_reads_and_writes, Hazard::blocks_writes_and_its_like,
                                   Hazard::blocks_writes};

void correct(PlannedStatement& statement) {
  const Effect& effect = statement.effect;
  if (!effect.known) return;
  const auto locks = [&](std::string_view mode) {
    return std::ranges::any_of(effect.locks, [&](const Effect::Lock& lock) { return lock.mode == mode; });
  };
  const bool all = locks("ACCESS EXCLUSIVE") || locks("EXCLUSIVE"), more = locks("SHARE ROW EXCLUSIVE");
  set(statement, Hazard::blocks_reads_and_writes, all);
  set(statement, Hazard::blocks_writes_and_its_like, !all && more);
  set(statement, Hazard::blocks_writes, !all && !more && locks("SHARE"));
  set(statement, Hazard::rewrites_table, !effect.rewritten.empty());
  if (!effect.scanned.empty()) set(statement, Hazard::scans_table, true);
}

class HoldingBack {
 public:
  HoldingBack(CatchUpPlan& plan, const std::set<Hazard>& allowed)
      : plan_(plan), allowed_(allowed), held_(plan.before.size()) {}

  bool run() {
    for (PlannedStatement& statement : plan_.statements) {
      statement.permission.clear();
      std::ranges::copy_if(grave_hazards(statement), std::back_inserter(statement.permission),
                           [&](Hazard hazard) { return !allowed_.contains(hazard); });
      if (!statement.permission.empty()) held_[statement.step] = true;
    }
    while (spread()) {
    }
    bool any = false;
    for (PlannedStatement& statement : plan_.statements) {
      statement.held_back = held_[statement.step];
      any |= statement.held_back;
    }
    return any;
  }

 private:
  bool spread() {
    bool more = false;
    for (std::size_t step = 0; step < held_.size(); ++step) {
      const bool waits =
          std::ranges::any_of(plan_.before[step], [&](std::size_t before) { return held_[before]; });
      if (waits && !held_[step]) held_[step] = more = true;
    }
    for (const auto& [drop, make] : plan_.made_again) {
      if (held_[make] && !held_[drop]) held_[drop] = more = true;
    }
    return more;
  }

  CatchUpPlan& plan_;
  const std::set<Hazard>& allowed_;
  std::vector<bool> held_;  // by step
};

}  // namespace

std::vector<Hazard> grave_hazards(const Statement& statement) {
  std::vector<Hazard> result;
  for (const Hazard hazard : {Hazard::deletes_data, Hazard::rewrites_table}) {
    if (has(statement, hazard)) result.push_back(hazard);
  }
  const bool is_long = has(statement, Hazard::scans_table) || has(statement, Hazard::index_build);
  for (const Hazard lock : lock_hazards) {
    if (is_long && has(statement, lock)) result.push_back(lock);
  }
  return result;
}

void correct_hazards(CatchUpPlan& plan) { std::ranges::for_each(plan.statements, correct); }

bool hold_back(CatchUpPlan& plan, const std::set<Hazard>& allowed) {
  return HoldingBack(plan, allowed).run();
}

}  // namespace plumbline
