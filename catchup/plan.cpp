#include "catchup/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "catchup/graph.h"
#include "catchup/work.h"
#include "postgres/error.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

enum Step { release, drop, make, change, finish, remove };
constexpr std::size_t step_count = 6;
constexpr std::size_t none = static_cast<std::size_t>(-1);

struct Node {
  std::size_t task;
  Step step;
};

class Planner : public Scene {
 public:
  Planner(const Snapshot& actual_side, const Snapshot& expected_side, std::span<const Difference> differences,
          const PlanOptions& options)
      : Scene(actual_side, expected_side),
        options_(options),
        work_(actual_side, expected_side, differences, *this),
        nodes_(all_nodes()),
        graph_(nodes_.size()) {}

  Plan run() {
    add_edges();
    add_name_edges();
    const Graph::Order order = graph_.sorted();
    if (!order.cycle.empty()) refuse(order.cycle);
    done_.resize(nodes_.size());
    claimed_.resize(work_.tasks().size());
    for (const std::size_t node : order.nodes) {
      write(nodes_[node]);
      done_[node] = true;
    }
    return {script_.statements(), script_.refusals()};
  }

  std::vector<Object> parts(const ObjectId& whole, const Kind& kind) const override {
    std::vector<Object> result;
    const auto task = work_.find(whole);
    if (!task) return result;
    for (const Tie& tie : work_.expected_users(*task)) {
      const Task& part = work_.tasks()[tie.other];
      if (tie.hold == Hold::internal && part.id.kind == &kind && part.expected)
        result.push_back(*part.expected);
    }
    return result;
  }

  bool is_ready(const ObjectId& part) const override {
    const auto task = work_.find(part);
    if (!task || !work_.tasks()[*task].make) return false;
    const auto above = work_.parent(*task, true);
    const std::size_t whole = top(above ? *above : *task);
    return std::ranges::all_of(graph_.predecessors(places_[*task][make]), [&](std::size_t node) {
      return done_[node] || top(nodes_[node].task) == whole;
    });
  }

  void claim(const ObjectId& part) override { claimed_[*work_.find(part)] = true; }

  bool is_made(const ObjectId& id) const override {
    const auto task = work_.find(id);
    return task && work_.tasks()[*task].make;
  }

  bool is_dropped(const ObjectId& id) const override {
    const auto task = work_.find(id);
    return task && work_.tasks()[*task].drop;
  }

  std::string_view creator() const override { return options_.creator; }

 private:
  // The table that a column, and its default, is of.
  std::size_t top(std::size_t task) const {
    const Kind& kind = *work_.tasks()[task].id.kind;
    const auto above = kind.part_of_parent ? work_.parent(task, true) : std::nullopt;
    return above ? top(*above) : task;
  }

