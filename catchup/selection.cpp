#include "catchup/selection.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plumbline {

Selection::Selection(RepairUnits units) : units_(std::move(units)), kept_(units_.all().size(), true) {}

bool Selection::keeps_any() const { return std::ranges::find(kept_, true) != kept_.end(); }

void Selection::leave(std::size_t unit, LeftUnit left) {
  if (!kept_[unit]) return;
  std::vector<bool> gone(kept_.size(), false);
  gone[unit] = true;
  gone = units_.with_dependents(std::move(gone));
  const bool chosen = left.chosen;
  kept_[unit] = false;
  left.findings = units_.all()[unit].findings;
  const std::string why = "it needs " + describe(left.findings.front()) + ", which is left";
  left_.emplace(unit, std::move(left));
  for (std::size_t other = 0; other < gone.size(); ++other) {
    if (!gone[other] || !kept_[other]) continue;
    kept_[other] = false;
    left_.emplace(other, LeftUnit{units_.all()[other].findings, why, chosen});
  }
}

bool Selection::leave_all(const std::vector<ObjectId>& objects, const LeftUnit& left) {
  bool any = false;
  for (const ObjectId& object : objects) {
    const auto unit = units_.find(object);
    if (!unit || !kept_[*unit]) continue;
    leave(*unit, left);
    any = true;
  }
  return any;
}

void Selection::confine(const std::vector<ObjectId>& only, const std::vector<ObjectId>& except) {
  const std::vector<bool> wanted =
      only.empty() ? std::vector<bool>(kept_.size(), true) : units_.with_needs(with(only));
  const std::vector<bool> unwanted = units_.with_dependents(with(except));
  for (std::size_t unit = 0; unit < kept_.size(); ++unit) {
    if (!wanted[unit]) leave(unit, {{}, "--only does not name it", false});
    if (wanted[unit] && unwanted[unit]) leave(unit, {{}, "--except names it, or what it needs", false});
  }
}

std::vector<bool> Selection::with(const std::vector<ObjectId>& findings) const {
  std::vector<bool> units(kept_.size(), false);
  for (const ObjectId& finding : findings) {
    if (const auto unit = units_.find(finding)) units[*unit] = true;
  }
  return units;
}

void Selection::settle(const std::string& why) {
  for (std::size_t unit = 0; unit < kept_.size(); ++unit) {
    if (kept_[unit]) left_.erase(unit);
    if (!kept_[unit] && !left_.contains(unit))
      left_.emplace(unit, LeftUnit{units_.all()[unit].findings, why});
  }
}

std::vector<Difference> Selection::differences_of(const std::vector<bool>& units) const {
  std::vector<Difference> result;
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    if (units[unit]) std::ranges::copy(units_.all()[unit].differences, std::back_inserter(result));
  }
  std::ranges::sort(result, [](const Difference& a, const Difference& b) { return a.id < b.id; });
  return result;
}

std::vector<RepairedUnit> Selection::repaired() const {
  std::vector<RepairedUnit> result;
  for (std::size_t unit = 0; unit < kept_.size(); ++unit) {
    if (kept_[unit]) result.push_back({units_.all()[unit].findings});
  }
  return result;
}

}  // namespace plumbline
