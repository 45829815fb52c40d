#include <array>

#include "cli/commands.h"

namespace plumbline {
namespace {

constexpr OptionGroups live{.live = true, .migrations = true};
constexpr OptionGroups files{.live = true, .migrations = true};

template <int (*body)(const Settings&, const RunnerFlags&)>
int run(const Settings& settings, const Options& options) {
  return body(settings, options.runner);
}

const std::array<Command, 6> commands{{
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
}};

}  // namespace

std::span<const Command> runner_commands() { return commands; }

}  // namespace plumbline
