#include <ostream>

#include "cli/accounts.h"
#include "cli/commands.h"
#include "cli/impact_json.h"
#include "cli/impact_text.h"
#include "cli/locate.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sides.h"
#include "cli/state.h"
#include "postgres/error.h"
#include "runner/impact.h"

namespace plumbline {

namespace {

State directory_state(const std::string& text, const char* flag) {
  if (text.empty()) {
    throw UsageError(
        std::string(flag) + " is missing",
        "Name two directories of migrations, as in --base git:main:db/migrations --head db/migrations.");
  }
  State state = parse_state(text);
  if (state.type == State::Type::migrations || state.type == State::Type::git) return state;
  throw UsageError("\"" + text + "\" is no directory of migrations",
                   "Name a directory, or git:REV:DIRECTORY for what it was at a revision.");
}

// Everything is new where there was nothing.
MigrationDirectory base_of(const std::string& text, const MigrationDirectory& head,
                           const Settings& settings) {
  if (text != "empty") return directory_of(directory_state(text, "--base"), settings);
  MigrationDirectory base = head;
  base.migrations.clear();
  return base;
}

}  // namespace

int run_impact(const Settings& settings, const PublishFlags& flags) {
  for (const Output& output : outputs_of(settings)) {
    if (output.format == "json" || output.format == "markdown" || output.format == "text") continue;
    throw UsageError("impact does not write the format \"" + output.format + "\"",
                     "Use text, markdown or json.");
  }
  if (!flags.base) directory_state("", "--base");
  warn_of_what_is_shared(settings);
  const MigrationDirectory head =
      directory_of(directory_state(flags.head ? *flags.head : migrations_path(settings), "--head"), settings);
  refuse_not_understood(head);
  const MigrationDirectory base = base_of(flags.base.value_or(""), head, settings);
  ExpectedOptions options = expected_options(settings, 0, "postgres");
  Impact impact;
  {
    log::ProgressLine progress;
    options.replay.progress = progress.callback();
    impact = measure_impact(base, head, options);
  }
  write_output(settings, [&](const Output& output, std::ostream& out) {
    if (output.format == "json") return write_json(impact, out);
    if (output.format == "markdown") return write_markdown(impact, out);
    write_text(impact, out);
  });
  return 0;
}

}  // namespace plumbline
