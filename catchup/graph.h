#pragma once

#include <cstddef>
#include <vector>

namespace plumbline {

// What has to come before what. Nodes are numbers; of those that may come next the smallest comes next, so
// that the same edges give the same order.
class Graph {
 public:
  explicit Graph(std::size_t nodes) : after_(nodes), before_(nodes), weak_(nodes) {}

  void add(std::size_t before, std::size_t after);
  // An edge that is given up where it closes a cycle.
  void add_weak(std::size_t before, std::size_t after);

  struct Order {
    std::vector<std::size_t> nodes;
    std::vector<std::size_t> cycle;  // what could not be ordered; empty: all could
  };
  Order sorted() const;

  const std::vector<std::size_t>& predecessors(std::size_t node) const { return before_[node]; }

 private:
  class Sorting;

  std::vector<std::vector<std::size_t>> after_, before_;
  std::vector<std::vector<std::size_t>> weak_;  // what comes before, by node
};

}  // namespace plumbline
