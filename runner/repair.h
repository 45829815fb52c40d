#pragma once

#include <string>
#include <vector>

#include "runner/runner.h"

namespace plumbline {

struct RepairRequest {
  std::string version;      // empty: all that need it
  std::string reason;       // for the history
  std::string statement;    // "done" or "not-done": what became of one whose fate the catalogue does not tell
  bool from_start = false;  // what was done of them was undone by hand
  bool accept_edits = false;  // applied files count as they are now
  bool dry_run = false;
};

struct Repair {
  std::string version, was, is, note;
};

// Failed and half-done migrations may be run again: pending, from the first statement that is not done. What
// they were stays in the history. Throws Error when there is none, or nobody can tell what was done.
std::vector<Repair> repair(Runner& runner, const MigrationDirectory& directory, const RepairRequest& request);

// Marks migrations as applied without running them; `action` is what the history says of it (baseline,
// imported). Returns those that were not applied before.
std::vector<std::string> mark_applied(Runner& runner, const MigrationDirectory& directory,
                                      const std::vector<std::size_t>& places, const HistoryEvent& why);

// Applied migrations whose file has other statements now: their places.
std::vector<std::size_t> edited_files(const MigrationDirectory& directory, const LedgerEntries& entries);

}  // namespace plumbline
