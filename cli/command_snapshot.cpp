#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sides.h"
#include "cli/sql.h"
#include "cli/state.h"
#include "snapshot/filter.h"
#include "snapshot/json.h"

namespace plumbline {

namespace {

bool wants_sql(const Settings& settings) {
  if (settings.snapshot_format.empty() || settings.snapshot_format == "json") return false;
  if (settings.snapshot_format == "sql") return true;
  throw UsageError("a snapshot has no format \"" + settings.snapshot_format + "\"",
                   "Say --format json or --format sql.");
}

}  // namespace

int run_snapshot(const Settings& settings, const std::string& text) {
  // Lives as long as the program: to free a million texts one by one takes a tenth of the time it took to
  // read them.
  static SymbolTable& symbols = *new SymbolTable;
  const bool sql = wants_sql(settings);
  const Side side = read_side(parse_state(text), symbols, settings, {0, sql});
  const Snapshot& whole = snapshot_of(side);
  const bool confined = !settings.include.empty() || !settings.exclude.empty();
  const Snapshot part = confined ? filtered(whole, settings.include, settings.exclude) : Snapshot{};
  const Snapshot& chosen = confined ? part : whole;
  if (sql) return write_schema(chosen, symbols, settings);
  write_output(settings, [&](const Output&, std::ostream& out) { write_json(chosen, out); });
  return 0;
}

}  // namespace plumbline
