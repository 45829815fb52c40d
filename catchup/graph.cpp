#include "catchup/graph.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

namespace plumbline {

void Graph::add(std::size_t before, std::size_t after) {
  if (before == after) return;
  after_[before].push_back(after);
  before_[after].push_back(before);
}

void Graph::add_weak(std::size_t before, std::size_t after) {
  if (before != after) weak_[after].push_back(before);
}

// Sorts with all weak edges, and gives up one of them for each cycle that it closes.
class Graph::Sorting {
 public:
  explicit Sorting(const Graph& graph) : graph_(graph), weak_(graph.weak_), done_(graph.after_.size()) {
    waits_.resize(done_.size());
    weakly_after_.resize(done_.size());
    for (std::size_t node = 0; node < waits_.size(); ++node) {
      waits_[node] = graph.before_[node].size() + weak_[node].size();
      for (const std::size_t before : weak_[node]) weakly_after_[before].push_back(node);
      if (waits_[node] == 0) ready_.push(node);
    }
  }

  Order run() {
    for (;;) {
      take_ready();
      if (order_.nodes.size() == done_.size()) return std::move(order_);
      const std::vector<std::size_t> cycle = find_cycle();
      if (give_up_in(cycle)) continue;
      order_.cycle = cycle;
      return std::move(order_);
    }
  }

 private:
  void take_ready() {
    while (!ready_.empty()) {
      const std::size_t node = ready_.top();
      ready_.pop();
      done_[node] = true;
      order_.nodes.push_back(node);
      for (const std::size_t next : graph_.after_[node]) release(next);
      for (const std::size_t next : weakly_after_[node]) {
        for (std::size_t count = std::erase(weak_[next], node); count > 0; --count) release(next);
      }
    }
  }

  void release(std::size_t node) {
    if (--waits_[node] == 0) ready_.push(node);
  }

  // What a node still waits for; strong edges before weak ones.
  std::size_t awaited(std::size_t node) const {
    for (const std::size_t before : graph_.before_[node]) {
      if (!done_[before]) return before;
    }
    return weak_[node].front();
  }

  // Going back from a node that waits to one it waits for must come round.
  std::vector<std::size_t> find_cycle() {
    while (done_[first_waiting_]) ++first_waiting_;
    std::vector<std::size_t> path;
    std::unordered_map<std::size_t, std::size_t> places;
    std::size_t at = first_waiting_;
    for (; !places.contains(at); at = awaited(at)) {
      places.emplace(at, path.size());
      path.push_back(at);
    }
    path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(places[at]));
    std::ranges::reverse(path);
    return path;
  }

  // Gives up a weak edge of the cycle; false: it has none.
  bool give_up_in(const std::vector<std::size_t>& cycle) {
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      const std::size_t before = cycle[i], after = cycle[(i + 1) % cycle.size()];
      const bool strong = std::ranges::find(graph_.before_[after], before) != graph_.before_[after].end();
      const auto found = std::ranges::find(weak_[after], before);
      if (strong || found == weak_[after].end()) continue;
      weak_[after].erase(found);
      release(after);
      return true;
    }
    return false;
  }

  const Graph& graph_;
  std::vector<std::vector<std::size_t>> weak_, weakly_after_;  // weak_: what is still awaited, by node
  std::vector<bool> done_;
  std::vector<std::size_t> waits_;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready_;
  std::size_t first_waiting_ = 0;
  Order order_;
};

Graph::Order Graph::sorted() const { return Sorting(*this).run(); }

}  // namespace plumbline
