#include "catchup/units.h"

#include <algorithm>

namespace plumbline {

namespace {

using Edges = std::vector<std::vector<std::size_t>>;

// Which nodes reach each other (strongly connected components), as a number for each node. Kosaraju's way:
// the order in which a walk leaves the nodes, then a walk along the edges turned round.
class Components {
 public:
  explicit Components(const Edges& edges) : edges_(edges), back_(edges.size()), seen_(edges.size()) {
    for (std::size_t node = 0; node < edges.size(); ++node) {
      for (const std::size_t next : edges[node]) back_[next].push_back(node);
    }
  }

  std::vector<std::size_t> run() {
    std::vector<std::size_t> order;
    for (std::size_t node = 0; node < edges_.size(); ++node) leave(node, order);
    std::vector<std::size_t> result(edges_.size(), none);
    for (auto node = order.rbegin(); node != order.rend(); ++node) mark(*node, result);
    return result;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  void leave(std::size_t start, std::vector<std::size_t>& order) {
    if (seen_[start]) return;
    seen_[start] = true;
    std::vector<std::pair<std::size_t, std::size_t>> path{{start, 0}};
    while (!path.empty()) {
      auto& [node, next] = path.back();
      if (next == edges_[node].size()) {
        order.push_back(node);
        path.pop_back();
        continue;
      }
      const std::size_t there = edges_[node][next++];
      if (seen_[there]) continue;
      seen_[there] = true;
      path.emplace_back(there, 0);
    }
  }

  void mark(std::size_t start, std::vector<std::size_t>& result) {
    if (result[start] != none) return;
    std::vector<std::size_t> open{start};
    result[start] = count_;
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      for (const std::size_t next : back_[node]) {
        if (result[next] != none) continue;
        result[next] = count_;
        open.push_back(next);
      }
    }
    ++count_;
  }

  const Edges& edges_;
  Edges back_;
  std::vector<bool> seen_;
  std::size_t count_ = 0;
};

}  // namespace

RepairUnits::RepairUnits(std::span<const Fold> folds, std::span<const Need> needs) {
  const auto each_difference = [](const Fold& fold, const auto& visit) {
    if (fold.head) visit(*fold.head);
    for (const auto* list : {&fold.parts, &fold.implied}) {
      for (const Difference* difference : *list) visit(*difference);
    }
  };
  std::unordered_map<ObjectId, std::size_t, IdHash> fold_of;
  for (std::size_t i = 0; i < folds.size(); ++i)
    each_difference(folds[i], [&](const Difference& difference) { fold_of.emplace(difference.id, i); });
  Edges edges(folds.size());
  for (const Need& need : needs) {
    const auto from = fold_of.find(need.object), to = fold_of.find(need.other);
    if (from != fold_of.end() && to != fold_of.end() && from->second != to->second)
      edges[from->second].push_back(to->second);
  }
  // Numbered by their first finding.
  const std::vector<std::size_t> component = Components(edges).run();
  std::unordered_map<std::size_t, std::size_t> unit_of;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const std::size_t unit = unit_of.emplace(component[i], units_.size()).first->second;
    if (unit == units_.size()) units_.emplace_back();
    units_[unit].findings.push_back(folds[i].id);
    each_difference(folds[i], [&](const Difference& difference) {
      units_[unit].differences.push_back(difference);
      places_.emplace(difference.id, unit);
    });
  }
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const std::size_t unit = unit_of.at(component[i]);
    auto& own = units_[unit].needs;
    for (const std::size_t next : edges[i]) {
      const std::size_t other = unit_of.at(component[next]);
      if (other != unit && std::ranges::find(own, other) == own.end()) own.push_back(other);
    }
  }
}

std::optional<std::size_t> RepairUnits::find(const ObjectId& object) const {
  const auto found = places_.find(object);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<bool> RepairUnits::with_needs(std::vector<bool> chosen) const {
  for (bool more = true; more;) {
    more = false;
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      if (!chosen[unit]) continue;
      for (const std::size_t need : units_[unit].needs) {
        if (!chosen[need]) chosen[need] = more = true;
      }
    }
  }
  return chosen;
}

std::vector<bool> RepairUnits::with_dependents(std::vector<bool> chosen) const {
  for (bool more = true; more;) {
    more = false;
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      const auto& needs = units_[unit].needs;
      if (chosen[unit] || std::ranges::none_of(needs, [&](std::size_t need) { return chosen[need]; }))
        continue;
      chosen[unit] = more = true;
    }
  }
  return chosen;
}

}  // namespace plumbline
