#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "cli/state.h"
#include "diff/preset.h"
#include "expected/expected.h"
#include "migrations/directory.h"
#include "migrations/own_ledger.h"
#include "postgres/connection.h"
#include "snapshot/capture.h"
#include "snapshot/condition.h"
#include "snapshot/snapshot.h"
#include "snapshot/undisturbed.h"

namespace plumbline {

// A live database, read inside one transaction that lasts until close().
class LiveSide {
 public:
  explicit LiveSide(const std::string& conninfo);

  Connection& connection() { return *connection_; }
  Snapshot capture(SymbolTable& symbols, bool cluster, bool dependencies = false);
  // Throws away what was read, for a new start at another moment. With `last`, an error of the capture names
  // the object that somebody dropped.
  void start_again(bool last);
  // To be called when all is read: nothing is held on live while we go on with it.
  void close();
  std::string description() const;  // "live database shop at db.example.org:5432"

 private:
  std::string conninfo_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<ReadTransaction> transaction_;
  bool last_try_ = false;
};

// Reads live by read(LiveSide&), and from the beginning when others have changed the schema meanwhile.
template <typename Read>
auto read_live(const std::string& conninfo, const Read& read) {
  LiveSide live(conninfo);
  bool first = true;
  return undisturbed([&] { return connect({.conninfo = conninfo}); },
                     [&](bool last) {
                       if (!first) live.start_again(last);
                       first = false;
                       return read(live);
                     });
}

// What the settings say about replaying; `major` is the server version to prefer, `role` who replays.
ExpectedOptions expected_options(const Settings& settings, int major, const std::string& role);

// One side of a diff: any state as a snapshot, with what is needed to ask further about it.
struct Side {
  Snapshot snapshot;
  std::string description;
  std::string conninfo;                           // of a live database
  std::vector<ActivePreset> presets;              // of a live one
  std::vector<Condition> conditions;              // of a live one
  std::string user = {};                          // who reads it, of a live database
  OwnLedger own_ledger = {};                      // of a live one; the snapshot is without it
  std::unique_ptr<MigrationDirectory> directory;  // of states that are replayed
  std::unique_ptr<Expected> expected;
};

// Both sides of a diff.
struct Sides {
  Side actual, expected;
  std::size_t equal = 0;  // objects that both have and neither snapshot lists
};

struct ReadOptions {
  int major = 0;  // the server version to prefer where one has to be chosen, 0: the newest there is
  bool dependencies = false;  // also who needs whom, for writing SQL
  bool conditions = false;    // also what wants looking after on a live database, for a report
};
Side read_side(const State& state, SymbolTable& symbols, const Settings& settings,
               const ReadOptions& options);

struct SidesOptions {
  bool whole = false;  // of two snapshot files, too, all objects and not only those that differ
  bool dependencies = false;
};
Sides read_sides(const State& actual, const State& expected, SymbolTable& symbols, const Settings& settings,
                 const SidesOptions& options);

// The migrations that a state names. Throws Error as load_migrations does.
MigrationDirectory directory_of(const State& state, const Settings& settings);

const Snapshot& snapshot_of(const Side& side);

// For commands whose result has no place for warnings.
void warn_of_what_is_shared(const Settings& settings);

}  // namespace plumbline
