#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/flag_values.h"
#include "cli/help.h"
#include "cli/suggest.h"
#include "postgres/connection.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct TextFlag {
  bool OptionGroups::*group;
  const char *name, *type, *help;
  std::optional<std::string> Options::*value;
};

constexpr TextFlag text_flags[] = {
    {&OptionGroups::live, "--url", "URL",
     "the live database, as postgres://USER@HOST/DATABASE or a libpq connection string (default: the PG* "
     "variables); keep the password in PGPASSWORD or ~/.pgpass",
     &Options::url},
    {&OptionGroups::confirm, "--confirm", "NAME",
     "name of the protected environment, instead of typing it on the terminal", &Options::confirm},
    {&OptionGroups::migrations, "--migrations", "DIR",
     "the directory of the migrations (default: the only one at a usual place, such as migrations or "
     "db/migrations)",
     &Options::migrations},
    {&OptionGroups::migrations, "--convention", "NAME",
     "the tool whose migrations they are, such as dbmate or flyway (default: detected)",
     &Options::convention},
    {&OptionGroups::replay, "--prelude", "FILE.sql",
     "SQL to run before the first migration: roles, extensions and whatever else the platform provides",
     &Options::prelude},
    {&OptionGroups::replay, "--search-path", "LIST", "search_path for the migrations, as in SET",
     &Options::search_path},
    {&OptionGroups::replay, "--shadow-url", "URL",
     "replay in a new database on this server instead of starting a temporary one", &Options::shadow_url},
    {&OptionGroups::replay, "--cache-dir", "DIR", "directory for replayed schemas, reused by the next run",
     &Options::cache_directory},
    {&OptionGroups::at, "--at", "VERSION",
     "migrations to replay: applied (those the live database records, the default), head (all), or up to "
     "this version",
     &Options::at},
    {&OptionGroups::at, "--owner", "ROLE",
     "the role that migrates the live database (default: the owner of its ledger)", &Options::owner},
    {&OptionGroups::format, "--format", "FORMAT",
     "{formats} (default: by the ending of the output file, else text)", &Options::format},
    {&OptionGroups::json_or_sql, "--format", "FORMAT",
     "json, or sql for a script that creates the schema in an empty database", &Options::snapshot_format},
    {&OptionGroups::catch_up, "--section", "SECTION", "print this section: up, down or both",
     &Options::section},
    {&OptionGroups::catch_up, "--lock-timeout", "TIME",
     "longest wait for a lock per statement, as in SET (default: 3s)", &Options::lock_timeout},
    {&OptionGroups::catch_up, "--name", "TEXT", "name of the migration", &Options::name},
    {&OptionGroups::presets, "--previous-snapshot", "FILE",
     "earlier snapshot of the live database: renames since then are detected by OID instead of guessed",
     &Options::previous_snapshot},
    {&OptionGroups::verdict, "--fail-on", "LEVEL",
     "exit 0 for drift below this severity: info, low, medium, high or critical; with new, also for drift "
     "that the previous run reported; \"new,high\" combines both; with never, for any drift",
     &Options::fail_on},
    {&OptionGroups::verdict, "--previous", "FILE",
     "JSON report of the previous run, to mark findings as new, known or fixed; may not exist yet",
     &Options::previous},
};

struct ListFlag {
  bool OptionGroups::*group;
  const char *name, *type, *help;
  std::vector<std::string> Options::*values;
};

