#include "catchup/graph.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_set>

namespace plumbline {

void Graph::add(std::size_t before, std::size_t after) {
  if (before == after) return;
  after_[before].push_back(after);
  before_[after].push_back(before);
}

Graph::Order Graph::sorted() const {
  Order order = sorted_with(weak_);
  return order.cycle.empty() || weak_.empty() ? order : sorted_with({});
}

Graph::Order Graph::sorted_with(const std::vector<Edge>& weak) const {
  std::vector<std::size_t> waits(after_.size(), 0);
  for (const auto& successors : after_) {
    for (const std::size_t node : successors) ++waits[node];
  }
  std::vector<std::vector<std::size_t>> weakly_after(after_.size());
  for (const Edge& edge : weak) {
    if (edge.before == edge.after) continue;
    weakly_after[edge.before].push_back(edge.after);
    ++waits[edge.after];
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t node = 0; node < waits.size(); ++node) {
    if (waits[node] == 0) ready.push(node);
  }
  Order order;
  while (!ready.empty()) {
    const std::size_t node = ready.top();
    ready.pop();
    order.nodes.push_back(node);
    const auto release = [&](std::size_t next) {
      if (--waits[next] == 0) ready.push(next);
    };
    std::ranges::for_each(after_[node], release);
    std::ranges::for_each(weakly_after[node], release);
  }
  if (order.nodes.size() == after_.size()) return order;
  std::vector<std::size_t> waiting;
  for (std::size_t node = 0; node < waits.size(); ++node) {
    if (waits[node] > 0) waiting.push_back(node);
  }
  order.cycle = cycle_among(waiting);
  if (order.cycle.empty()) order.cycle = waiting;
  return order;
}

// Going back from a node that waits to one it waits for must come round.
std::vector<std::size_t> Graph::cycle_among(const std::vector<std::size_t>& waiting) const {
  const std::unordered_set<std::size_t> among(waiting.begin(), waiting.end());
  std::vector<std::size_t> path;
  std::size_t at = waiting.front();
  while (std::ranges::find(path, at) == path.end()) {
    path.push_back(at);
    const auto next =
        std::ranges::find_if(before_[at], [&](std::size_t node) { return among.contains(node); });
    if (next == before_[at].end()) return {};
    at = *next;
  }
  path.erase(path.begin(), std::ranges::find(path, at));
  std::ranges::reverse(path);
  return path;
}

}  // namespace plumbline
