#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "catchup/ids.h"
#include "catchup/plan.h"
#include "diff/compare.h"
#include "diff/fold.h"

namespace plumbline {

// The smallest set of findings that can be repaired by themselves, once what they need is.
struct RepairUnit {
  std::vector<ObjectId> findings;  // the objects that the findings are about
  std::vector<Difference> differences;
  std::vector<std::size_t> needs;  // other units that have to be repaired with or before it
};

// Findings that are repaired together.
struct RepairedUnit {
  std::vector<ObjectId> findings;  // the objects that they are about
};

// Findings that are left, and why.
struct LeftUnit {
  std::vector<ObjectId> findings;
  std::string why;                       // a sentence without its full stop
  bool chosen = true;                    // false: nobody has asked for it
  std::vector<Hazard> hazards{};         // that somebody has to allow first
  std::vector<PlannedStatement> rest{};  // what would repair it afterwards, when it is known
};

// All findings of a comparison as units; a finding is what diff/fold.h folds into one.
class RepairUnits {
 public:
  RepairUnits() = default;
  RepairUnits(std::span<const Fold> folds, std::span<const Need> needs);

  const std::vector<RepairUnit>& all() const { return units_; }
  // The unit of a difference's object.
  std::optional<std::size_t> find(const ObjectId& object) const;
  // These units and all that they need; or all that need one of them.
  std::vector<bool> with_needs(std::vector<bool> chosen) const;
  std::vector<bool> with_dependents(std::vector<bool> chosen) const;

 private:
  std::vector<RepairUnit> units_;
  std::unordered_map<ObjectId, std::size_t, IdHash> places_;
};

}  // namespace plumbline
