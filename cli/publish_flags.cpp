#include "cli/publish_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// Which commands have it, by name, with a space between.
struct PublishText {
  const char *commands, *name, *type, *help;
  std::optional<std::string> PublishFlags::*value;
};
constexpr PublishText publish_texts[] = {
    {"comment", "--issue", "LABEL",
     "keep an open issue with this label instead of a comment; close it when there is no drift",
     &PublishFlags::issue},
    {"comment", "--key", "NAME", "name of this comment among several on one pull request",
     &PublishFlags::key},
    {"impact", "--base", "STATE",
     "migrations to start from: a directory, git:REV:DIRECTORY, or empty to measure all",
     &PublishFlags::base},
    {"impact", "--head", "STATE", "migrations of the branch (default: as for --migrations)",
     &PublishFlags::head},
    {"notify", "--to", "SERVICE", "slack, teams, webhook (a JSON template) or pushgateway (Prometheus)",
     &PublishFlags::to},
    {"notify", "--template", "FILE.json",
     "JSON for a webhook, with {{title}}, {{list}}, {{actual}}, ... in it", &PublishFlags::template_file},
};

struct PublishNumber {
  const char *commands, *name, *help;
  std::optional<int> PublishFlags::*value;
};
constexpr PublishNumber publish_numbers[] = {
    {"comment", "--pull-request", "its number (default: from the CI environment)",
     &PublishFlags::pull_request},
    {"comment notify", "--timeout", "seconds to wait for an answer (default: 30)", &PublishFlags::timeout},
    {"digest", "--days", "days to look back (default: 7)", &PublishFlags::days},
};

struct PublishSwitch {
  const char *commands, *name, *help;
  bool PublishFlags::*value;
};
constexpr PublishSwitch publish_switches[] = {
    {"comment", "--always", "post a comment even if there is no drift", &PublishFlags::always},
    {"notify", "--always", "send even if nothing is new", &PublishFlags::always},
};

}  // namespace

void define_publish_flags(CLI::App& app, const Command& command, PublishFlags& flags) {
  const char* group = "Options";
  for (const PublishText& each : publish_texts) {
    if (!is_named_in(each.commands, command.name)) continue;
    app.add_option(each.name, flags.*each.value, each.help)->type_name(each.type)->group(group);
  }
  for (const PublishNumber& each : publish_numbers) {
    if (!is_named_in(each.commands, command.name)) continue;
    app.add_option(each.name, flags.*each.value, each.help)
        ->type_name("N")
        ->check(CLI::Range(1, 2'000'000'000))
        ->group(group);
  }
  for (const PublishSwitch& each : publish_switches) {
    if (is_named_in(each.commands, command.name))
      app.add_flag(each.name, flags.*each.value, each.help)->group(group);
  }
}

}  // namespace plumbline
