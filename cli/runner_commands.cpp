#include <array>

#include "cli/commands.h"

namespace plumbline {
namespace {

constexpr OptionGroups live{.live = true, .migrations = true, .replay = true};
constexpr OptionGroups names{.migrations = true};
constexpr OptionGroups files{.migrations = true, .replay = true};

template <int (*body)(const Settings&, const RunnerFlags&)>
int run(const Settings& settings, const Options& options) {
  return body(settings, options.runner);
}

const std::array<Command, 14> commands_of_runner{{
    {.name = "up",
     .summary = "Apply the pending migrations",
     .description =
         "One runner at a time, one transaction per migration together with its row in the ledger (schema\n"
         "plumbline). Statements that refuse a transaction are recorded one by one, before and after: "
         "whenever\n"
         "a run ends, the ledger tells the truth, and --resume goes on from there.",
     .examples = "  plumbline up --dry-run\n"
                 "  plumbline up --env production --check-effect\n"
                 "  plumbline up --target 20250121_093000 --json",
     .groups = live,
     .arguments = {},
     .run = run<run_up>},
    {.name = "down",
     .summary = "Roll back migrations by their down sections, the newest first",
     .description = "Says how far by VERSION, which stays applied, or by --steps.",
     .examples = "  plumbline down --steps 1\n"
                 "  plumbline down 20250120_140000 --dry-run",
     .groups = live,
     .arguments = {},
     .run = run<run_down>},
    {.name = "redo",
     .summary = "Roll back the last migration and apply it again",
     .description = "",
     .examples = "  plumbline redo\n  plumbline redo --steps 2",
     .groups = live,
     .arguments = {},
     .run = run<run_redo>},
    {.name = "status",
     .summary = "What is applied, what is pending, what went wrong",
     .description = "Reads only. With --exit-code it exits with 3 when something is pending.",
     .examples = "  plumbline status\n  plumbline status --exit-code --json",
     .groups = live,
     .arguments = {},
     .run = run<run_status>},
    {.name = "list",
     .summary = "The migrations of the directory and the state of each",
     .description = "",
     .examples = "  plumbline list --pending",
     .groups = live,
     .arguments = {},
     .run = run<run_list>},
    {.name = "history",
     .summary = "Who did what and when, from the ledger",
     .description = "The history is append-only and each row is hashed together with the one before it:\n"
                    "--verify finds a row that was changed or is gone, and exits with 1.",
     .examples = "  plumbline history --limit 20\n  plumbline history --verify",
     .groups = live,
     .arguments = {},
     .run = run<run_history>},
    {.name = "repair",
     .summary = "Let failed and half-done migrations be run again",
     .description = "Finds out from the catalogue what became of a statement that was cut short, drops an "
                    "index it left\n"
                    "invalid, and makes the migration pending from the first statement that is not done. "
                    "What it was stays\n"
                    "in the history, with the reason.",
     .examples = "  plumbline repair --reason \"server was restarted\"\n"
                 "  plumbline repair 20250121_093000 --statement done\n"
                 "  plumbline repair --accept-edits --reason \"only a typo in a comment on a table\"",
     .groups = live,
     .arguments = {},
     .run = run<run_repair>},
    {.name = "baseline",
     .summary = "Mark migrations as applied without running them",
     .description = "With --import it takes over what the ledger of another tool says (dbmate, Flyway, ...).",
     .examples = "  plumbline baseline 20250121_093000\n  plumbline baseline --import",
     .groups = live,
     .arguments = {},
     .run = run<run_baseline>},
    {.name = "verify-checksums",
     .summary = "Were files edited after they were applied?",
     .description = "Statements count, comments and layout do not. Exits with 1 when one was.",
     .examples = "  plumbline verify-checksums",
     .groups = live,
     .arguments = {},
     .run = run<run_verify_checksums>},
    {.name = "approve",
     .summary = "Approve what up would do now, for up --require-approval",
     .description =
         "Prints the plan and records its hash in the ledger. Who approves may not be who applies.",
     .examples = "  plumbline approve --reason \"reviewed in OPS-12\"",
     .groups = live,
     .arguments = {},
     .run = run<run_approve>},
    {.name = "prove",
     .summary = "Do the down sections restore what was there before?",
     .description =
         "On a throw-away server each migration is run up, down and up again: the state after the down must "
         "be\n"
         "the one before the up. Declare what cannot be undone by a line \"-- Irreversible: reason\".",
     .examples = "  plumbline prove\n  plumbline prove 20250121_093000 --json",
     .groups = files,
     .arguments = {},
     .run = run<run_prove>},
    {.name = "validate",
     .summary = "Are the migrations as they should be?",
     .description = "Headers, dependencies, sections, syntax (file:line:column), phases; with a database "
                    "also order and\n"
                    "checksums. Needs no server. Exits with 1 when something is wrong. up runs it first.",
     .examples = "  plumbline validate\n  plumbline validate "
                 "db/migrations/20250121_093000_schema_profiles.sql --json",
     .groups = live,
     .arguments = {},
     .run = run<run_validate>},
    {.name = "new",
     .summary = "Make a migration: a file with name, header and sections",
     .description =
         "The version is the time, or later: it never collides. Where the directory holds the migrations of\n"
         "another tool, the files are named as that tool would name the next ones. Prints their paths.",
     .examples = "  plumbline new add user profiles --type schema --phase expand\n"
                 "  plumbline new add orders --migrations db/migrations   # golang-migrate's: two files",
     .groups = names,
     .arguments = {},
     .run = run<run_new>},
    {.name = "init",
     .summary = "Set up plumbline.toml, the migrations directory and the ledger",
     .description =
         "Of a database that has a schema already, and no migrations yet, it writes a first migration that "
         "makes\n"
         "it, proven on a throw-away server (by pg_dump where plumbline's own SQL does not reach), and marks "
         "that\n"
         "as applied. With --import it takes over another tool's ledger.",
     .examples = "  plumbline init --migrations db/migrations --url postgres://owner@db.internal/shop\n"
                 "  plumbline init --import",
     .groups = live,
     .arguments = {},
     .run = run<run_init>},
}};

}  // namespace

std::span<const Command> runner_commands() { return commands_of_runner; }

}  // namespace plumbline
