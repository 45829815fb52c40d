#include <ostream>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/runner_json.h"
#include "cli/runner_setup.h"
#include "cli/sides.h"
#include "postgres/error.h"
#include "report/escape.h"

namespace plumbline {
namespace {

void write_row(const HistoryRow& row, std::ostream& out) {
  out << visible_line(row.id + "  " + row.at + "  " + row.action);
  if (!row.version.empty()) out << "  " << visible_line(row.version);
  if (!row.duration_ms.empty()) out << "  " << duration_text(std::stoll(row.duration_ms));
  out << "  by " << visible_line(row.performed_by) << " (" << visible_line(row.client) << ")";
  if (!row.reason.empty()) out << "  " << visible_line(row.reason);
  if (!row.details.empty()) out << "  " << visible_line(row.details);
  out << '\n';
}

}  // namespace

int run_history(const Settings& settings, const RunnerFlags& flags) {
  LiveSide live(settings.url);
  const std::string& schema = settings.runner.ledger_schema;
  const auto rows =
      read_history(live.connection(), schema, static_cast<std::size_t>(flags.limit.value_or(0)));
  std::optional<ChainVerdict> verdict;
  if (flags.verify) {
    if (rows.empty())
      throw Error("there is no history in schema \"" + schema + "\"",
                  "The first \"plumbline up\" begins it.");
    verdict = verify_history(live.connection(), schema);
  }
  live.close();
  write_output(settings, [&](const Output&, std::ostream& out) {
    if (flags.json) return write_json(rows, verdict ? &*verdict : nullptr, out);
    for (const HistoryRow& row : rows) write_row(row, out);
  });
  if (!verdict) return 0;
  if (verdict->broken) {
    throw Error("the history was tampered with: " + *verdict->broken,
                "Compare it with a backup of schema \"" + schema + "\".");
  }
  log::info("the history is whole: " + std::to_string(verdict->rows) + " rows");
  return 0;
}

}  // namespace plumbline
