#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "diff/preset.h"
#include "expected/attribution.h"
#include "expected/expected.h"
#include "migrations/ledger.h"
#include "report/report.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Two snapshots and what is known about where they come from.
struct Comparison {
  const Snapshot& actual;
  const Snapshot& expected;
  SymbolTable& symbols;
  const Attribution* attribution = nullptr;  // of the expected side
  // A connection to a server that has the schema of one of them; empty, or yielding none: nobody can be asked
  // what two spellings mean.
  std::function<Connection*()> expected_server = {};
  std::filesystem::path spellings = {};  // where its answers are kept; empty: nowhere
  // The tools' own objects on live, which the expected side need not have.
  std::string ledger_tool = {};
  std::vector<std::string> ledger_objects = {};
  OwnLedger own_ledger = {};  // plumbline's own, which is no drift on either side
  std::size_t equal = 0;      // objects of both sides that the snapshots leave out
  std::vector<ActivePreset> presets = {};
  // An earlier snapshot of live, or null: by it renames are known where no --previous-snapshot is given.
  std::function<std::shared_ptr<const Snapshot>()> last_run = {};
};

struct Compared {
  std::vector<Finding> all;                       // the findings there were before rules hid some
  std::vector<Difference> differences;            // those that the findings of the report tell
  std::shared_ptr<const Snapshot> previous = {};  // by whose OIDs renames are known, or null
};

// That of --previous-snapshot; null when renames have to be guessed, with a warning why.
std::shared_ptr<const Snapshot> previous_snapshot(const Snapshot& actual, SymbolTable& symbols,
                                                  const Settings& settings,
                                                  std::vector<std::string>& warnings);

// Fills findings, hidden, equivalent, objects and warnings of the report.
Compared compare_into(Report& report, const Comparison& comparison, const Settings& settings);

// Two servers may have the same to say: each warning is told once.
void add_warnings(Report& report, const std::vector<std::string>& warnings);

}  // namespace plumbline
