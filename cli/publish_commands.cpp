#include <array>

#include "cli/commands.h"

namespace plumbline {
namespace {

constexpr Argument notify_arguments[] = {
    {"FILE", "a report that --format json wrote, or a text in a .md or .txt file, as a digest"}};
constexpr Argument comment_arguments[] = {
    {"FILE", "a report that --format json wrote, or Markdown in a .md file"}};

const std::array<Command, 4> commands_of_publishing{{
    {.name = "comment",
     .summary = "Keep one comment on a pull request that says what a report says",
     .description =
         "Writes it, edits it in place, and is silent when nothing changed. On GitHub and GitHub Enterprise "
         "by\n"
         "GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN and the event of the workflow; on GitLab by\n"
         "CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID and GITLAB_TOKEN. Prints the comment's address; "
         "when it\n"
         "cannot be written, the comment itself, and exits with 1. Waits as long as the service asks for, up "
         "to\n"
         "two minutes.",
     .examples = "  plumbline comment drift.json\n"
                 "  plumbline comment impact.md --key impact\n"
                 "  plumbline comment drift.json --issue schema-drift",
     .groups = {},
     .arguments = comment_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           return run_comment(settings, options.arguments.at(0), options.publish);
         }},
    {.name = "notify",
     .summary = "Tell Slack, Teams, a webhook or a Pushgateway what a report says",
     .description =
         "The address is a secret and is taken from PLUMBLINE_WEBHOOK_URL. People are told only what is new "
         "or\n"
         "fixed (check --previous), or of any drift when that is not known; a Pushgateway gets every run.",
     .examples = "  plumbline notify drift.json --to slack\n"
                 "  plumbline notify drift.json --to webhook --template on-call.json\n"
                 "  plumbline notify drift.json --to pushgateway\n"
                 "  plumbline digest --output week.txt && plumbline notify week.txt --to slack",
     .groups = {},
     .arguments = notify_arguments,
     .run =
         [](const Settings& settings, const Options& options) {
           return run_notify(settings, options.arguments.at(0), options.publish);
         }},
    {.name = "impact",
     .summary = "Say what a branch's migrations do to the schema, what breaks, and what they lock",
     .description = "Replays base, then each migration that only head has, on a throw-away server: what it "
                    "adds, removes and\n"
                    "changes, the step of the semantic version, how long it takes, what it locks and "
                    "rewrites - measured, on\n"
                    "tables without rows. And what is new and wants looking at: foreign keys without an "
                    "index, redundant\n"
                    "indexes, tables without a primary key.",
     .examples = "  plumbline impact --base git:main:db/migrations --head db/migrations\n"
                 "  plumbline impact --base git:main:db/migrations --output impact.md",
     .groups = {.migrations = true, .replay = true, .format = true},
     .arguments = {},
     .run = [](const Settings& settings,
               const Options& options) { return run_impact(settings, options.publish); }},
    {.name = "digest",
     .summary = "Sum up the last week from the ledger: success, time to deploy, drift, time to repair",
     .description = "Reads only. Drift incidents are those that \"check --record\" and \"up\" have noted.",
     .examples = "  plumbline digest\n  plumbline digest --days 30 --output digest.md",
     .groups = {.live = true, .format = true},
     .arguments = {},
     .run = [](const Settings& settings,
               const Options& options) { return run_digest(settings, options.publish); }},
}};

}  // namespace

std::span<const Command> publish_commands() { return commands_of_publishing; }

}  // namespace plumbline
