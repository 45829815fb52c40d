#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/completion.h"
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
     "the live database: postgres://USER@HOST/DATABASE or a libpq conninfo; without it the PG* variables "
     "count. "
     "Keep the password in PGPASSWORD or ~/.pgpass",
     &Options::url},
    {&OptionGroups::migrations, "--migrations", "DIR", "the folder of the migrations", &Options::migrations},
    {&OptionGroups::migrations, "--convention", "NAME",
     "whose migrations they are (dbmate, flyway, ...); without it plumbline looks", &Options::convention},
    {&OptionGroups::replay, "--prelude", "FILE.sql",
     "run before the first migration: roles, extensions, what else the platform provides", &Options::prelude},
    {&OptionGroups::replay, "--search-path", "LIST", "search_path while migrations run, as in SET",
     &Options::search_path},
    {&OptionGroups::replay, "--shadow-url", "URL",
     "replay in a new database on this server instead of starting one", &Options::shadow_url},
    {&OptionGroups::replay, "--cache-dir", "DIR", "where replayed schemas are kept for the next run",
     &Options::cache_directory},
    {&OptionGroups::at, "--at", "VERSION",
     "which migrations count: applied (default: what the live database says it has), head (all), or up to a "
     "version",
     &Options::at},
    {&OptionGroups::at, "--owner", "ROLE",
     "the role that migrates on live; its objects are those of the migrating role here", &Options::owner},
    {&OptionGroups::format, "--format", "FORMAT",
     "text, markdown, json, html, sarif, junit, github, github-summary, gitlab or prometheus; without it the "
     "ending of the output file counts",
     &Options::format},
    {&OptionGroups::json_or_sql, "--format", "FORMAT",
     "json, or sql for a script that makes the whole schema in an empty database", &Options::snapshot_format},
    {&OptionGroups::catch_up, "--section", "SECTION", "print only this section: up or down",
     &Options::section},
    {&OptionGroups::catch_up, "--lock-timeout", "TIME",
     "how long a statement may wait for a lock, as in SET (default 3s)", &Options::lock_timeout},
    {&OptionGroups::catch_up, "--name", "TEXT", "what the migration is called", &Options::name},
    {&OptionGroups::verdict, "--fail-on", "LEVEL",
     "drift below this severity exits 0: info, low, medium, high, critical; new: what the run before had "
     "does, too; \"new,high\" asks for both",
     &Options::fail_on},
    {&OptionGroups::verdict, "--previous", "FILE",
     "the JSON report of the run before: says what is new, known and fixed. A file that is not there yet is "
     "a first run",
     &Options::previous},
};

struct ListFlag {
  bool OptionGroups::*group;
  const char *name, *type, *help;
  std::vector<std::string> Options::*values;
};

constexpr char output_help[] =
    "write here instead of to stdout; may be given more than once, each as FORMAT=FILE or with the format of "
    "its ending";

constexpr ListFlag list_flags[] = {
    {&OptionGroups::format, "--output,-o", "[FORMAT=]FILE", output_help, &Options::outputs},
    {&OptionGroups::output, "--output,-o", "FILE",
     "write here instead of to stdout; may be given more than once", &Options::outputs},
    {&OptionGroups::filters, "--include", "GLOB",
     "compare only objects whose schema.name matches; repeatable", &Options::include},
    {&OptionGroups::filters, "--exclude", "GLOB", "leave out objects whose schema.name matches; repeatable",
     &Options::exclude},
    {&OptionGroups::catch_up, "--allow-hazards", "NAME,...",
     "also print what loses rows, rewrites tables or blocks others for long; what is held back says its "
     "names",
     &Options::allowed_hazards},
    {&OptionGroups::catch_up, "--rename", "OLD=NEW",
     "what looks like one object gone and another one come is one that was renamed; repeatable",
     &Options::renames},
    {&OptionGroups::presets, "--preset", "NAME",
     "hide what a service or tool made itself (supabase, rds, pg_cron, ...); auto (default): what the server "
     "shows "
     "signs of, none; repeatable",
     &Options::presets},
};

struct Switch {
  bool OptionGroups::*group;
  const char *name, *help;
  bool Options::*value;
};

constexpr Switch switches[] = {
    {&OptionGroups::replay, "--no-cache", "keep nothing for the next run, use nothing of the last",
     &Options::no_cache},
    {&OptionGroups::filters, "--cluster",
     "also roles, memberships, tablespaces and settings outside the database", &Options::cluster},
    {&OptionGroups::witness, "--witness",
     "when no difference is found, ask pg_dump whether it sees one; what it sees is an error",
     &Options::witness},
    {&OptionGroups::record, "--record",
     "keep what was found in the ledger on live, and say what is new since: the one thing check writes there",
     &Options::record},
    {&OptionGroups::sql, "--unproven", "print the SQL without proving it on a throw-away server first",
     &Options::unproven},
    {&OptionGroups::json_or_sql, "--unproven", "write SQL without proving it on a throw-away server first",
     &Options::unproven},
    {&OptionGroups::catch_up, "--revert", "make live what the migrations describe", &Options::revert},
    {&OptionGroups::catch_up, "--adopt", "a new migration that makes the migrations describe live",
     &Options::adopt},
    {&OptionGroups::catch_up, "--write", "with --adopt: write it into the migrations directory",
     &Options::write},
    {&OptionGroups::catch_up, "--offline",
     "plain statements, which block others: for a database that nobody uses meanwhile", &Options::offline},
    {&OptionGroups::catch_up, "--unproven", "print the SQL even when it was not proven", &Options::unproven},
    {&OptionGroups::sql, "--sql", "print the SQL that turns ACTUAL into EXPECTED", &Options::sql},
};

