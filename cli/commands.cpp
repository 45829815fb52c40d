#include "cli/commands.h"

#include <algorithm>
#include <array>
#include <vector>

#include "postgres/text.h"

namespace plumbline {
namespace {

constexpr OptionGroups check_groups{.live = true,
                                    .migrations = true,
                                    .replay = true,
                                    .at = true,
                                    .filters = true,
                                    .presets = true,
                                    .format = true,
                                    .verdict = true,
                                    .witness = true,
                                    .record = true};
constexpr OptionGroups snapshot_groups{.live = true,
                                       .migrations = true,
                                       .replay = true,
                                       .at = true,
                                       .filters = true,
                                       .output = true,
                                       .json_or_sql = true};
// What check takes, and SQL.
constexpr OptionGroups diff_groups = [] {
  OptionGroups groups = check_groups;
  groups.sql = true;
  groups.record = false;
  return groups;
}();
constexpr OptionGroups catch_up_groups{.live = true,
                                       .migrations = true,
                                       .replay = true,
                                       .at = true,
                                       .filters = true,
                                       .presets = true,
                                       .output = true,
                                       .catch_up = true};
constexpr OptionGroups report_groups{.format = true, .verdict = true};
constexpr OptionGroups doctor_groups{
    .live = true, .migrations = true, .replay = true, .at = true, .presets = true, .format = true};

constexpr std::string_view states =
    "A STATE is written the same way everywhere and is recognised by its form:\n"
    "  postgres://...      a database; a libpq conninfo string (\"host=/tmp dbname=shop\") will do as well\n"
    "  FILE.json           a snapshot that plumbline wrote\n"
    "  DIRECTORY           migrations, replayed on a throw-away server\n"
    "  FILE.sql            a schema, run on a throw-away server\n"
    "  git:REV:DIRECTORY   migrations as they were at a revision; ./DIRECTORY starts at the working "
    "directory\n"
    "  empty               a database with nothing in it";

constexpr Argument snapshot_arguments[] = {{"STATE", "what to describe"}};
constexpr Argument diff_arguments[] = {{"ACTUAL", "the state that is"},
                                       {"EXPECTED", "the state that should be"}};
constexpr Argument report_arguments[] = {{"FILE", "a report that --format json wrote"}};

const std::array<Command, 6> commands{{
    {.name = "check",
     .summary = "Is the live schema the one that the migrations describe?",
     .description =
         "Replays the migrations that the live database says it has on a throw-away server, and\n"
         "compares the result with what is live. Reads only: nothing is written to the live database.",
     .examples = "  plumbline check --migrations db/migrations --url postgres://reader@db.internal/shop\n"
                 "  plumbline check --env production --output drift.md --output drift.json\n"
                 "  plumbline check --output page.html --output drift.sarif --output gitlab=quality.json\n"
                 "  plumbline check --previous drift.json --output drift.json --fail-on new,high",
     .groups = check_groups,
     .arguments = {},
     .run = [](const Settings& settings, const Options&) { return run_check(settings); }},
    {.name = "snapshot",
     .summary = "Write the canonical description of a schema as JSON",
     .description = states,
     .examples = "  plumbline snapshot postgres://reader@db.internal/shop --output live.json\n"
                 "  plumbline snapshot git:v2.1:db/migrations > released.json",
     .groups = snapshot_groups,
     .arguments = snapshot_arguments,
     .run = [](const Settings& settings,
               const Options& options) { return run_snapshot(settings, options.arguments.at(0)); }},
    {.name = "diff",
     .summary = "Compare any two states",
     .description = states,
     .examples = "  plumbline diff live.json db/migrations\n"
                 "  plumbline diff git:main:db/migrations db/migrations --format markdown\n"
                 "  plumbline diff postgres:///staging postgres:///production --fail-on high",
     .groups = diff_groups,
     .arguments = diff_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           return run_diff(settings, options.arguments.at(0), options.arguments.at(1), options.sql);
         }},
    {.name = "catchup",
     .summary = "Write the SQL that makes drift go away, either way, proven before it is printed",
     .description =
         "--revert brings live back to what the migrations describe; --adopt writes a migration that makes\n"
         "them describe what is live. Both sections, up and down, are run on a throw-away server first, on\n"
         "the schema as it is and on rows made for it; what does not lead where it should is not printed.\n"
         "Statements that lose rows, rewrite a table or block others for long are printed as comments until\n"
         "--allow-hazards names what they do. Nothing is written to the live database.\n"
         "Exits 0 when there is nothing to do or all of it is printed, 2 when something is held back or "
         "left\n"
         "to be done by hand, 1 when the SQL is not proven.",
     .examples = "  plumbline catchup --revert --section up | psql \"$DATABASE_URL\"\n"
                 "  plumbline catchup --revert --allow-hazards DELETES_DATA --output revert.sql\n"
                 "  plumbline catchup --adopt --write --name \"index made by hand in march\"",
     .groups = catch_up_groups,
     .arguments = {},
     .run = [](const Settings& settings, const Options&) { return run_catch_up(settings); }},
    {.name = "report",
     .summary = "Render a saved report in another format",
     .description =
         "Reads what check or diff wrote with --format json; needs neither database nor migrations.\n"
         "Exits 0 when the report could be rendered; with --fail-on LEVEL, 2 for drift of that level.",
     .examples = "  plumbline report drift.json\n"
                 "  plumbline report drift.json --output drift.md --output drift.html",
     .groups = report_groups,
     .arguments = report_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           Settings own = settings;  // the level that plumbline.toml names is for check
           if (!options.fail_on) own.fail_on.reset(), own.fail_on_new = false;
           return run_report(own, options.arguments.at(0));
         }},
    {.name = "doctor",
     .summary = "Say what plumbline sees here, what is missing and how to mend it",
     .description = "Exit code 0: check could run here. 1: it could not, and the problems say why.",
     .examples = "  plumbline doctor\n"
                 "  plumbline doctor --env production --format json",
     .groups = doctor_groups,
     .arguments = {},
     .run = [](const Settings& settings, const Options&) { return run_doctor(settings); }},
}};

constexpr Argument completion_arguments[] = {{"SHELL", "bash, zsh or fish"}};

// The last of all.
const Command completion{
    .name = "completion",
    .summary = "Print what makes a shell complete commands and flags",
    .description = "The Debian package installs these; otherwise put it where the shell looks.",
    .examples =
        "  plumbline completion bash > ~/.local/share/bash-completion/completions/plumbline\n"
        "  plumbline completion zsh > ~/.zfunc/_plumbline\n"
        "  plumbline completion fish > ~/.config/fish/completions/plumbline.fish",
    .groups = {},
    .arguments = completion_arguments,
    .run = nullptr};

}  // namespace

std::span<const Command> all_commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> list(commands.begin(), commands.end());
    const auto more = runner_commands();
    list.insert(list.end(), more.begin(), more.end());
    const auto others = publish_commands();
    list.insert(list.end(), others.begin(), others.end());
    list.push_back(completion);
    return list;
  }();
  return all;
}

const Command* find_command(std::string_view name) {
  const std::span<const Command> all = all_commands();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Command& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool is_named_in(std::string_view list, std::string_view name) {
  const std::vector<std::string> names = split(list, ' ');
  return std::ranges::find(names, name) != names.end();
}

}  // namespace plumbline
