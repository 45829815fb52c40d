#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/options.h"

namespace plumbline {

struct RestoreRequest {
  std::string conninfo;     // of the database that was backed up, as it is now
  std::string file;         // the backup, as pg_dump wrote it; empty: the newest that the runner made
  std::string into;         // the new database; empty: "shop_restored_20250121_093000"
  bool in_place = false;    // the new database then takes the name of the other one
  bool disconnect = false;  // in place: ends the sessions that are in the way
  std::string reason = {};  // for the history
};

struct Restored {
  std::string file, made;                  // the backup, and when it was made, as far as its name says
  std::string database;                    // what holds it now
  std::string replaced;                    // in place: the name that the database as it was has now
  std::vector<std::string> lost;           // versions applied now that were not when the backup was made
  std::vector<std::string> applied_again;  // versions applied then that were taken back since
};

// The backup of that database in the directory of the options that is the newest by its name. Throws Error
// when there is none.
std::string newest_backup(const RunnerOptions& options, const std::string& database);

// Brings a backup back by pg_restore into a database made for it, with owner, encoding, settings and
// privileges of the one that was backed up. In place that one is then renamed and the new one takes its name,
// both in one transaction: nothing of it is lost, and until then it is not touched. Throws Error when
// somebody is connected to what is to be renamed, or anything fails; the new database is dropped then.
Restored restore_backup(const RestoreRequest& request, const RunnerOptions& options);

}  // namespace plumbline
