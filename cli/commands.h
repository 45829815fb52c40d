#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/settings.h"

namespace plumbline {

// Each returns the exit code: 0 no difference, 2 drift. Errors are thrown.
int run_check(const Settings& settings);
int run_snapshot(const Settings& settings, const std::string& state);
int run_diff(const Settings& settings, const std::string& actual, const std::string& expected, bool sql);
int run_catch_up(const Settings& settings);
int run_report(const Settings& settings, const std::string& file);
int run_doctor(const Settings& settings);

int run_up(const Settings& settings, const RunnerFlags& flags);
int run_down(const Settings& settings, const RunnerFlags& flags);
int run_redo(const Settings& settings, const RunnerFlags& flags);
int run_status(const Settings& settings, const RunnerFlags& flags);
int run_list(const Settings& settings, const RunnerFlags& flags);
int run_history(const Settings& settings, const RunnerFlags& flags);
int run_repair(const Settings& settings, const RunnerFlags& flags);
int run_baseline(const Settings& settings, const RunnerFlags& flags);
int run_approve(const Settings& settings, const RunnerFlags& flags);
int run_verify_checksums(const Settings& settings, const RunnerFlags& flags);
int run_validate(const Settings& settings, const RunnerFlags& flags);
int run_new(const Settings& settings, const RunnerFlags& flags);
int run_init(const Settings& settings, const RunnerFlags& flags);
int run_prove(const Settings& settings, const RunnerFlags& flags);
int run_restore(const Settings& settings, const Options& options);

int run_comment(const Settings& settings, const std::string& file, const PublishFlags& flags);
int run_notify(const Settings& settings, const std::string& file, const PublishFlags& flags);
int run_digest(const Settings& settings, const PublishFlags& flags);
int run_impact(const Settings& settings, const PublishFlags& flags);

// What of the command line several commands share; cli/options.cpp knows the flags of each.
struct OptionGroups {
  bool live = false;         // --url
  bool migrations = false;   // --migrations, --convention
  bool replay = false;       // --prelude, --search-path, --shadow-url and the cache
  bool at = false;           // --at, --owner
  bool filters = false;      // --include, --exclude, --cluster
  bool presets = false;      // --preset
  bool format = false;       // --format, --output
  bool output = false;       // --output alone
  bool verdict = false;      // --fail-on, --previous
  bool witness = false;      // --witness
  bool record = false;       // --record
  bool json_or_sql = false;  // --format json or sql
  bool sql = false;          // --sql
  bool repair = false;       // what of the SQL is wanted: --only, --allow-hazards, --rename
  bool catch_up = false;     // what catchup has by itself
  bool confirm = false;      // --confirm: it may change the live database
};

struct Argument {
  std::string_view name, help;
};

struct Command {
  std::string_view name, summary;
  std::string_view description;  // more of it, for its --help
  std::string_view examples;
  std::string_view exit_codes;    // "0 no drift\n2 drift"; 64 is the same for all
  bool only_in_place = false;     // it changes live only with --in-place
  std::string_view alias = {};    // what most tools call it; understood as the same
  std::string_view formats = {};  // that it writes, separated by blanks; empty: those of reports
  OptionGroups groups = {};
  std::span<const Argument> arguments = {};
  int (*run)(const Settings&, const Options&);  // null: it is about the command line alone
};

std::span<const Command> runner_commands();   // those that change databases, and their company
std::span<const Command> publish_commands();  // those that publish results
std::span<const Command> all_commands();
const Command* find_command(std::string_view name);
// Whether a list of names with a space between them has this one.
bool is_named_in(std::string_view list, std::string_view name);

}  // namespace plumbline
