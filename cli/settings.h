#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diff/finding.h"
#include "diff/ignore.h"
#include "migrations/directory.h"
#include "runner/options.h"

namespace plumbline {

struct Options;

// Who is asked, too, when there is no difference.
struct Witnesses {
  bool pg_dump = false, information_schema = false;
  bool any() const { return pg_dump || information_schema; }
};

// What is asked of catchup beyond what is asked of check.
struct CatchUpSettings {
  bool revert = false, adopt = false;  // one of them
  bool write = false;                  // as a file of the migrations directory
  bool apply = false;                  // run on live what was proven
  bool yes = false;                    // and do not ask
  bool offline = false;                // nobody works with the database while the SQL runs
  std::string name = "catch up with live", section, lock_timeout = "3s";
  std::vector<std::string> allowed_hazards;
  std::vector<std::string> renames;               // "old=new"
  std::vector<std::string> no_renames;            // objects
  std::vector<std::string> only, except, accept;  // ids of findings, or names of their objects
  std::vector<std::string> using_expressions;     // "column=expression"
  bool mark_applied = false;                      // in the ledger of the tool whose directory it is
};

// A section [env.NAME] of plumbline.toml.
struct KnownEnvironment {
  std::string name, url;  // the url as it is written
  bool is_protected = false;
  std::vector<std::string> locations;  // of its migrations; none: those of the whole file
};

// Everything a run can be told, whoever said it: flag > environment > .env, plumbline.toml > default.
// Commands read only this.
struct Settings {
  std::string url;  // of the live database; empty: what the PG* variables say
  MigrationOptions migrations;
  std::string prelude;         // file run before the first migration
  std::string search_path;     // for the replay; empty: the server's default
  std::string at = "applied";  // applied, head or a version
  std::string owner;  // who migrates on live, when the ledger's owner is not the one; empty: ask the ledger
  std::string shadow_url;            // empty: start a throw-away server
  std::string format;                // said by flag; empty: chosen by the output's ending, else usual_format
  std::vector<std::string> outputs;  // files; none: stdout
  std::optional<Severity> fail_on;   // nothing: any finding
  bool fail_on_new = false;          // only what the run before did not have
  bool fail_on_never = false;        // drift is reported and exits 0
  std::string previous_snapshot;     // an earlier snapshot of live, by which renames are known; empty: none
  std::string previous;              // the report of the run before; empty: none
  bool record = false;               // keep what was found in the ledger, and hold it against what was kept
  std::vector<IgnoreRule> ignore;
  std::vector<std::string> presets = {
      "auto"};                                // auto, none or names: what services and tools made themselves
  std::vector<std::string> include, exclude;  // globs on schema.name: what is compared at all
  std::string cache_directory;                // empty: no cache
  RunnerOptions runner;
  CatchUpSettings catch_up;
  std::string password_command, password_file;  // where the password of the URL comes from
  bool cluster = false;
  std::string snapshot_format;  // json or sql
  bool unproven = false;        // SQL is written even when its proof fails
  Witnesses witness;
  bool colour = false;  // of stdout
  bool quiet = false, verbose = false;
  bool trusts_project = false;            // .env and plumbline.toml may name programs and redirect
  std::string config_file;                // that was read; empty: none
  bool config_of_project = false;         // it lies in the checkout
  std::string file_shadow_url;            // as the file writes it
  std::string environment;                // the [env.NAME] that was chosen; empty: none
  std::string url_source;                 // who said what the url is: "--url", "DATABASE_URL"; empty: nobody
  std::string file_url, environment_url;  // as the file and its [env.NAME] write them
  std::vector<KnownEnvironment> environments;
  std::vector<std::string> file_locations;  // of the migrations, without an environment
  std::vector<std::string> notes;           // which database was chosen over which, for people
  std::string usual_format;  // said by PLUMBLINE_FORMAT or plumbline.toml; a file's ending counts for more
  std::vector<std::string> warnings;  // what was odd about the settings themselves, for people
};

// What --fail-on says: a severity, "new", both with a comma, or "never". False when it is none of these.
bool read_fail_on(const std::string& text, Settings& settings);

// Puts together what the command line, the environment, .env and plumbline.toml say. Changes the environment
// of this process: .env adds to it. Throws Error.
Settings resolve_settings(const Options& options);

}  // namespace plumbline