  std::vector<Node> all_nodes() {
    std::vector<Node> nodes;
    const auto& tasks = work_.tasks();
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      const Task& t = tasks[task];
      const std::array<bool, step_count> wanted{t.release, t.drop,   t.make,
                                                t.alter,   t.finish, t.drop && t.aside};
      for (std::size_t step = 0; step < step_count; ++step) {
        if (wanted[step]) nodes.push_back({task, static_cast<Step>(step)});
      }
    }
    std::ranges::sort(nodes, [&](const Node& a, const Node& b) { return rank(a) < rank(b); });
    places_.assign(tasks.size(), {none, none, none, none, none, none});
    for (std::size_t i = 0; i < nodes.size(); ++i) places_[nodes[i].task][nodes[i].step] = i;
    return nodes;
  }

  // What comes first where nothing decides: what goes before what comes, later kinds going first.
  std::tuple<int, long, ObjectId, int> rank(const Node& node) const {
    const Task& task = work_.tasks()[node.task];
    const long place = static_cast<long>(kind_rank(*task.id.kind));
    const bool last = task.id.kind->made_last && task.expected && task.id.kind->made_last(*task.expected);
    constexpr std::array<int, step_count> phases{0, 0, 1, 1, 3, 4};
    if (node.step == drop && task.id.kind->dropped_last) return {5, -place, task.id, node.step};
    const int phase = last && (node.step == make || node.step == change) ? 2 : phases[node.step];
    return {phase, node.step <= drop ? -place : place, task.id, node.step};
  }

  void order(std::size_t first, Step first_step, std::size_t second, Step second_step) {
    const std::size_t before = places_[first][first_step], after = places_[second][second_step];
    if (before != none && after != none) graph_.add(before, after);
  }

  void add_edges() {
    for (std::size_t task = 0; task < work_.tasks().size(); ++task) {
      for (const Tie& tie : work_.actual_needs(task)) order_drops(task, tie);
      for (const Tie& tie : work_.expected_needs(task)) order_makes(task, tie);
      for (const Step before : {release, drop}) {
        for (const Step after : {make, change}) order(task, before, task, after);
      }
      order_handover(task);
      for (const Step before : {make, change}) {
        for (const Step after : {finish, remove}) order(task, before, task, after);
      }
      for (const std::size_t successor : work_.tasks()[task].follows) {
        order(successor, make, task, change);
        order(task, change, successor, remove);
      }
    }
  }

  // A part of one thing that becomes a thing of its own, or the other way round, under the same name.
  void order_handover(std::size_t task) {
    if (!work_.tasks()[task].drop || !work_.tasks()[task].make) return;
    const std::size_t before = work_.dropped_with(task), after = work_.made_with(task);
    if (before != task) order(before, change, task, make);
    if (after == task) return;
    order(task, drop, after, make);
    order(task, drop, after, change);
  }

  void order_drops(std::size_t task, const Tie& needed) {
    order(task, drop, needed.other, drop);
    order(task, drop, needed.other, change);
    order(task, drop, needed.other, remove);
    const std::size_t carrier = work_.dropped_with(task);
    if (carrier != task && carrier != work_.dropped_with(needed.other))
      order(carrier, drop, needed.other, drop);
    if (work_.is_late(task, needed)) return order(task, release, needed.other, drop);
    const Task& other = work_.tasks()[needed.other];
    if (other.drop && !other.aside) order(task, change, needed.other, drop);
  }

  void order_makes(std::size_t task, const Tie& needed) {
    const std::size_t maker = work_.made_with(task), other = work_.made_with(needed.other);
    if (work_.is_late(task, needed)) {
      order(needed.other, make, task, finish);
      order(needed.other, change, task, finish);
      return;
    }
    if (needed.hold == Hold::partition && work_.tasks()[task].id.kind->parts_first &&
        work_.tasks()[needed.other].id.kind == work_.tasks()[task].id.kind) {
      return order(task, make, needed.other, make);
    }
    order(needed.other, make, task, make);
    order(needed.other, change, task, make);
    order(needed.other, make, task, change);
    const std::size_t before = places_[needed.other][change], after = places_[task][change];
    if (before != none && after != none) graph_.add_weak(before, after);
    if (maker != task && maker != other && maker != needed.other) {
      order(needed.other, make, maker, make);
      order(needed.other, change, maker, make);
      order(needed.other, make, maker, change);
    }
  }

  // Names that are given up are free for others only then.
  void add_name_edges() {
    std::multimap<std::pair<Symbol, Symbol>, std::size_t, SymbolOrder> freed;
    const auto& tasks = work_.tasks();
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      if (tasks[task].drop && names_are_shared(tasks[task].id)) {
        freed.emplace(std::pair(tasks[task].id.schema, tasks[task].id.name), task);
      }
    }
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      if (!tasks[task].make || !names_are_shared(tasks[task].id)) continue;
      const auto [first, last] = freed.equal_range({tasks[task].id.schema, tasks[task].id.name});
      for (auto at = first; at != last; ++at) {
        if (at->second == task) continue;
        const std::size_t maker = work_.made_with(task);
        order(work_.dropped_with(at->second), drop, maker, make);
        order(work_.dropped_with(at->second), drop, maker, change);
        order(work_.dropped_with(at->second), change, maker, make);
      }
    }
  }

  struct SymbolOrder {
    bool operator()(const std::pair<Symbol, Symbol>& a, const std::pair<Symbol, Symbol>& b) const {
      return std::pair(a.first.key(), a.second.key()) < std::pair(b.first.key(), b.second.key());
    }
  };

  static bool names_are_shared(const ObjectId& id) {
    return id.kind->identity.name_tells || id.kind->parent_kinds.empty();
  }

  void write(const Node& node) {
    const Task& task = work_.tasks()[node.task];
    const Kind& kind = *task.id.kind;
    switch (node.step) {
      case release:
        return kind.release(*task.actual, script_);
      case drop:
        return write_drop(node.task);
      case make:
        return write_make(node.task);
      case change:
        return write_change(task);
      case finish:
        return write_finish(task);
      case remove:
        for (const Statement& statement : removals_[node.task].statements()) script_.add(statement);
    }
  }

  void write_drop(std::size_t place) {
    const Task& task = work_.tasks()[place];
    if (task.aside) {
      task.id.kind->set_aside(*task.actual, script_, removals_[place]);
    } else if (work_.dropped_with(place) == place) {
      if (!task.id.kind->drop)
        return script_.cannot("nothing drops " + describe(task.id) + "; do it by hand");
      task.id.kind->drop(*task.actual, *this, script_);
    }
  }

  void write_make(std::size_t place) {
    const Task& task = work_.tasks()[place];
    if (work_.made_with(place) == place && !claimed_[place]) {
      if (!task.id.kind->create)
        return script_.cannot("nothing creates " + describe(task.id) + "; do it by hand");
      task.id.kind->create(*task.expected, *this, script_);
    }
    alter({std::nullopt, *task.expected, *this}, unlike_new(task, false), script_);
  }

  // The attributes that are not what a bare CREATE makes them.
  std::vector<std::size_t> unlike_new(const Task& task, bool late) const {
    std::vector<std::size_t> result;
    const auto attributes = task.id.kind->attributes;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes[i].late != late || !attributes[i].initial) continue;
      const std::string_view starts =
          *attributes[i].initial == its_creator ? creator() : *attributes[i].initial;
      const std::string_view value = task.expected->values()[i].view();
      if (!is_unknown(value) && value != starts) result.push_back(i);
    }
    return result;
  }

  void write_change(const Task& task) {
    const Change change_of{task.actual, *task.expected, *this};
    for (const std::size_t successor : task.follows) {
      task.id.kind->follow(change_of, work_.tasks()[successor].id, script_);
    }
    alter(change_of, changed(task, false), script_);
  }

  std::vector<std::size_t> changed(const Task& task, bool late) const {
    std::vector<std::size_t> result;
    for (const std::size_t i : task.changed) {
      if (task.id.kind->attributes[i].late == late) result.push_back(i);
    }
    return result;
  }

  void write_finish(const Task& task) {
    const bool anew = task.make || task.release || !task.alter;
    alter({anew ? std::nullopt : task.actual, *task.expected, *this},
          anew ? unlike_new(task, true) : changed(task, true), script_);
  }

  [[noreturn]] void refuse(const std::vector<std::size_t>& cycle) const {
    constexpr std::array<std::string_view, step_count> verbs{"release", "drop",   "create",
                                                             "alter",   "finish", "remove"};
    std::string names;
    for (const std::size_t node : cycle) {
      if (!names.empty()) names += ", then ";
      names.append(verbs[nodes_[node].step])
          .append(" ")
          .append(describe(work_.tasks()[nodes_[node].task].id));
    }
    throw Error("no order of statements does it: " + names + ", and so on in a circle",
                "Take one of them out with --exclude and change it by hand.");
  }

  const PlanOptions& options_;
  Work work_;
  std::vector<std::array<std::size_t, step_count>> places_;  // nodes by task and step
  std::vector<Node> nodes_;
  Graph graph_;
  std::vector<bool> done_, claimed_;
  std::map<std::size_t, Script> removals_;  // by task, what is left of what was set aside
  Script script_;
};

}  // namespace

Plan plan(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
          const PlanOptions& options) {
  return Planner(actual, expected, differences, options).run();
}

}  // namespace plumbline
