#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"
#include "postgres/connection.h"

namespace plumbline {

// What [runner] of plumbline.toml and the flags say.
struct RunnerOptions {
  std::string ledger_schema = "plumbline";  // default_ledger_schema
  std::string keep_ledger_of;               // the tool whose own ledger is written, too; empty: none
  std::string lock_timeout = "5s", statement_timeout;  // as in SET; empty: the server's
  int retries = 10;                                    // of a migration that waited too long for a lock
  int wait = 60;                                       // seconds for another runner to finish
  bool out_of_order = false;
  bool require_approval = false;
  bool check_effect = false;
  std::string schema_versions = "each";  // each, run, off: what gets a semantic version
  std::string backup_directory, backup_command;
  std::vector<std::string> health_checks;  // SQL that must return true
  std::string health_command;
  bool roll_back = true;  // by the down section, when a health check fails
};

// How one migration is run: the options, and what its header says over them ("-- Lock timeout: 2s").
struct StepSettings {
  std::string lock_timeout, statement_timeout;
  int retries = 0;
  bool lock_timeout_is_own = false;  // said by the header
};
StepSettings step_settings(const Migration& migration, const RunnerOptions& options);

}  // namespace plumbline
