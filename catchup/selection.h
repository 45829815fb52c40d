#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "catchup/units.h"

namespace plumbline {

// Which units are repaired, and why the others are left.
class Selection {
 public:
  Selection() = default;
  // All of them.
  explicit Selection(RepairUnits units);

  const RepairUnits& units() const { return units_; }
  const std::vector<bool>& kept() const { return kept_; }
  bool keeps(std::size_t unit) const { return kept_[unit]; }
  bool keeps_any() const;
  const std::map<std::size_t, LeftUnit>& left() const { return left_; }
  LeftUnit& left(std::size_t unit) { return left_.at(unit); }

  // Takes a unit out, and with it those that need it. The first reason counts.
  void leave(std::size_t unit, LeftUnit left);
  // The same for the units of these objects; false when none of them is still in.
  bool leave_all(const std::vector<ObjectId>& objects, const LeftUnit& left);
  // Leaves what is not among these findings, with all that they need (none: all are wanted), and what is
  // among those, with all that needs it.
  void confine(const std::vector<ObjectId>& only, const std::vector<ObjectId>& except);

  // For trying other selections: exactly these units. What was left for a reason keeps it.
  void keep(std::vector<bool> units) { kept_ = std::move(units); }
  // Those that are kept are left for no reason, and those that have none for this one.
  void settle(const std::string& why);

  // The differences of these units, in canonical order.
  std::vector<Difference> differences_of(const std::vector<bool>& units) const;
  std::vector<RepairedUnit> repaired() const;

 private:
  std::vector<bool> with(const std::vector<ObjectId>& findings) const;

  RepairUnits units_;
  std::vector<bool> kept_;
  std::map<std::size_t, LeftUnit> left_;
};

}  // namespace plumbline
