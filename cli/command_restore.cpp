#include <ostream>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/question.h"
#include "cli/runner_json.h"
#include "cli/runner_setup.h"
#include "cli/target.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "runner/restore.h"

namespace plumbline {
namespace {

// A protected environment was confirmed by its own name before.
void confirm_replacement(const Settings& settings, const std::optional<std::string>& confirm) {
  if (is_protected(settings)) return;
  const std::string database = connector(settings)()->database();
  if (!confirm && !can_ask())
    throw UsageError(
        "--in-place replaces the database \"" + database + "\", and there is no terminal to ask on",
        "Say that it is meant: --confirm " + shell_word(database));
  const std::string answer =
      confirm ? *confirm
              : answer_to("--in-place replaces the database \"" + database + "\" (" +
                          described_target(settings) + ") by the backup. Type its name to go on: ");
  if (trim(answer) == database) return;
  throw Error("the database is \"" + database + "\", and \"" + std::string(trim(answer)) +
                  "\" is not its name; nothing was changed",
              "To go on: --confirm " + shell_word(database));
}

void write_text(const Restored& restored, std::ostream& out) {
  const std::string made = restored.made.empty() ? "the backup was made" : restored.made;
  out << "restored " << visible_line(restored.file) << " into the database "
      << visible_line(restored.database) << '\n';
  if (!restored.lost.empty())
    out << "not in it, applied since: " << visible_line(join(restored.lost, ", ")) << '\n';
  if (!restored.applied_again.empty())
    out << "in it, rolled back since: " << visible_line(join(restored.applied_again, ", ")) << '\n';
  out << "not in it: all rows written since " << made << '\n';
  if (!restored.replaced.empty())
    out << "the database as it was is kept as " << visible_line(restored.replaced)
        << "; when it is not needed any more: DROP DATABASE "
        << visible_line(quote_identifier(restored.replaced)) << ";\n";
}

}  // namespace

int run_restore(const Settings& settings, const Options& options) {
  const RunnerFlags& flags = options.runner;
  if (flags.in_place && flags.into)
    throw UsageError("--in-place and --into exclude each other", "Leave one of them out");
  if (flags.disconnect && !flags.in_place)
    throw UsageError("--disconnect goes with --in-place", "A new database is nobody's yet");
  if (flags.in_place) confirm_replacement(settings, options.confirm);
  const Restored restored = restore_backup({.conninfo = settings.url,
                                            .file = flags.arguments.empty() ? "" : flags.arguments.front(),
                                            .into = flags.into.value_or(""),
                                            .in_place = flags.in_place,
                                            .disconnect = flags.disconnect,
                                            .reason = flags.reason.value_or("")},
                                           settings.runner);
  write_output(settings, [&](const Output&, std::ostream& out) {
    flags.json ? write_json(restored, out) : write_text(restored, out);
  });
  return 0;
}

}  // namespace plumbline
