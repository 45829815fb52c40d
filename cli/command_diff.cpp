#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "cli/commands.h"
#include "cli/comparison.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/render.h"
#include "cli/sides.h"
#include "cli/sql.h"
#include "cli/standings.h"
#include "cli/state.h"
#include "cli/witness.h"
#include "expected/rebuilt.h"
#include "postgres/error.h"

namespace plumbline {

namespace {

// Who can be asked what two spellings mean: the server that replayed a side, else one on which the schema of
// a live side is built once more.
void find_server_to_ask(Comparison& comparison, const std::array<const Side*, 2>& sides,
                        std::optional<Rebuilt>& rebuilt, const Settings& settings) {
  for (const Side* side : sides) {
    if (!side->expected) continue;
    comparison.expected_server = [side] { return &side->expected->connection(); };
    comparison.spellings = side->expected->spellings();
    return;
  }
  for (const Side* side : sides) {
    if (side->conninfo.empty()) continue;
    const int newer = std::max(comparison.actual.server_version, comparison.expected.server_version);
    rebuilt.emplace(side->conninfo, side->snapshot.server_version,
                    expected_options(settings, newer, "postgres").shadow);
    comparison.expected_server = [&rebuilt] { return rebuilt->connection(); };
    return;
  }
}

ConninfoOf conninfo_of(const Side& side) {
  return [&side] { return side.expected ? side.expected->conninfo() : side.conninfo; };
}

// Two databases as they are have the same services' objects; what migrations make has none of them.
std::vector<ActivePreset> presets_of(const Side& actual, const Side& expected, const Settings& settings) {
  if (!expected.expected && settings.presets == Settings().presets) return {};
  return actual.conninfo.empty() ? active_presets(settings.presets, nullptr) : actual.presets;
}

void check_witness(const Settings& settings, const std::array<const State*, 2>& states) {
  check_witness(settings);
  for (const State* state : states) {
    if (settings.witness.any() && state->type == State::Type::snapshot_file) {
      throw UsageError("--witness needs two databases, and \"" + state->text + "\" is a file",
                       "Leave --witness out, or give the database that the snapshot was taken of.");
    }
  }
}

}  // namespace

int run_diff(const Settings& settings, const std::string& actual_text, const std::string& expected_text,
             bool sql) {
  const auto start = std::chrono::steady_clock::now();
  const State actual_state = parse_state(actual_text), expected_state = parse_state(expected_text);
  check_witness(settings, {&actual_state, &expected_state});

  SymbolTable symbols;
  const bool page = wants(settings, "html");
  const bool whole =
      sql || !settings.previous_snapshot.empty() || !settings.include.empty() || !settings.exclude.empty();
  const Sides sides = read_sides(actual_state, expected_state, symbols, settings, {whole, sql || page});
  const Side &actual = sides.actual, &expected = sides.expected;

  if (sql) {
    return write_plan({snapshot_of(actual), actual.description, actual.conninfo},
                      {snapshot_of(expected), expected.description, expected.conninfo}, symbols, settings,
                      actual.user);
  }

  Report report;
  report.tool_version = PLUMBLINE_VERSION;
  report.command = "diff";
  report.actual = actual.description;
  report.expected = expected.description;
  report.warnings = settings.warnings;
  Comparison comparison{.actual = snapshot_of(actual), .expected = snapshot_of(expected), .symbols = symbols};
  comparison.equal = sides.equal;
  comparison.own_ledger = actual.own_ledger;
  comparison.own_ledger.add(expected.own_ledger);
  if (expected.expected) comparison.attribution = &expected.expected->attribution();
  comparison.presets = presets_of(actual, expected, settings);
  report.conditions = actual.conditions;
  std::optional<Rebuilt> rebuilt;
  find_server_to_ask(comparison, {&expected, &actual}, rebuilt, settings);
  const Compared compared = compare_into(report, comparison, settings);
  call_witness(report, compared.all, conninfo_of(actual), conninfo_of(expected), settings);
  if (rebuilt) add_warnings(report, rebuilt->warnings());
  for (const Side* side : {&actual, &expected}) {
    if (side->expected) add_warnings(report, side->expected->warnings());
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (page) {
    if (expected.expected) add_timeline(report, *expected.directory, expected.expected->attribution());
    add_diagram(report, {&snapshot_of(actual), &snapshot_of(expected)});
  }
  tell_time(report);
  tell_standings(report, settings);
  write_report(report, settings);
  return exit_code_of(report, settings);
}

}  // namespace plumbline
