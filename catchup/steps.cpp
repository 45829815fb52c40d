#include "catchup/steps.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "diff/compare.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

struct SymbolOrder {
  bool operator()(const std::pair<Symbol, Symbol>& a, const std::pair<Symbol, Symbol>& b) const {
    return std::pair(a.first.key(), a.second.key()) < std::pair(b.first.key(), b.second.key());
  }
};

}  // namespace

Steps::Steps(const Work& work, bool online)
    : work_(work), online_(online), nodes_(all_nodes()), graph_(nodes_.size()) {
  add_edges();
  add_name_edges();
}

std::vector<std::size_t> Steps::sorted() const {
  Graph::Order order = graph_.sorted();
  if (!order.cycle.empty()) refuse(order.cycle);
  return std::move(order.nodes);
}

std::vector<TaskNode> Steps::all_nodes() {
  std::vector<TaskNode> nodes;
  const auto& tasks = work_.tasks();
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    const Task& t = tasks[task];
    const bool announced = t.make && t.id.kind->announce;
    const std::array<bool, step_count> wanted{t.release, t.drop,   announced,        t.make,
                                              t.alter,   t.finish, t.drop && t.aside};
    for (std::size_t step = 0; step < step_count; ++step) {
      if (wanted[step]) nodes.push_back({task, static_cast<TaskStep>(step)});
    }
  }
  std::ranges::sort(nodes, [&](const TaskNode& a, const TaskNode& b) { return rank(a) < rank(b); });
  places_.assign(tasks.size(), {none, none, none, none, none, none, none});
  for (std::size_t i = 0; i < nodes.size(); ++i) places_[nodes[i].task][index(nodes[i].step)] = i;
  return nodes;
}

int Steps::phase_of(const TaskNode& node) const {
  const Task& task = work_.tasks()[node.task];
  const Kind& kind = *task.id.kind;
  const bool last = kind.made_last && task.expected && kind.made_last(*task.expected);
  switch (node.step) {
    case TaskStep::release:
      return task.release_late ? 3 : 0;
    case TaskStep::drop:
      if (kind.dropped_last) return 5;
      // What goes with another one waits for nothing.
      return online_ && kind.drop_can_wait && !task.make && work_.dropped_with(node.task) == node.task ? 4
                                                                                                       : 0;
    case TaskStep::announce:
    case TaskStep::make:
    case TaskStep::change:
      return last ? 2 : 1;
    case TaskStep::finish:
      return 3;
    case TaskStep::remove:
      return 4;
  }
  return 0;
}

// What comes first where nothing decides: what goes before what comes, later kinds going first.
std::tuple<int, long, ObjectId, std::size_t> Steps::rank(const TaskNode& node) const {
  const ObjectId& id = work_.tasks()[node.task].id;
  const long place = static_cast<long>(kind_rank(*id.kind));
  return {phase_of(node), node.step <= TaskStep::drop ? -place : place, id, index(node.step)};
}

void Steps::order(std::size_t first, TaskStep first_step, std::size_t second, TaskStep second_step) {
  const std::size_t before = find(first, first_step), after = find(second, second_step);
  if (before != none && after != none) graph_.add(before, after);
}

void Steps::add_edges() {
  for (std::size_t task = 0; task < work_.tasks().size(); ++task) {
    for (const Tie& tie : work_.actual_needs(task)) order_drops(task, tie);
    for (const Tie& tie : work_.expected_needs(task)) order_makes(task, tie);
    order_release(task);
    for (const TaskStep after : {TaskStep::announce, TaskStep::make, TaskStep::change})
      order(task, TaskStep::drop, task, after);
    order(task, TaskStep::announce, task, TaskStep::make);
    order_handover(task);
    order_new_parts(task);
    order_query(task);
    order_inherited(task);
    order_changes_below(task);
    for (const TaskStep before : {TaskStep::make, TaskStep::change}) {
      for (const TaskStep after : {TaskStep::finish, TaskStep::remove}) order(task, before, task, after);
    }
    for (const std::size_t successor : work_.tasks()[task].follows) {
      order(successor, TaskStep::make, task, TaskStep::change);
      order(task, TaskStep::change, successor, TaskStep::remove);
    }
  }
}

// What leaves its whole is changed when it has left, and its parts go then; what comes back is taken out at
// the last moment, all of it before any of it comes back (bounds that move to a neighbour).
void Steps::order_release(std::size_t task) {
  if (!work_.tasks()[task].release) return;
  order(task, TaskStep::release, task, TaskStep::finish);
  if (!work_.tasks()[task].release_late) {
    for (const TaskStep after : {TaskStep::announce, TaskStep::make, TaskStep::change})
      order(task, TaskStep::release, task, after);
    for (const Tie& user : work_.actual_users(task)) {
      if (!user.to_parent) continue;
      for (const TaskStep after : {TaskStep::drop, TaskStep::make, TaskStep::change})
        order(task, TaskStep::release, user.other, after);
    }
    for (const Tie& user : work_.expected_users(task)) {
      if (user.to_parent) order(task, TaskStep::release, user.other, TaskStep::make);
    }
  } else {
    order(task, TaskStep::change, task, TaskStep::release);
  }
  for (const Tie& held : work_.actual_needs(task)) {
    if (!work_.is_late(task, held)) continue;
    for (const Tie& other : work_.expected_users(held.other)) {
      if (work_.is_late(other.other, other)) order(task, TaskStep::release, other.other, TaskStep::finish);
    }
  }
}

