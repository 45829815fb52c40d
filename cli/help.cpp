#include "cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "cli/commands.h"
#include "cli/wrap.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

constexpr std::size_t help_width = 80;

constexpr char program_help[] =
    "plumbline detects schema drift between a live PostgreSQL database and its migrations.";

constexpr char environment_help[] =
    "Environment:\n"
    "  DATABASE_URL, PG*         the live database, as for every PostgreSQL program\n"
    "  PLUMBLINE_MIGRATIONS ...  default of a flag: PLUMBLINE_ and the flag's name\n"
    "  PLUMBLINE_ENV             the [env.NAME] section of plumbline.toml to use\n"
    "  PLUMBLINE_PG_BIN          directories of server programs for temporary servers\n"
    "  NO_COLOR                  use no colours\n"
    "Variables are also read from .env in the working directory, and settings from\n"
    "plumbline.toml there or in a directory above.\n"
    "Precedence: flags, environment, plumbline.toml.\n";

// "name   text", the text in a column of its own; a name too long for its column has a line of its own.
std::string help_entry(const std::string& name, std::string_view text, std::size_t column,
                       std::size_t most = help_width) {
  const std::string indent(column, ' ');
  std::string line = "  " + name;
  if (line.size() + 2 > column) {
    line += "\n" + indent;
  } else {
    line.resize(column, ' ');
  }
  return line + wrapped(text, most, indent, column) + "\n";
}

constexpr std::size_t flag_column = 26;

std::string shown_flag(const CLI::Option& option) {
  std::string name;
  for (const std::string& letter : option.get_snames()) name += "-" + letter + ", ";
  name += "--" + option.get_lnames().front();
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() == 0 && !type.starts_with('['))
    return name;                                       // "[": it may have a value
  return name + " " + type.substr(0, type.find(':'));  // behind it stands what the library checks
}

std::string flag_lines(const CLI::App& app, const std::string& group) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional() && option->get_group() == group)
      text += help_entry(shown_flag(*option), option->get_description(), flag_column);
  }
  return text.empty() ? text : "\n" + group + ":\n" + text;
}

std::vector<const CLI::Option*> arguments_of(const CLI::App& app) {
  std::vector<const CLI::Option*> list;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) list.push_back(option);
  }
  return list;
}

std::string usage_line(const CLI::App& app) {
  std::string text = "Usage: plumbline " + app.get_name() + " [OPTIONS]";
  for (const CLI::Option* argument : arguments_of(app)) {
    std::string word = argument->get_name();
    if (argument->get_items_expected_max() > 1) word += "...";
    text += argument->get_required() ? " " + word : " [" + word + "]";
  }
  return text + "\n";
}

std::string argument_lines(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* argument : arguments_of(app))
    text += help_entry(argument->get_name(), argument->get_description(), flag_column);
  return text.empty() ? text : "\nArguments:\n" + text;
}

std::string exit_code_lines(const Command& command) {
  std::string text = "\nExit codes:\n";
  for (const std::string& line : split(command.exit_codes, '\n')) {
    const std::size_t blank = line.find(' ');
    text += help_entry(line.substr(0, blank), line.substr(blank + 1), 6);
  }
  return text + help_entry("64", "wrong usage", 6);
}

std::string help_of(const CLI::App& app, const Command& command) {
  std::string text = std::string(command.summary) + ".\n\n";
  if (!command.description.empty()) text += wrapped(command.description, help_width) + "\n\n";
  if (!command.alias.empty())
    text += "\"plumbline " + std::string(command.alias) + "\" is the same command.\n\n";
  text += usage_line(app) + argument_lines(app) + flag_lines(app, "Options") + flag_lines(app, "General");
  text += "\nExamples:\n" + std::string(command.examples) + "\n";
  text += exit_code_lines(command);
  return text + "\nSee \"plumbline --help\" for environment variables and plumbline.toml.\n";
}

std::string help_of_all(const CLI::App& app) {
  constexpr std::size_t one_line = 90;  // scripts/package-extras reads the list line by line
  std::string text =
      wrapped(program_help, help_width) + "\n\nUsage: plumbline [OPTIONS] COMMAND\n\nCommands:\n";
  for (const Command& command : all_commands()) {
    const std::string also = command.alias.empty() ? "" : " (also: " + std::string(command.alias) + ")";
    text += help_entry(std::string(command.name), std::string(command.summary) + also, 20, one_line);
  }
  text += flag_lines(app, "General") + "\n" + environment_help;
  return text + "\nRun \"plumbline COMMAND --help\" for the options and exit codes of a command.\n";
}

}  // namespace

std::string help_text(const CLI::App& app) {
  const Command* command = app.get_parent() ? find_command(app.get_name()) : nullptr;
  return command ? help_of(app, *command) : help_of_all(app);
}

}  // namespace plumbline
