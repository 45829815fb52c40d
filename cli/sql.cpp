#include "cli/sql.h"

#include <algorithm>
#include <ostream>

#include "catchup/plan.h"
#include "catchup/proof.h"
#include "catchup/proof_server.h"
#include "catchup/section.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/sides.h"
#include "cli/state.h"
#include "diff/compare.h"
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

}  // namespace

int write_plan(const Snapshot& actual, const Snapshot& expected, SymbolTable& symbols,
               const Settings& settings, const std::string& creator) {
  const CatchUpPlan made = plan(actual, expected, compare(actual, expected), {.creator = creator});
  const Section section = write_section(made);
  if (!settings.unproven && !differing(actual, expected, "").empty())
    insist_on_proof({actual, expected, section, symbols, made.refused, settings.cluster}, settings, creator);
  Settings as_text = settings;  // SQL has one form, whatever a file is called
  as_text.format = "text";
  write_output(as_text, [&](const Output&, std::ostream& out) { out << section.text; });
  for (const std::string& refusal : made.refusals) log::warning("not repaired: " + refusal);
  return made.refusals.empty() ? 0 : 1;
}

std::string sql_that_makes(const Snapshot& schema, SymbolTable& symbols, const Settings& settings,
                           const std::string& creator) {
  const Side empty = read_side(parse_state("empty"), symbols, settings, {schema.server_version, true});
  const Snapshot& nothing = snapshot_of(empty);
  const CatchUpPlan made = plan(nothing, schema, compare(nothing, schema), {.creator = creator});
  if (!made.refusals.empty()) throw Error(join(made.refusals, "; "));
  const Section section = write_section(made);
  insist_on_proof({nothing, schema, section, symbols, made.refused}, settings, creator);
  return section.text;
}

}  // namespace plumbline
