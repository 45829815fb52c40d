#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catchup/live_rows.h"
#include "catchup/open_renames.h"
#include "catchup/plan.h"
#include "catchup/renaming.h"
#include "catchup/section.h"
#include "catchup/units.h"
#include "diff/compare.h"
#include "expected/shadow.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct CatchUp;

struct CatchUpOptions {
  std::string creator;       // as PlanOptions::creator
  bool online = true;        // as PlanOptions::online
  std::set<Hazard> allowed;  // units whose statements have other grave hazards are held back
  std::vector<RenameWish> renames;
  std::vector<std::string> no_renames;  // objects, as reports write them, that were not renamed
  // The objects of the findings to repair, with all that these need; and of those to leave, with all that
  // need them. Empty `only`: all.
  std::vector<ObjectId> only{}, except{};
  std::map<ObjectId, std::string> refused{};               // findings that are left all the same, and why
  std::map<std::string, std::string> using_expressions{};  // as in PlanOptions
  std::shared_ptr<const Snapshot>
      previous{};          // an earlier snapshot of `actual`, comparable_by_oid(), or null
  bool repeatable = true;  // the script has a guard: nothing may change when it is run once more
  bool unproven = false;   // without a throw-away server: nothing is tried, nothing measured
  bool way_back = false;   // also the statements that take it back
  bool cluster = false;    // the snapshots hold what lives outside the database, too
  AskLive ask_live = {};
  bool live_is_source = true;  // whom it asks is the actual side; else its rows have the expected shape
  ShadowOptions shadow;
  // The scripts that will be printed, of all that is known of the result by then but `script`: these bytes
  // are run by psql and by the runner.
  std::function<std::string(const CatchUp&)> up = {}, down = {};
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
  std::vector<Renaming> renamed;
  std::vector<OpenRename> open_renames;
  std::vector<RepairedUnit> repaired;
  std::vector<LeftUnit> left;
  std::vector<std::string> problems;  // why it is not proven, for people; empty: it is
  std::vector<std::string> notes;     // what the proof could not look at, for people
  // Tables, quoted and qualified, whose statements were tried without rows; every_table for all of them.
  std::set<std::string> without_rows;
  std::size_t rebuilt = 0;             // objects of the source that it was tried on
  std::set<std::string> empty_tables;  // that lose nothing because they have no rows
  std::string up_guard, down_guard;    // see guard_of()
  std::string up_script, down_script;  // the bytes that were tried

  bool leaves_something_asked_for() const;
};

CatchUp catch_up(const Goal& goal, const CatchUpOptions& options);

}  // namespace plumbline
