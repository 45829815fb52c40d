#include <array>

#include "cli/commands.h"

namespace plumbline {
namespace {

constexpr Argument notify_arguments[] = {
    {"FILE", "a report written with --format json, or a .md or .txt file, such as a digest"}};
constexpr Argument comment_arguments[] = {{"FILE", "a report written with --format json, or a .md file"}};

constexpr std::string_view own_formats = "text markdown json";

const std::array<Command, 4> commands_of_publishing{{
    {.name = "comment",
     .summary = "Post a report on a pull request as one comment, kept current",
     .description =
         "Creates the comment, edits it in place, and does nothing when nothing changed. On GitHub it reads "
         "GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN and the event of the workflow; on GitLab "
         "CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID and GITLAB_TOKEN. Prints the address of the "
         "comment; if it cannot be posted, the comment itself. Waits up to two minutes when the service asks "
         "for it.",
     .examples = "  plumbline comment drift.json\n"
                 "  plumbline comment impact.md --key impact\n"
                 "  plumbline comment drift.json --issue schema-drift",
     .exit_codes = "0 the comment is current\n1 error; the comment was printed instead",
     .arguments = comment_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           return run_comment(settings, options.arguments.at(0), options.publish);
         }},
    {.name = "notify",
     .summary = "Send a report to Slack, Teams, a webhook or a Pushgateway",
     .description =
         "Reads the address, which is a secret, from PLUMBLINE_WEBHOOK_URL. Sends new and fixed findings "
         "only "
         "(see check --previous), or all drift when that is unknown; a Pushgateway receives every run.",
     .examples = "  plumbline notify drift.json --to slack\n"
                 "  plumbline notify drift.json --to webhook --template on-call.json\n"
                 "  plumbline notify drift.json --to pushgateway\n"
                 "  plumbline digest --output week.txt && plumbline notify week.txt --to slack",
     .exit_codes = "0 sent, or nothing to send\n1 error",
     .arguments = notify_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           return run_notify(settings, options.arguments.at(0), options.publish);
         }},
    {.name = "impact",
     .summary = "Report what a branch's migrations change, break and lock",
     .description =
         "Replays the base and then each migration that only the head has on a temporary server. Reports the "
         "objects that each adds, removes and changes, the semantic version step, and its duration, locks "
         "and "
         "table rewrites, measured on tables without rows; also new foreign keys without an index, redundant "
         "indexes and tables without a primary key.",
     .examples = "  plumbline impact --base git:main:db/migrations --head db/migrations\n"
                 "  plumbline impact --base git:main:db/migrations --output impact.md",
     .exit_codes = "0 the impact was reported, whatever it is\n1 error",
     .formats = own_formats,
     .groups = {.migrations = true, .replay = true, .format = true},
     .run = [](const Settings& settings,
               const Options& options) { return run_impact(settings, options.publish); }},
    {.name = "digest",
     .summary = "Summarize the last week of deployments and drift from the ledger",
     .description = "Only reads. Drift incidents are those recorded by \"check --record\" and \"up\".",
     .examples = "  plumbline digest\n  plumbline digest --days 30 --output digest.md",
     .exit_codes = "0 the digest was written\n1 error",
     .formats = own_formats,
     .groups = {.live = true, .format = true},
     .run = [](const Settings& settings,
               const Options& options) { return run_digest(settings, options.publish); }},
}};

}  // namespace

std::span<const Command> publish_commands() { return commands_of_publishing; }

}  // namespace plumbline
