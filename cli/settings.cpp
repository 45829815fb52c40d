#include "cli/settings.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/environment.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/suggest.h"
#include "cli/target.h"
#include "cli/trust.h"
#include "diff/preset.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

void read_config_file(const Options& options, Settings& settings) {
  const auto named = options.config ? options.config : environment_variable("PLUMBLINE_CONFIG");
  settings.environment =
      options.environment ? *options.environment : environment_variable("PLUMBLINE_ENV").value_or("");
  const auto file = named ? std::filesystem::path(*named) : find_config(std::filesystem::current_path());
  settings.config_of_project = file && belongs_to_project(*file, !named);
  if (file) return read_config(*file, settings.environment, settings);
  if (!settings.environment.empty()) {
    throw Error(
        "there is no plumbline.toml that could say what the environment \"" + settings.environment + "\" is",
        "Write one with a section [env." + settings.environment + "], or name it with --config.");
  }
}

void put(const std::optional<std::string>& said, std::string& target) {
  if (said) target = *said;
}

void put(const std::vector<std::string>& said, std::vector<std::string>& target) {
  if (!said.empty()) target = said;
}

void refuse_unknown_preset(const std::string& name) {
  std::vector<std::string> known = preset_names();
  known.insert(known.begin(), {"auto", "none"});
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::string near = did_you_mean(name, known);
  throw UsageError("there is no preset \"" + name + "\"", near.empty()
                                                              ? "Use one of: " + join(known, ", ") + "."
                                                              : "Did you mean \"" + near + "\"?");
}

void read_witness(const std::string& name, Witnesses& witness) {
  witness = {name == "pg_dump" || name == "both", name == "information_schema" || name == "both"};
  if (witness.any()) return;
  throw UsageError("unknown witness \"" + name + "\"", "Use pg_dump, information_schema or both.");
}

void apply_options(const Options& options, Settings& settings) {
  put(options.shadow_url, settings.shadow_url);
  put(options.migrations, settings.migrations.path);
  put(options.convention, settings.migrations.convention);
  put(options.prelude, settings.prelude);
  put(options.search_path, settings.search_path);
  put(options.at, settings.at);
  put(options.owner, settings.owner);
  put(options.format, settings.format);
  put(options.snapshot_format, settings.snapshot_format);
  put(options.cache_directory, settings.cache_directory);
  put(options.outputs, settings.outputs);
  put(options.presets, settings.presets);
  for (const std::string& name : options.presets) refuse_unknown_preset(name);
  put(options.include, settings.include);
  put(options.exclude, settings.exclude);
  if (options.no_cache) settings.cache_directory.clear();
  settings.cluster = options.cluster;
  if (options.witness) read_witness(*options.witness, settings.witness);
  settings.unproven = options.unproven;
  settings.catch_up.revert = options.revert;
  settings.catch_up.adopt = options.adopt;
  settings.catch_up.write = options.write;
  settings.catch_up.offline = options.offline;
  settings.catch_up.apply = options.apply;
  settings.catch_up.yes = options.yes;
  if (options.apply) settings.catch_up.lock_timeout = settings.runner.lock_timeout;
  if (options.runner.wait) settings.runner.wait = *options.runner.wait;
  put(options.name, settings.catch_up.name);
  put(options.section, settings.catch_up.section);
  put(options.lock_timeout, settings.catch_up.lock_timeout);
  settings.catch_up.renames = options.renames;
  settings.catch_up.no_renames = options.no_renames;
  settings.catch_up.only = options.only;
  settings.catch_up.except = options.except;
  settings.catch_up.accept = options.accept;
  settings.catch_up.using_expressions = options.using_expressions;
  settings.catch_up.mark_applied = options.mark_applied;
  for (const std::string& list : options.allowed_hazards) {
    for (const std::string& name : split(list, ',')) settings.catch_up.allowed_hazards.push_back(name);
  }
  settings.quiet = options.quiet;
  settings.verbose = options.verbose;
  settings.colour = options.colour.value_or(wants_colour(isatty(STDOUT_FILENO) == 1));
  put(options.previous, settings.previous);
  put(options.previous_snapshot, settings.previous_snapshot);
  settings.record = options.record;
  if (options.fail_on && !read_fail_on(*options.fail_on, settings)) {
    throw UsageError("unknown severity \"" + *options.fail_on + "\"",
                     "Use info, low, medium, high, critical, new or never.");
  }
}

