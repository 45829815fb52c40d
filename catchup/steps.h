#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <vector>

#include "catchup/graph.h"
#include "catchup/work.h"

namespace plumbline {

// What is done to an object, each by itself: freed from what holds it, dropped, announced by its name,
// made, altered, given its late attributes, and what was put aside removed.
enum class TaskStep { release, drop, announce, make, change, finish, remove };
constexpr std::size_t step_count = 7;

struct TaskNode {
  std::size_t task;
  TaskStep step;
};

// The steps of all tasks in an order that the server accepts.
class Steps {
 public:
  // `online`: what is in use goes last.
  Steps(const Work& work, bool online);

  // Throws Error for a cycle; it names the members.
  std::vector<std::size_t> sorted() const;

  const std::vector<TaskNode>& nodes() const { return nodes_; }
  const std::vector<std::size_t>& before(std::size_t node) const { return graph_.predecessors(node); }
  // The node of a step; none when the task has no such step.
  std::size_t find(std::size_t task, TaskStep step) const { return places_[task][index(step)]; }
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

 private:
  static constexpr std::size_t index(TaskStep step) { return static_cast<std::size_t>(step); }

  std::vector<TaskNode> all_nodes();
  int phase_of(const TaskNode& node) const;
  std::tuple<int, long, ObjectId, std::size_t> rank(const TaskNode& node) const;
  void order(std::size_t first, TaskStep first_step, std::size_t second, TaskStep second_step);
  void add_edges();
  void order_release(std::size_t task);
  void order_handover(std::size_t task);
  void order_new_parts(std::size_t whole);
  bool is_part_of_partition(std::size_t part, std::size_t whole, bool of_expected) const;
  void order_inherited(std::size_t part);
  void order_changes_below(std::size_t part);
  void order_query(std::size_t task);
  void order_drops(std::size_t task, const Tie& needed);
  void order_makes(std::size_t task, const Tie& needed);
  bool is_enough_announced(std::size_t task, std::size_t needed) const;
  void add_name_edges();
  [[noreturn]] void refuse(const std::vector<std::size_t>& cycle) const;

  const Work& work_;
  const bool online_;
  std::vector<std::array<std::size_t, step_count>> places_;  // nodes by task and step
  std::vector<TaskNode> nodes_;
  Graph graph_;
};

}  // namespace plumbline