// A part of one thing that becomes a thing of its own, or the other way round, under the same name.
void Steps::order_handover(std::size_t task) {
  if (!work_.tasks()[task].drop || !work_.tasks()[task].make) return;
  const std::size_t before = work_.dropped_with(task), after = work_.made_with(task);
  if (before != task) {
    order(before, TaskStep::change, task, TaskStep::make);
    order(before, TaskStep::drop, task, TaskStep::make);
  }
  if (after == task) return;
  order(task, TaskStep::drop, after, TaskStep::make);
  order(task, TaskStep::drop, after, TaskStep::change);
}

// New parts of what stays come in the order that they have on the expected side.
void Steps::order_new_parts(std::size_t whole) {
  const Task& task = work_.tasks()[whole];
  if (!task.expected || task.make) return;
  const auto attributes = task.id.kind->attributes;
  const auto listed = std::ranges::find(attributes, Form::order, &Attribute::form);
  if (listed == attributes.end()) return;
  std::map<std::string, std::size_t> made;
  for (const Tie& user : work_.expected_users(whole)) {
    const Task& part = work_.tasks()[user.other];
    if (user.to_parent && part.make && part.id.kind->created_by_parent)
      made.emplace(quote_identifier(part.id.name.view()), find(user.other, TaskStep::make));
  }
  if (made.size() < 2) return;
  std::size_t last = none;
  for (const std::string_view name : listed_names((*task.expected)[listed->name])) {
    const auto next = made.find(std::string(name));
    if (next == made.end()) continue;
    if (last != none) graph_.add_weak(last, next->second);
    last = next->second;
  }
}

bool Steps::is_part_of_partition(std::size_t part, std::size_t whole, bool of_expected) const {
  const auto& needs = of_expected ? work_.expected_needs(part) : work_.actual_needs(part);
  return work_.tasks()[part].id.kind->parts_first && std::ranges::any_of(needs, [&](const Tie& need) {
           return need.other == whole && need.hold == Hold::partition;
         });
}

// A part and the one of the same name in a parent of its table: what the parent hands on comes and goes with
// it; what the table has declared too is there before, and is not let go of before.
void Steps::order_inherited(std::size_t part) {
  const Task& task = work_.tasks()[part];
  if (!task.id.kind->is_handed_on || !(task.drop || task.make)) return;
  for (const bool of_expected : {false, true}) {
    const auto owner = work_.parent(part, of_expected);
    if (!owner || !(of_expected ? task.make : task.drop)) continue;
    for (const Tie& tie : of_expected ? work_.expected_needs(*owner) : work_.actual_needs(*owner)) {
      const ObjectId& above = work_.tasks()[tie.other].id;
      if (!above.kind->held_late || !work_.tasks()[*owner].id.kind->held_late) continue;
      const auto same = work_.find({task.id.kind, above.schema, above.name, task.id.name});
      if (!same || *same == part) continue;
      // order_makes() and order_drops() see to those.
      if (is_part_of_partition(part, *same, of_expected)) continue;
      if (!of_expected) {
        if (work_.is_freed(*owner)) order(*owner, TaskStep::release, *same, TaskStep::drop);
        order(*same, TaskStep::drop, part, TaskStep::drop);
      } else if (task.id.kind->is_handed_on(*task.expected)) {
        order(*same, TaskStep::make, part, TaskStep::make);
      } else {
        order(part, TaskStep::make, *same, TaskStep::make);
      }
    }
  }
}

void Steps::order_changes_below(std::size_t part) {
  const Task& task = work_.tasks()[part];
  const std::size_t change = find(part, TaskStep::change);
  if (!task.id.kind->waits_for_parent || change == none || !task.actual || !task.expected) return;
  const auto owner = work_.parent(part, true);
  if (!owner) return;
  for (const Tie& tie : work_.expected_needs(*owner)) {
    const ObjectId& above = work_.tasks()[tie.other].id;
    const auto same = work_.find({task.id.kind, above.schema, above.name, task.id.name});
    if (!same || *same == part) continue;
    const std::size_t change_above = find(*same, TaskStep::change);
    if (change_above == none) continue;
    if (task.id.kind->waits_for_parent(*task.actual, *task.expected)) {
      graph_.add_weak(change_above, change);
    } else {
      graph_.add_weak(change, change_above);
    }
  }
}

