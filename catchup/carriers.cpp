// Which object's CREATE and DROP make and take away which other ones.
#include <algorithm>

#include "catchup/work.h"
#include "snapshot/kind.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

}  // namespace

void Work::find_carriers() {
  dropped_with_.resize(tasks_.size());
  has_own_drop_.resize(tasks_.size());
  for (std::size_t task = 0; task < tasks_.size(); ++task) dropped_with_[task] = carrier(task, 0);
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    has_own_drop_[task] = tasks_[task].drop && dropped_with_[task] != task && holds_on(task);
  }
  for (std::size_t task = 0; task < tasks_.size(); ++task) dropped_with_[task] = carrier(task, 0);
}

// On a database in use a new one takes the place of the old one, where what it stands on stays as it is.
void Work::find_replaced() {
  if (!scene_.online()) return;
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    Task& both = tasks_[task];
    if (!both.drop || !both.make || both.aside || !both.id.kind->replaces) continue;
    both.replaced = dropped_with(task) == task && made_with(task) == task && !is_disturbed(task) &&
                    both.id.kind->replaces(*both.expected, scene_);
  }
}

bool Work::is_disturbed(std::size_t task) const {
  return std::ranges::any_of(actual_.needs[task], [&](const Tie& need) {
    const Task& other = tasks_[need.other];
    return other.drop || std::ranges::any_of(other.changed, [&](std::size_t i) {
             return other.id.kind->attributes[i].rebuilds_dependents;
           });
  });
}

// What holds on to something else that goes, too (two tables with foreign keys to each other), goes first, by
// a statement of its own.
bool Work::holds_on(std::size_t task) const {
  if (tasks_[task].id.kind->part_of_parent) return false;
  const bool part = std::ranges::any_of(actual_.needs[task], [&](const Tie& tie) {
    return tie.hold == Hold::internal || (tie.hold == Hold::partition && tasks_[tie.other].drop &&
                                          tasks_[tie.other].id.kind == tasks_[task].id.kind);
  });
  return !part && std::ranges::any_of(actual_.needs[task], [&](const Tie& tie) {
    return tie.hold == Hold::normal && tasks_[tie.other].drop && !tasks_[tie.other].id.kind->is_namespace &&
           dropped_with_[tie.other] != dropped_with_[task];
  });
}

std::size_t Work::carrier(std::size_t task, int depth) const {
  if (!tasks_[task].drop || depth == 16 || tasks_[task].aside || has_own_drop_[task]) return task;
  const auto whole = parent(task, false);
  struct Way {
    Hold hold;
    bool same_kind;
  };
  for (const Way way : {Way{Hold::internal, false}, Way{Hold::partition, true}, Way{Hold::automatic, false},
                        Way{Hold::partition, false}}) {
    for (const Tie& tie : actual_.needs[task]) {
      if (tie.hold != way.hold || (is_late(task, tie) && tasks_[task].release)) continue;
      // What a partition has of a partitioned table's is its own when the partition has left.
      if (tie.hold == Hold::partition && whole && is_freed(*whole)) continue;
      if (way.same_kind && tasks_[tie.other].id.kind != tasks_[task].id.kind) continue;
      if (tasks_[tie.other].drop && !tasks_[tie.other].aside) return carrier(tie.other, depth + 1);
      // The whole is altered so that the part goes.
      if (way.hold == Hold::internal && !is_part(task, expected_)) return tie.other;
    }
  }
  for (const Tie& tie : actual_.needs[task]) {
    if (is_made_of(tie.other, task) && tasks_[tie.other].drop) return carrier(tie.other, depth + 1);
  }
  return task;
}

bool Work::is_made_of(std::size_t whole, std::size_t part) const {
  return tasks_[whole].id.kind->announce && !tasks_[part].id.kind->announce &&
         std::ranges::any_of(actual_.needs[whole], [&](const Tie& tie) { return tie.other == part; });
}

std::size_t Work::made_with(std::size_t task) const {
  const Task& made = tasks_[task];
  if (!made.make) return task;
  for (const Tie& tie : expected_.needs[task]) {
    if (tie.hold == Hold::internal) return tasks_[tie.other].make ? made_with(tie.other) : tie.other;
  }
  const bool along = made.id.kind->created_by_parent ||
                     (made.id.kind->is_inseparable && made.id.kind->is_inseparable(*made.expected));
  const auto above = along ? parent(task, true) : std::nullopt;
  return above && tasks_[*above].make ? made_with(*above) : task;
}

}  // namespace plumbline