constexpr ListFlag list_flags[] = {
    {&OptionGroups::format, "--output,-o", "[FORMAT=]FILE",
     "write to this file instead of stdout, in the format of its ending or in FORMAT; repeatable",
     &Options::outputs},
    {&OptionGroups::output, "--output,-o", "FILE", "write to this file instead of stdout; repeatable",
     &Options::outputs},
    {&OptionGroups::filters, "--include", "GLOB",
     "compare only objects whose schema.name matches; repeatable", &Options::include},
    {&OptionGroups::filters, "--exclude", "GLOB", "skip objects whose schema.name matches; repeatable",
     &Options::exclude},
    {&OptionGroups::repair, "--allow-hazards", "NAME,...",
     "repair what has these hazards, too, instead of printing it as a comment; each comment names its "
     "hazards",
     &Options::allowed_hazards},
    {&OptionGroups::repair, "--only", "ID",
     "repair this finding (its id, or the name of its object) and what it needs; repeatable", &Options::only},
    {&OptionGroups::repair, "--except", "ID",
     "leave this finding (its id, or the name of its object) and what needs it; repeatable",
     &Options::except},
    {&OptionGroups::catch_up, "--accept", "ID",
     "with --adopt: also adopt this finding of class security; repeatable", &Options::accept},
    {&OptionGroups::repair, "--using", "COLUMN=EXPRESSION",
     "make the column's values from this expression when its type changes; repeatable",
     &Options::using_expressions},
    {&OptionGroups::repair, "--rename", "OLD=NEW", "treat OLD and NEW as one renamed object; repeatable",
     &Options::renames},
    {&OptionGroups::repair, "--no-rename", "OBJECT",
     "the object was not renamed, though another looks like it; repeatable", &Options::no_renames},
    {&OptionGroups::presets, "--preset", "NAME",
     "hide objects that a service or tool creates itself (supabase, rds, pg_cron, ...): auto (those detected "
     "on the server, the default), none or names; repeatable",
     &Options::presets},
};

struct Switch {
  bool OptionGroups::*group;
  const char *name, *help;
  bool Options::*value;
};

constexpr Switch switches[] = {
    {&OptionGroups::replay, "--no-cache", "neither read nor write the cache", &Options::no_cache},
    {&OptionGroups::filters, "--cluster",
     "also compare roles, memberships, tablespaces and settings outside the database", &Options::cluster},
    {&OptionGroups::record, "--record",
     "store the findings in the ledger of the live database and mark those that are new", &Options::record},
    {&OptionGroups::sql, "--unproven", "print the SQL without verifying it on a temporary server",
     &Options::unproven},
    {&OptionGroups::json_or_sql, "--unproven", "write the SQL without verifying it on a temporary server",
     &Options::unproven},
    {&OptionGroups::catch_up, "--revert", "change the live database to match the migrations",
     &Options::revert},
    {&OptionGroups::catch_up, "--apply", "with --revert: run the SQL on the live database, after a question",
     &Options::apply},
    {&OptionGroups::catch_up, "--yes", "with --apply: do not ask", &Options::yes},
    {&OptionGroups::catch_up, "--adopt", "write a migration that matches the live database", &Options::adopt},
    {&OptionGroups::catch_up, "--write", "with --adopt: write it to the migrations directory",
     &Options::write},
    {&OptionGroups::catch_up, "--mark-applied",
     "with --write: record it as applied on the live database, in the ledger of the directory's tool",
     &Options::mark_applied},
    {&OptionGroups::catch_up, "--offline", "use plain statements that block others: nobody uses the database",
     &Options::offline},
    {&OptionGroups::catch_up, "--unproven", "print the SQL even if its verification failed",
     &Options::unproven},
    {&OptionGroups::sql, "--sql", "print the SQL that turns ACTUAL into EXPECTED", &Options::sql},
};

// A flag whose value may be left out, which CLI11 has after "=" only: words() sees to the rest.
constexpr std::string_view witnesses[] = {"pg_dump", "information_schema", "both"};
constexpr char witness_help[] =
    "cross-check a clean result and fail if another reader finds a difference: pg_dump (default), "
    "information_schema, which needs no privilege but to connect, or both";

// The same flags before and after the command's name.
void define_general(CLI::App& app, Options& options) {
  const char* group = "General";
  app.add_option("--config", options.config,
                 "settings file (default: plumbline.toml in this directory or above)")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--env", options.environment, "use the [env.NAME] section of plumbline.toml")
      ->type_name("NAME")
      ->group(group);
  app.add_flag("--trust-project", options.trust_project,
               "let .env and plumbline.toml of the checkout name programs and redirect connections")
      ->group(group);
  app.add_flag("--quiet,-q", options.quiet, "print errors only")->group(group);
  app.add_flag("--verbose,-v", options.verbose, "print what is read, replayed and compared")->group(group);
  app.add_flag_callback(
         "--color,--colour", [&] { options.colour = true; }, "use colours even without a terminal")
      ->group(group);
  app.add_flag_callback(
         "--no-color,--no-colour", [&] { options.colour = false; }, "use no colours")
      ->group(group);
  app.set_help_flag("--help,-h", "print this help")->group(group);
}