constexpr char exit_codes[] =
    "Exit codes:\n"
    "  0   no difference (or, with --fail-on LEVEL, none of that level)\n"
    "  2   drift was found\n"
    "  3   migrations are pending (status --exit-code)\n"
    "  1   an error: nothing is known about drift\n"
    "  64  wrong usage\n";

// Of the commands that change databases, and their company.
constexpr char runner_exit_codes[] =
    "Exit codes:\n"
    "  0   done, or all is well\n"
    "  1   an error, or something is not as it should be\n"
    "  3   migrations are pending (status --exit-code)\n"
    "  64  wrong usage\n";

constexpr char environment_help[] =
    "Environment:\n"
    "  DATABASE_URL, PG*, ~/.pgpass    the live database, as for every PostgreSQL program\n"
    "  PLUMBLINE_MIGRATIONS, ...       a flag's value for every run: PLUMBLINE_ and the flag's name\n"
    "  PLUMBLINE_ENV                   which [env.NAME] of plumbline.toml counts\n"
    "  PLUMBLINE_PG_BIN                folders of server programs for throw-away servers\n"
    "  NO_COLOR                        no colours\n"
    "A .env file in the working directory adds to it. plumbline.toml is found by walking up.\n"
    "A flag counts for more than the environment, and that for more than plumbline.toml.\n";

// Broken into lines that fit beside the names of the flags.
std::string wrapped(std::string_view text) {
  constexpr std::size_t width = 76;
  std::string result;
  std::size_t line = 0;
  for (const std::string& word : split(text, ' ')) {
    if (line > 0 && line + 1 + word.size() > width) {
      result += '\n';
      line = 0;
    }
    if (line > 0) result += ' ';
    line += word.size() + (line > 0 ? 1 : 0);
    result += word;
  }
  return result;
}

// The same flags before and after the command's name.
void define_general(CLI::App& app, Options& options) {
  const char* group = "General";
  app.add_option("--config", options.config,
                 "the settings file instead of the plumbline.toml found by walking up")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--env", options.environment, "which [env.NAME] of plumbline.toml counts")
      ->type_name("NAME")
      ->group(group);
  app.add_flag("--quiet,-q", options.quiet, "say nothing along the way but errors")->group(group);
  app.add_flag("--verbose,-v", options.verbose, "say more along the way")->group(group);
  app.add_flag_callback(
         "--color,--colour", [&] { options.colour = true; }, "colours, terminal or not")
      ->group(group);
  app.add_flag_callback(
         "--no-color,--no-colour", [&] { options.colour = false; }, "no colours")
      ->group(group);
  app.set_help_flag("--help,-h", "this text")->group(group);
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
    app.add_option(flag.name, options.*flag.value, wrapped(flag.help))->type_name(flag.type)->group(group);
  }
  for (const ListFlag& flag : list_flags) {
    if (!(command.groups.*flag.group)) continue;
    app.add_option(flag.name, options.*flag.values, wrapped(flag.help))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name(flag.type)
        ->group(group);
  }
  for (const Switch& flag : switches) {
    if (command.groups.*flag.group) app.add_flag(flag.name, options.*flag.value, flag.help)->group(group);
  }
  define_runner_flags(app, command, options.runner);
  define_publish_flags(app, command, options.publish);
  define_general(app, options);
  const bool is_runner =
      std::ranges::find(runner_commands(), command.name, &Command::name) != runner_commands().end();
  app.footer("\nExamples:\n" + std::string(command.examples) + "\n\n" +
             (is_runner ? runner_exit_codes : exit_codes) + "\n" + environment_help);
}

void define(CLI::App& app, Options& options) {
  app.get_formatter()->column_width(28);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Positionals", "Arguments");
  app.get_formatter()->label("REQUIRED", "");
  app.name("plumbline");
  app.description("plumbline says whether a live PostgreSQL schema is the one that its migrations describe.");
  app.footer("\nplumbline COMMAND --help says more of each.\n\n" + std::string(exit_codes) + "\n" +
             environment_help);
  app.set_version_flag("--version", "plumbline " PLUMBLINE_VERSION, "print the version")->group("General");
  define_general(app, options);
  for (const Command& command : all_commands()) {
    CLI::App* own = app.add_subcommand(std::string(command.name), std::string(command.summary));
    own->group("Commands");
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

std::string help_of(CLI::App& top) {
  if (const Command* command = find_command(chosen(top).get_name())) {
    const std::string more =
        command->description.empty() ? "" : "\n" + std::string(command->description) + "\n";
    top.get_subcommands().front()->description(std::string(command->summary) + "\n" + more);
  }
  return top.help();
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

[[noreturn]] void refuse_extras(const CLI::App& top, const CLI::App& app,
                                const std::vector<std::string>& extras) {
  for (const std::string& word : extras) {
    if (word.size() > 1 && word[0] == '-') refuse_flag(top, app, word);
  }
  if (app.get_parent()) {
    throw UsageError("one argument too many: " + shown_argument(extras.front()), help_hint(app));
  }
  std::vector<std::string> names;
  for (const Command& command : all_commands()) names.emplace_back(command.name);
  const std::string near = did_you_mean(extras.front(), names);
  throw UsageError("unknown command " + shown_argument(extras.front()),
                   (near.empty() ? "" : "Did you mean " + near + "? ") + help_hint(app));
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

// "plumbline help check" is "plumbline check --help".
std::vector<std::string> words(int argc, const char* const* argv) {
  std::vector<std::string> result(argv + std::min(argc, 1), argv + argc);
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
    options.print = help_of(app);
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
