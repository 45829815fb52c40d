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
  groups.repair = true;
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
                                       .repair = true,
                                       .catch_up = true,
                                       .confirm = true};
constexpr OptionGroups report_groups{.format = true, .verdict = true};
constexpr OptionGroups doctor_groups{
    .live = true, .migrations = true, .replay = true, .at = true, .presets = true, .format = true};

constexpr std::string_view states =
    "A STATE is recognised by its form:\n"
    "  postgres://...      a database; also a libpq connection string (\"dbname=shop\")\n"
    "  FILE.json           a snapshot written by plumbline\n"
    "  DIRECTORY           migrations, replayed on a temporary server\n"
    "  FILE.sql            a schema, run on a temporary server\n"
    "  git:REV:DIRECTORY   migrations at a git revision; DIRECTORY is relative to the\n"
    "                      repository, ./DIRECTORY to the working directory\n"
    "  empty               a database without objects";

constexpr Argument snapshot_arguments[] = {{"STATE", "the schema to write"}};
constexpr Argument diff_arguments[] = {{"ACTUAL", "the state that is"},
                                       {"EXPECTED", "the state that should be"}};
constexpr Argument report_arguments[] = {{"FILE", "a report written with --format json"}};

const std::array<Command, 6> commands{{
    {.name = "check",
     .summary = "Compare a live database with its migrations",
     .description =
         "Replays the applied migrations on a temporary server and compares the resulting schema with the "
         "live one. Only reads from the live database.",
     .examples = "  plumbline check --url postgres://reader@db.internal/shop\n"
                 "  plumbline check --env production --output drift.md --output drift.json\n"
                 "  plumbline check --output page.html --output gitlab=quality.json\n"
                 "  plumbline check --previous drift.json --output drift.json --fail-on new,high",
     .exit_codes = "0 no drift, or none that --fail-on names\n"
                   "2 drift\n"
                   "1 error; whether there is drift is unknown",
     .groups = check_groups,
     .run = [](const Settings& settings, const Options&) { return run_check(settings); }},
    {.name = "snapshot",
     .summary = "Write a schema as JSON or SQL",
     .description = states,
     .examples = "  plumbline snapshot postgres://reader@db.internal/shop --output live.json\n"
                 "  plumbline snapshot git:v2.1:db/migrations > released.json",
     .exit_codes = "0 the schema was written\n"
                   "2 with --format sql, something in it is left that no statement makes\n"
                   "1 error",
     .formats = "json sql",
     .groups = snapshot_groups,
     .arguments = snapshot_arguments,
     .run = [](const Settings& settings,
               const Options& options) { return run_snapshot(settings, options.arguments.at(0)); }},
    {.name = "diff",
     .summary = "Compare two schemas: databases, files or git revisions",
     .description = states,
     .examples = "  plumbline diff live.json db/migrations\n"
                 "  plumbline diff git:main:db/migrations db/migrations --format markdown\n"
                 "  plumbline diff postgres:///staging postgres:///production --fail-on high",
     .exit_codes = "0 no difference, or none that --fail-on names; with --sql, all of the SQL was written\n"
                   "2 differences; with --sql, something is held back or must be done by hand\n"
                   "1 error, or the SQL failed its verification",
     .groups = diff_groups,
     .arguments = diff_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           return run_diff(settings, options.arguments.at(0), options.arguments.at(1), options.sql);
         }},
    {.name = "catchup",
     .summary = "Generate SQL that resolves drift, tried on a copy before it is printed",
     .description =
         "--revert changes the live database back to what the migrations describe; --adopt generates a "
         "migration, up and down, that describes the live database. The SQL falls into repair units: "
         "findings "
         "that can only be repaired together. The script itself is run first, by psql and as \"plumbline "
         "up\" "
         "does, on a temporary server, on a copy of the schema with generated rows: only what resolves its "
         "findings, changes nothing else and loses no row is printed. A unit that loses rows, may fail on "
         "the "
         "rows of live, rewrites a large table or blocks others for long is printed as a comment until "
         "--allow-hazards names its hazards; what no statement repairs is named. Only reads from the live "
         "database, unless --apply is given; the script stops by itself where live is no longer what it was "
         "made for. --apply asks, takes the lock of \"plumbline up\", runs the script if live has not "
         "changed "
         "since, and checks the result before the last COMMIT and afterwards. It is recorded in the "
         "history where live has plumbline's ledger, and nowhere else.",
     .examples = "  plumbline catchup --revert | psql \"$DATABASE_URL\"\n"
                 "  plumbline catchup --revert --only public.orders.total\n"
                 "  plumbline catchup --revert --allow-hazards DELETES_DATA --output revert.sql\n"
                 "  plumbline catchup --revert --apply --yes --only public.orders.total\n"
                 "  plumbline catchup --adopt --write --name \"index made by hand in march\"",
     .exit_codes = "0 no drift, or all of the SQL was printed or, with --apply, run\n"
                   "2 something is held back, or must be done by hand\n"
                   "1 error, or the SQL failed its verification",
     .groups = catch_up_groups,
     .run = [](const Settings& settings, const Options&) { return run_catch_up(settings); }},
    {.name = "report",
     .summary = "Convert a saved report to another format",
     .description = "Reads what check or diff wrote with --format json; needs no database and no migrations.",
     .examples = "  plumbline report drift.json\n"
                 "  plumbline report drift.json --output drift.md --output drift.html",
     .exit_codes = "0 the report was converted\n"
                   "2 with --fail-on: drift of that severity\n"
                   "1 error",
     .groups = report_groups,
     .arguments = report_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           Settings own = settings;  // the level that plumbline.toml names is for check
           if (!options.fail_on) own.fail_on.reset(), own.fail_on_new = own.fail_on_never = false;
           return run_report(own, options.arguments.at(0));
         }},
    {.name = "doctor",
     .summary = "Diagnose the setup: servers, permissions, configuration",
     .description =
         "Reports which settings, migrations, servers and ledger are found, and how to fix what is "
         "missing.",
     .examples = "  plumbline doctor\n"
                 "  plumbline doctor --env production --format json",
     .exit_codes = "0 check can run\n"
                   "1 check cannot run, or an error",
     .formats = "text markdown json",
     .groups = doctor_groups,
     .run = [](const Settings& settings, const Options&) { return run_doctor(settings); }},
}};

constexpr Argument completion_arguments[] = {{"SHELL", "bash, zsh or fish"}};

// The last of all.
const Command completion{
    .name = "completion",
    .summary = "Print a completion script for bash, zsh or fish",
    .description =
        "The Debian package installs these scripts; otherwise write them to where the shell looks.",
    .examples =
        "  plumbline completion bash > ~/.local/share/bash-completion/completions/plumbline\n"
        "  plumbline completion zsh > ~/.zfunc/_plumbline\n"
        "  plumbline completion fish > ~/.config/fish/completions/plumbline.fish",
    .exit_codes = "0 the script was printed",
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