// The help of a flag, with the formats of this command.
std::string described(std::string_view help, const Command& command) {
  constexpr std::string_view formats = "{formats}";
  if (!help.starts_with(formats)) return std::string(help);
  std::vector<std::string> names = flag_values(command.name, "--format");
  const std::string last = names.back();
  names.pop_back();
  return join(names, ", ") + " or " + last + std::string(help.substr(formats.size()));
}

void define_command(CLI::App& app, const Command& command, Options& options) {
  for (std::size_t place = 0; place < command.arguments.size(); ++place) {
    const Argument& argument = command.arguments[place];
    app.add_option(std::string(argument.name), options.arguments[place], std::string(argument.help))
        ->type_name("")
        ->required();
  }
  const char* group = "Options";
  for (const TextFlag& flag : text_flags) {
    if (!(command.groups.*flag.group)) continue;
    app.add_option(flag.name, options.*flag.value, described(flag.help, command))
        ->type_name(flag.type)
        ->group(group);
  }
  for (const ListFlag& flag : list_flags) {
    if (!(command.groups.*flag.group)) continue;
    app.add_option(flag.name, options.*flag.values, described(flag.help, command))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name(flag.type)
        ->group(group);
  }
  for (const Switch& flag : switches) {
    if (command.groups.*flag.group) app.add_flag(flag.name, options.*flag.value, flag.help)->group(group);
  }
  if (command.groups.witness) {
    app.add_flag("--witness", options.witness, std::string(witness_help))
        ->type_name("[READER]")
        ->group(group);
  }
  define_runner_flags(app, command, options.runner);
  define_publish_flags(app, command, options.publish);
  define_general(app, options);
}

void define(CLI::App& app, Options& options) {
  app.name("plumbline");
  app.set_version_flag("--version", "plumbline " PLUMBLINE_VERSION, "print the version")->group("General");
  define_general(app, options);
  for (const Command& command : all_commands()) {
    CLI::App* own = app.add_subcommand(std::string(command.name), std::string(command.summary));
    if (!command.alias.empty()) own->alias(std::string(command.alias));
    define_command(*own, command, options);
  }
}

std::vector<std::string> names_of_flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string help_hint(const CLI::App& app) {
  const std::string command = app.get_parent() ? "plumbline " + app.get_name() : "plumbline";
  return "See \"" + command + " --help\".";
}

const CLI::App& chosen(const CLI::App& top) {
  const auto commands = top.get_subcommands();
  return commands.empty() ? top : *commands.front();
}

// Commands other than this one that have the flag: "diff".
std::string owner_of_flag(const CLI::App& top, const std::string& flag) {
  for (const CLI::App* other : top.get_subcommands([](const CLI::App*) { return true; })) {
    const std::vector<std::string> names = names_of_flags(*other);
    if (std::find(names.begin(), names.end(), flag) != names.end()) return other->get_name();
  }
  return {};
}

[[noreturn]] void refuse_flag(const CLI::App& top, const CLI::App& app, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));  // what follows may hold a password
  const std::string near = did_you_mean(flag, names_of_flags(app));
  const std::string owner = near.empty() ? owner_of_flag(top, flag) : std::string();
  std::string hint = help_hint(app);
  if (!near.empty()) hint = "Did you mean " + near + "? " + hint;
  if (!owner.empty()) hint = flag + " is a flag of \"plumbline " + owner + "\". " + hint;
  throw UsageError("unknown flag \"" + flag + "\"", hint);
}

std::string shown_argument(const std::string& word) {
  return looks_like_conninfo(word) ? "a database URL" : "\"" + word + "\"";
}