void refuse_news_of_nothing(const Settings& settings) {
  if (!settings.fail_on_new || settings.record || !settings.previous.empty()) return;
  throw UsageError("--fail-on new needs to know what was there before",
                   "Name the last report with --previous FILE, or let check --record keep it.");
}

void refuse_two_memories(const Settings& settings) {
  if (!settings.record || settings.previous.empty()) return;
  throw UsageError("--record and --previous both say what was there before",
                   "Leave one out: the table of the ledger, or the file.");
}

// Who named the server for replays; it is sent the same secrets as live.
void mind_shadow(const Options& options, const std::set<std::string>& from_dotenv, const Settings& settings) {
  if (!options.command || !options.command->groups.replay) return;
  if (options.shadow_url || settings.shadow_url.empty()) return;
  const std::string variable = "PLUMBLINE_SHADOW_URL";
  NamedAddress address = address_of_file(settings.file_shadow_url,
                                         "url of [shadow] in " + settings.config_file, from_dotenv, settings);
  if (environment_variable(variable))
    address = {.url = {}, .source = variable + " in .env", .by_project = from_dotenv.contains(variable)};
  address.url = settings.shadow_url;
  mind_address(address, from_dotenv, settings);
}

void mind_programs(const Options& options, const Settings& settings) {
  if (!writes_live(options)) return;
  if (!options.runner.no_backup) mind_program(settings.runner.backup_command, "backup_command", settings);
  mind_program(settings.runner.health_command, "health_command", settings);
}

std::set<std::string> read_dotenv(bool trusted, Settings& settings) {
  const FromDotenv said = load_dotenv(std::filesystem::current_path(), trusted);
  for (const std::string& name : said.refused)
    settings.warnings.push_back(name + " in .env is not used without --trust-project");
  return said.added;
}

}  // namespace

bool read_fail_on(const std::string& text, Settings& settings) {
  settings.fail_on.reset();
  settings.fail_on_new = false;
  settings.fail_on_never = trim(text) == "never";
  if (settings.fail_on_never) return true;
  for (const std::string& word : split(text, ',')) {
    if (const std::string_view part = trim(word); part == "new") {
      settings.fail_on_new = true;
    } else if (settings.fail_on = severity_from(part); !settings.fail_on) {
      return false;
    }
  }
  return true;
}

Settings resolve_settings(const Options& options) {
  Settings settings;
  settings.trusts_project = is_project_trusted(options);
  const std::set<std::string> from_dotenv = read_dotenv(settings.trusts_project, settings);
  log::configure(options.quiet     ? log::Level::quiet
                 : options.verbose ? log::Level::verbose
                                   : log::Level::normal,
                 options.colour.value_or(wants_colour(isatty(STDERR_FILENO) == 1)));
  settings.cache_directory = default_cache_directory();
  read_config_file(options, settings);
  apply_environment(settings);
  choose_database(options, from_dotenv, settings);
  apply_options(options, settings);
  if (options.fail_on) refuse_news_of_nothing(settings);
  refuse_two_memories(settings);
  mind_shadow(options, from_dotenv, settings);
  mind_programs(options, settings);
  if (options.command && options.command->groups.live) take_password(settings);
  check_outputs(settings);
  if (!settings.config_file.empty()) log::detail("settings from " + settings.config_file);
  return settings;
}

}  // namespace plumbline
