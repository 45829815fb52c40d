#include "cli/commands.h"
#include "cli/output.h"
#include "cli/sides.h"
#include "cli/state.h"
#include "snapshot/filter.h"
#include "snapshot/json.h"

namespace plumbline {

int run_snapshot(const Settings& settings, const std::string& text) {
  // Lives as long as the program: to free a million texts one by one takes a tenth of the time it took to
  // read them.
  static SymbolTable& symbols = *new SymbolTable;
  Side side = read_side(parse_state(text), symbols, settings, {});
  const Snapshot& whole = side.expected ? side.expected->snapshot() : side.snapshot;
  const bool confined = !settings.include.empty() || !settings.exclude.empty();
  const Snapshot part = confined ? filtered(whole, settings.include, settings.exclude) : Snapshot{};
  write_output(settings, [&](const Output&, std::ostream& out) { write_json(confined ? part : whole, out); });
  return 0;
}

}  // namespace plumbline
