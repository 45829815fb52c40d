#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/digest_json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sides.h"
#include "report/escape.h"
#include "report/wording.h"

namespace plumbline {

namespace {

constexpr int usual_days = 7;

std::string span_of(const std::optional<double>& seconds) {
  if (!seconds) return "not known";
  constexpr double minute = 60, hour = 60 * minute, day = 24 * hour;
  if (*seconds >= 2 * day) return fmt::format("{:.1f} days", *seconds / day);
  if (*seconds >= 2 * hour) return fmt::format("{:.1f} hours", *seconds / hour);
  if (*seconds >= 2 * minute) return fmt::format("{:.1f} minutes", *seconds / minute);
  return fmt::format("{:.2f} s", *seconds);
}

std::string percent_of(const std::optional<double>& share) {
  return share ? fmt::format("{:.0f} %", *share * 100) : "not known";
}

struct Row {
  std::string name, value;
};

std::vector<Row> rows_of(const Digest& digest) {
  return {{"schema version", digest.schema_version},
          {"migrations", fmt::format("{} applied, {} failed, {} rolled back", digest.applied, digest.failed,
                                     digest.rolled_back)},
          {"success rate", percent_of(digest.success_rate)},
          {"rollback frequency", percent_of(digest.rollback_rate)},
          {"mean time to deploy", span_of(digest.time_to_deploy)},
          {"mean time to apply", span_of(digest.mean_duration)},
          {"mean time to recover", span_of(digest.time_to_recover)},
          {"drift", counted(static_cast<std::size_t>(digest.incidents), "incident") +
                        fmt::format(", {} open", digest.open_incidents)},
          {"mean time to repair", span_of(digest.time_to_repair)},
          {"migration coverage", percent_of(digest.coverage)}};
}

void write_text(const Digest& digest, std::ostream& out) {
  out << "the last " << counted(static_cast<std::size_t>(digest.days), "day") << "\n";
  for (const Row& row : rows_of(digest))
    out << fmt::format("  {:<22} {}\n", row.name, visible_line(row.value));
}

void write_markdown(const Digest& digest, std::ostream& out) {
  out << "**plumbline: the last " << counted(static_cast<std::size_t>(digest.days), "day")
      << "**\n\n| | |\n|---|---|\n";
  for (const Row& row : rows_of(digest))
    out << "| " << markdown_text(row.name) << " | " << markdown_text(row.value) << " |\n";
}

}  // namespace

int run_digest(const Settings& settings, const PublishFlags& flags) {
  for (const Output& output : outputs_of(settings)) {
    if (output.format == "json" || output.format == "markdown" || output.format == "text") continue;
    throw UsageError("digest does not write the format \"" + output.format + "\"",
                     "Use text, markdown or json.");
  }
  LiveSide live(settings.url);
  const Digest digest =
      read_digest(live.connection(), settings.runner.ledger_schema, flags.days.value_or(usual_days));
  live.close();
  write_output(settings, [&](const Output& output, std::ostream& out) {
    if (output.format == "json") return write_json(digest, out);
    if (output.format == "markdown") return write_markdown(digest, out);
    write_text(digest, out);
  });
  return 0;
}

}  // namespace plumbline
