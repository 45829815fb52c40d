#include <array>

#include "cli/commands.h"

namespace plumbline {
namespace {

constexpr OptionGroups live_side{.live = true, .migrations = true, .replay = true};
constexpr OptionGroups writing{.live = true, .migrations = true, .replay = true, .confirm = true};
constexpr OptionGroups restoring{.live = true, .confirm = true};
constexpr OptionGroups names{.migrations = true};
constexpr OptionGroups files{.migrations = true, .replay = true};

template <int (*body)(const Settings&, const RunnerFlags&)>
int run(const Settings& settings, const Options& options) {
  return body(settings, options.runner);
}

constexpr std::string_view done_or_error = "0 done, or nothing to do\n1 error";

const std::array<Command, 15> commands_of_runner{{
    {.name = "up",
     .summary = "Apply pending migrations",
     .description =
         "Only one runner works at a time. Each migration runs in one transaction together with its row in "
         "the ledger (schema plumbline). Statements that cannot run in a transaction are recorded one by "
         "one, "
         "so that --resume continues after an interrupted run.",
     .examples = "  plumbline up --dry-run\n"
                 "  plumbline up --env production --check-effect\n"
                 "  plumbline up --target 20250121_093000 --json",
     .exit_codes = done_or_error,
     .alias = "migrate",
     .groups = writing,
     .run = run<run_up>},
    {.name = "down",
     .summary = "Roll back migrations by their down sections",
     .description =
         "VERSION is the migration to roll back. It is refused while later applied migrations depend on it: "
         "by their headers, or by the catalogue of a temporary server on which the applied migrations are "
         "replayed. --with-dependents rolls those back, too. --to rolls back everything after a version, "
         "--steps the last N migrations.",
     .examples = "  plumbline down --steps 1\n"
                 "  plumbline down 20250121_093000 --dry-run\n"
                 "  plumbline down 20250121_093000 --with-dependents\n"
                 "  plumbline down --to 20250120_140000",
     .exit_codes = done_or_error,
     .alias = "rollback",
     .groups = writing,
     .run = run<run_down>},
    {.name = "redo",
     .summary = "Roll back the last migration and apply it again",
     .description = "",
     .examples = "  plumbline redo\n  plumbline redo --steps 2",
     .exit_codes = done_or_error,
     .groups = writing,
     .run = run<run_redo>},
    {.name = "status",
     .summary = "Show applied, pending and failed migrations",
     .description = "Only reads.",
     .examples = "  plumbline status\n  plumbline status --exit-code --json",
     .exit_codes = "0 the status was printed, and nothing failed or stopped half-way\n"
                   "3 a migration failed or stopped half-way, or a run of --all-or-nothing did not end; with "
                   "--exit-code also: migrations are pending\n"
                   "1 error",
     .groups = live_side,
     .run = run<run_status>},
    {.name = "list",
     .summary = "List the migrations of the directory with the state of each",
     .description =
         "Files that are excluded, left out or not understood are listed, too; --json lists every file. "
         "Without a live database the states are unknown.",
     .examples = "  plumbline list --pending",
     .exit_codes = "0 the list was printed\n1 error",
     .groups = live_side,
     .run = run<run_list>},
    {.name = "history",
     .summary = "Show who applied what, and when",
     .description =
         "The history in the ledger is append-only, and each row contains a hash of the row before "
         "it: --verify detects changed and missing rows.",
     .examples = "  plumbline history --limit 20\n  plumbline history --verify",
     .exit_codes = "0 the history was printed\n"
                   "1 error, or --verify found a changed or missing row",
     .groups = live_side,
     .run = run<run_history>},
    {.name = "repair",
     .summary = "Make failed and interrupted migrations runnable again",
     .description =
         "Determines from the catalogue whether an interrupted statement completed, drops an invalid index "
         "that it left behind, and makes the migration pending from its first incomplete statement. The "
         "history keeps the previous state and the reason.",
     .examples = "  plumbline repair --reason \"server was restarted\"\n"
                 "  plumbline repair 20250121_093000 --statement done\n"
                 "  plumbline repair --accept-edits --reason \"typo in a comment\"",
     .exit_codes = done_or_error,
     .groups = writing,
     .run = run<run_repair>},
    {.name = "restore",
     .summary = "Restore a backup into a new database, or in place",
     .description =
         "FILE is a backup that pg_dump wrote, by default the newest of this database in "
         "runner.backup_directory, where up puts them. It is restored by pg_restore into a new database with "
         "owner, encoding, settings and privileges of the one that was backed up; that one is not touched. "
         "--in-place then renames both, in one transaction, so that the new one takes its place and the old "
         "one "
         "is kept under another name; it wants the name of the database, or of a protected environment, "
         "typed or by --confirm. Prints what is not in the backup: migrations applied and rows written "
         "since.",
     .examples = "  plumbline restore\n"
                 "  plumbline restore backups/shop_20250121_093000.dump --into shop_yesterday\n"
                 "  plumbline restore --in-place --disconnect --confirm shop",
     .exit_codes = "0 the backup was restored\n1 error; the live database was not changed",
     .only_in_place = true,
     .groups = restoring,
     .run = run_restore},
    {.name = "baseline",
     .summary = "Mark migrations as applied without running them",
     .description =
         "--import takes the applied versions from the ledger of another tool (dbmate, Flyway, ...).",
     .examples = "  plumbline baseline 20250121_093000\n  plumbline baseline --import",
     .exit_codes = done_or_error,
     .groups = writing,
     .run = run<run_baseline>},
    {.name = "verify-checksums",
     .summary = "Detect files that were edited after they were applied",
     .description = "Compares statements; comments and layout do not count.",
     .examples = "  plumbline verify-checksums",
     .exit_codes = "0 no applied file was edited\n"
                   "1 an applied file was edited, or an error",
     .groups = live_side,
     .run = run<run_verify_checksums>},
    {.name = "approve",
     .summary = "Approve the pending migrations for up --require-approval",
     .description =
         "Prints the plan and records its hash in the ledger. The role that approves must not be the role "
         "that applies.",
     .examples = "  plumbline approve --reason \"reviewed in OPS-12\"",
     .exit_codes = "0 the plan was approved\n1 error, or nothing is pending",
     .groups = writing,
     .run = run<run_approve>},
    {.name = "prove",
     .summary = "Test that down sections restore the previous schema",
     .description =
         "Runs each migration up, down and up again on a temporary server; after the down section the schema "
         "must be the same as before. Mark a migration that cannot be undone with a line \"-- Irreversible: "
         "reason\".",
     .examples = "  plumbline prove\n  plumbline prove 20250121_093000 --json",
     .exit_codes = "0 every down section restores the schema\n"
                   "1 a down section does not restore it, or an error",
     .groups = files,
     .run = run<run_prove>},
    {.name = "validate",
     .summary = "Check migration files for errors",
     .description = "Checks headers, dependencies, sections, syntax and phases without a server; with a "
                    "database also order and checksums. up runs the same checks first.",
     .examples = "  plumbline validate\n"
                 "  plumbline validate db/migrations/20250121_093000_schema_profiles.sql --json",
     .exit_codes = "0 no errors\n"
                   "1 a migration has an error, or checking failed",
     .groups = live_side,
     .run = run<run_validate>},
    {.name = "new",
     .summary = "Create a migration file",
     .description =
         "Creates a file with header and sections, and prints its path. The version is the current time, or "
         "later if that is taken. In a directory of another tool's migrations the files are named as that "
         "tool names them.",
     .examples = "  plumbline new add user profiles --type schema --phase expand\n"
                 "  plumbline new add orders --migrations db/migrations",
     .exit_codes = "0 the file was created\n1 error",
     .alias = "create",
     .groups = names,
     .run = run<run_new>},
    {.name = "init",
     .summary = "Set up plumbline.toml and the migrations directory",
     .description =
         "For a database that has a schema but no migrations, writes a first migration that creates the "
         "schema, and verifies it on a temporary server (with pg_dump where plumbline cannot generate the "
         "SQL). "
         "The database is only read: --ledger creates the ledger there and records the first migration as "
         "applied, --import takes the applied versions from another tool's ledger.",
     .examples = "  plumbline init --url postgres://owner@db.internal/shop --ledger\n"
                 "  plumbline init --import",
     .exit_codes = done_or_error,
     .groups = writing,
     .run = run<run_init>},
}};

}  // namespace

std::span<const Command> runner_commands() { return commands_of_runner; }

}  // namespace plumbline
