#pragma once

#include <set>
#include <string>
#include <vector>

#include "catchup/plan.h"
#include "catchup/renaming.h"
#include "catchup/section.h"
#include "diff/compare.h"
#include "expected/shadow.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct CatchUpOptions {
  std::string creator;       // as PlanOptions::creator
  bool online = true;        // as PlanOptions::online
  std::set<Hazard> allowed;  // statements with other grave hazards are held back
  std::vector<RenameWish> renames;
  bool unproven = false;  // without a throw-away server: nothing is tried, nothing measured
  SectionOptions section;
  ShadowOptions shadow;
};

// What is to become of what: `actual` loses these differences to `expected`. Both with their dependencies.
struct Goal {
  const Snapshot& actual;
  const Snapshot& expected;
  std::vector<Difference> differences;
  SymbolTable& symbols;
};

// A way there, and the way back from where it leads.
struct CatchUp {
  CatchUpPlan up, down;
  std::vector<std::string> problems;  // why it is not proven, for people; empty: it is
  std::vector<std::string> notes;     // what the proof could not look at, for people
  std::size_t rebuilt = 0;            // objects of the source that it was tried on
  bool held_back = false;             // some statements of `up` are
};

CatchUp catch_up(const Goal& goal, const CatchUpOptions& options);

}  // namespace plumbline