// What other tools call our commands, besides the aliases that are understood.
struct Synonym {
  std::string_view theirs, ours;
};
constexpr Synonym synonyms[] = {
    {"generate", "new"},      {"add", "new"},          {"make", "new"},          {"apply", "up"},
    {"deploy", "up"},         {"upgrade", "up"},       {"undo", "down"},         {"revert", "down"},
    {"downgrade", "down"},    {"info", "status"},      {"pending", "status"},    {"current", "status"},
    {"version", "--version"}, {"drift", "check"},      {"verify", "check"},      {"compare", "diff"},
    {"dump", "snapshot"},     {"inspect", "snapshot"}, {"plan", "up --dry-run"}, {"fix", "catchup"},
    {"resolve", "catchup"},   {"lint", "validate"},    {"log", "history"},       {"setup", "init"},
};

std::string meant_command(const std::string& word) {
  for (const Synonym& each : synonyms) {
    if (each.theirs == word) return std::string(each.ours);
  }
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    names.emplace_back(command.name);
    if (!command.alias.empty()) names.emplace_back(command.alias);
  }
  return did_you_mean(word, names);
}

[[noreturn]] void refuse_extras(const CLI::App& top, const CLI::App& app,
                                const std::vector<std::string>& extras) {
  for (const std::string& word : extras) {
    if (word.size() > 1 && word[0] == '-') refuse_flag(top, app, word);
  }
  if (app.get_parent()) {
    throw UsageError("one argument too many: " + shown_argument(extras.front()), help_hint(app));
  }
  const std::string near = meant_command(extras.front());
  throw UsageError("unknown command " + shown_argument(extras.front()),
                   (near.empty() ? "" : "Did you mean \"" + near + "\"? ") + help_hint(app));
}

[[noreturn]] void refuse(const CLI::App& top, const CLI::Error& error) {
  const CLI::App& app = chosen(top);
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) && text.starts_with("--")) {
    throw UsageError(text.substr(0, text.find(':')) + " needs a value", help_hint(app));
  }
  const std::vector<std::string> extras = top.remaining(true);
  if (!extras.empty()) refuse_extras(top, app, extras);
  if (&app == &top) throw UsageError("no command was given", help_hint(app));
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_required() && option->count() == 0) {
      throw UsageError(option->get_name() + " is missing", help_hint(app));
    }
  }
  throw UsageError(text, help_hint(app));
}

// "--witness both" becomes "--witness=both", and "--witness" before anything else "--witness=pg_dump".
void join_witness(std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--witness") continue;
    const bool said =
        i + 1 < words.size() && std::ranges::find(witnesses, words[i + 1]) != std::end(witnesses);
    words[i].append("=").append(said ? words[i + 1] : witnesses[0]);
    if (said) words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

// "plumbline help check" is "plumbline check --help".
std::vector<std::string> words(int argc, const char* const* argv) {
  std::vector<std::string> result(argv + std::min(argc, 1), argv + argc);
  join_witness(result);
  if (result.empty() || result.front() != "help") return result;
  result.erase(result.begin());
  result.emplace_back("--help");
  return result;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  options.arguments.resize(2);
  CLI::App app;
  define(app, options);
  app.require_subcommand(1);
  std::vector<std::string> reversed = words(argc, argv);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    options.print = help_text(chosen(app));
    return options;
  } catch (const CLI::CallForVersion& version) {
    options.print = std::string(version.what()) + "\n";
    return options;
  } catch (const CLI::ParseError& error) {
    refuse(app, error);
  }
  options.command = find_command(chosen(app).get_name());
  if (!options.command->run) {  // it is about the command line itself, whatever the settings say
    options.print = completion_script(app, options.arguments.front());
    options.command = nullptr;
    return options;
  }
  options.arguments.resize(options.command->arguments.size());
  if (options.quiet && options.verbose) {
    throw UsageError("--quiet and --verbose exclude each other", help_hint(chosen(app)));
  }
  return options;
}

}  // namespace plumbline
