#include "cli/sql.h"

#include <algorithm>
#include <optional>
#include <ostream>

#include "catchup/catch_up.h"
#include "catchup/patched.h"
#include "catchup/plan.h"
#include "catchup/proof.h"
#include "catchup/proof_server.h"
#include "catchup/section.h"
#include "cli/catch_up_text.h"
#include "cli/comparison.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/repair.h"
#include "cli/sides.h"
#include "cli/state.h"
#include "diff/compare.h"
#include "diff/renamed.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

void insist_on_proof(const Claim& claim, const Settings& settings, const std::string& creator) {
  const int major = std::max(claim.actual.server_version, claim.expected.server_version);
  const std::string role = creator.empty() ? "postgres" : creator;
  const std::vector<std::string> problems = prove(claim, expected_options(settings, major, role).shadow);
  if (problems.empty()) return;
  throw Error("the SQL is not proven: " + join(problems, "; "),
              "Nothing was printed. Say --unproven to see it all the same, and read it before you run it.");
}

// A snapshot from a file does not say who needs whom; without that there is no order of statements. Nothing:
// the snapshot does say so, or has nothing that needs an order.
std::optional<Snapshot> with_dependencies(const Snapshot& schema, SymbolTable& symbols,
                                          const Settings& settings) {
  if (settings.unproven || !schema.dependencies().empty() || schema.size() == 0) return std::nullopt;
  ProofServer server(symbols, expected_options(settings, schema.server_version, "postgres").shadow,
                     settings.cluster);
  if (compare(server.empty(), schema).empty()) return std::nullopt;
  Snapshot result = patched(schema, schema, {});
  for (const Dependency& dependency : server.find_dependencies(schema)) result.add_dependency(dependency);
  return result;
}

}  // namespace

int write_plan(const SqlSide& actual, const SqlSide& expected, SymbolTable& symbols, const Settings& settings,
               const std::string& creator) {
  const auto known_from = with_dependencies(actual.snapshot, symbols, settings);
  const auto known_to = with_dependencies(expected.snapshot, symbols, settings);
  const Snapshot& from = known_from ? *known_from : actual.snapshot;
  const Snapshot& to = known_to ? *known_to : expected.snapshot;
  const Goal goal{from, to, compare(from, to), symbols};
  std::vector<std::string> warnings;
  const auto previous = previous_snapshot(goal.actual, symbols, settings, warnings);
  for (const std::string& warning : warnings) log::warning(warning);
  std::vector<Finding> differ = findings(goal.actual, goal.expected, goal.differences, previous.get());
  fold_renames(differ, goal.actual, goal.expected, goal.differences, previous.get());
  CatchUpOptions options = repair_options(settings, {differ, goal.actual, goal.expected, goal.differences});
  const int major = std::max(goal.actual.server_version, goal.expected.server_version);
  options.previous = previous;
  options.creator = creator;
  options.online = false;
  options.cluster = settings.cluster;
  options.shadow = expected_options(settings, major, creator.empty() ? "postgres" : creator).shadow;
  if (!actual.conninfo.empty()) options.ask_live = asker(actual.conninfo);
  const ScriptHead head{
      differ, "Turns " + actual.description + " into " + expected.description, {}, settings};
  options.up = [&](const CatchUp& found) { return up_script(found, head); };
  const CatchUp found = catch_up_asking(goal, options, settings);
  refuse_unproven(found, settings);
  Settings as_text = settings;  // SQL has one form, whatever a file is called
  as_text.format = "text";
  write_output(as_text, [&](const Output&, std::ostream& out) { out << found.up_script; });
  return tell_what_is_left(found);
}

int write_schema(const Snapshot& read, SymbolTable& symbols, const Settings& settings) {
  const auto known = with_dependencies(read, symbols, settings);
  const Snapshot& schema = known ? *known : read;
  const Side empty = read_side(parse_state("empty"), symbols, settings, {schema.server_version, true});
  const Snapshot& nothing = snapshot_of(empty);
  const CatchUpPlan made = plan(nothing, schema, compare(nothing, schema));
  const Section section = write_section(made);
  if (!settings.unproven && !differing(nothing, schema, "").empty())
    insist_on_proof({nothing, schema, section, symbols, made.refused(), settings.cluster}, settings, {});
  Settings as_text = settings;  // SQL has one form, whatever a file is called
  as_text.format = "text";
  write_output(as_text, [&](const Output&, std::ostream& out) { out << section.text; });
  for (const Refusal& refusal : made.refusals) log::warning("not made: " + refusal.why);
  return made.refusals.empty() ? 0 : 2;
}

std::string sql_that_makes(const Snapshot& schema, SymbolTable& symbols, const Settings& settings,
                           const std::string& creator) {
  const Side empty = read_side(parse_state("empty"), symbols, settings, {schema.server_version, true});
  const Snapshot& nothing = snapshot_of(empty);
  const CatchUpPlan made = plan(nothing, schema, compare(nothing, schema), {.creator = creator});
  if (!made.refusals.empty()) throw Error(made.refusals.front().why);
  const Section section = write_section(made);
  insist_on_proof({nothing, schema, section, symbols, made.refused()}, settings, creator);
  return section.text;
}

}  // namespace plumbline