// A query that is run reads through views what may be filled by a query itself.
void Steps::order_query(std::size_t task) {
  const Task& reader = work_.tasks()[task];
  const bool runs = std::ranges::any_of(reader.id.kind->attributes, &Attribute::runs_query);
  if (!runs || find(task, TaskStep::finish) == none) return;
  std::set<std::size_t> seen{task};
  std::vector<std::size_t> open{task};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const Tie& need : work_.expected_needs(at)) {
      if (!seen.insert(need.other).second) continue;
      open.push_back(need.other);
      order(need.other, TaskStep::make, task, TaskStep::finish);
      order(need.other, TaskStep::change, task, TaskStep::finish);
      order(need.other, TaskStep::finish, task, TaskStep::finish);
    }
  }
}

void Steps::order_drops(std::size_t task, const Tie& needed) {
  if (work_.is_made_of(needed.other, task)) return;
  order(task, TaskStep::drop, needed.other, TaskStep::drop);
  order(task, TaskStep::drop, needed.other, TaskStep::change);
  order(task, TaskStep::drop, needed.other, TaskStep::remove);
  order(task, TaskStep::remove, needed.other, TaskStep::remove);
  const std::size_t carrier = work_.dropped_with(task);
  if (carrier != task && carrier != work_.dropped_with(needed.other))
    order(carrier, TaskStep::drop, needed.other, TaskStep::drop);
  if (work_.is_late(task, needed)) return order(task, TaskStep::release, needed.other, TaskStep::drop);
  const Task& other = work_.tasks()[needed.other];
  if (other.drop && !other.aside) order(task, TaskStep::change, needed.other, TaskStep::drop);
}

// What the other is made of (a type's functions) wants no more than its name.
bool Steps::is_enough_announced(std::size_t task, std::size_t needed) const {
  return find(needed, TaskStep::announce) != none &&
         std::ranges::any_of(work_.expected_needs(needed), [&](const Tie& tie) { return tie.other == task; });
}

void Steps::order_makes(std::size_t task, const Tie& needed) {
  if (is_enough_announced(task, needed.other))
    return order(needed.other, TaskStep::announce, task, TaskStep::make);
  const std::size_t maker = work_.made_with(task), other = work_.made_with(needed.other);
  if (work_.is_late(task, needed)) {
    order(needed.other, TaskStep::make, task, TaskStep::finish);
    order(needed.other, TaskStep::change, task, TaskStep::finish);
    return;
  }
  if (needed.hold == Hold::partition && work_.tasks()[task].id.kind->parts_first &&
      work_.tasks()[needed.other].id.kind == work_.tasks()[task].id.kind) {
    order(needed.other, TaskStep::make, task, TaskStep::finish);
    return order(task, TaskStep::make, needed.other, TaskStep::make);
  }
  order(needed.other, TaskStep::make, task, TaskStep::make);
  order(needed.other, TaskStep::change, task, TaskStep::make);
  order(needed.other, TaskStep::make, task, TaskStep::change);
  const std::size_t before = find(needed.other, TaskStep::change), after = find(task, TaskStep::change);
  if (before != none && after != none) graph_.add_weak(before, after);
  if (maker != task && maker != other && maker != needed.other) {
    order(needed.other, TaskStep::make, maker, TaskStep::make);
    order(needed.other, TaskStep::change, maker, TaskStep::make);
    order(needed.other, TaskStep::make, maker, TaskStep::change);
  }
}

// Names that are given up are free for others only then.
void Steps::add_name_edges() {
  std::multimap<std::pair<Symbol, Symbol>, std::size_t, SymbolOrder> freed;
  const auto& tasks = work_.tasks();
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (tasks[task].drop && name_is_shared(tasks[task].id)) {
      freed.emplace(std::pair(tasks[task].id.schema, tasks[task].id.name), task);
    }
  }
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (!tasks[task].make || !name_is_shared(tasks[task].id)) continue;
    const auto [first, last] = freed.equal_range({tasks[task].id.schema, tasks[task].id.name});
    for (auto at = first; at != last; ++at) {
      if (at->second == task) continue;
      const std::size_t maker = work_.made_with(task);
      order(work_.dropped_with(at->second), TaskStep::drop, maker, TaskStep::make);
      order(work_.dropped_with(at->second), TaskStep::drop, maker, TaskStep::change);
      order(work_.dropped_with(at->second), TaskStep::change, maker, TaskStep::make);
    }
  }
}

void Steps::refuse(const std::vector<std::size_t>& cycle) const {
  constexpr std::array<std::string_view, step_count> verbs{"release", "drop",   "announce", "create",
                                                           "alter",   "finish", "remove"};
  std::vector<std::string> names;
  names.reserve(cycle.size() + 1);
  for (const std::size_t node : cycle) {
    names.push_back(std::string(verbs[index(nodes_[node].step)]) + " " +
                    describe(work_.tasks()[nodes_[node].task].id));
  }
  names.push_back(names.front());
  throw Error("dependency cycle: " + join(names, " -> "),
              "Take one of them out with --exclude and change it by hand.");
}

}  // namespace plumbline
