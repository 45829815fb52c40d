#include "cli/witness.h"

#include <algorithm>

#include "cli/log.h"
#include "cli/options.h"
#include "cli/sides.h"
#include "expected/witness.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// What pg_dump says about anything that belongs to a hidden object is hidden too.
std::vector<HiddenName> names_of(const std::vector<Finding>& hidden) {
  std::vector<HiddenName> result;
  for (const Finding& finding : hidden) {
    const std::string name =
        finding.name_is_sql ? finding.name.substr(0, finding.name.find('(')) : finding.name;
    if (is_namespace(finding.kind)) {
      result.push_back({finding.name, "*"});
      continue;
    }
    result.push_back({finding.schema, name});
    if (!finding.parent.empty()) result.push_back({finding.schema, finding.parent});
  }
  return result;
}

}  // namespace

void check_witness(const Settings& settings) {
  if (!settings.witness || (settings.include.empty() && settings.exclude.empty())) return;
  throw UsageError("--witness looks at the whole schema, and --include or --exclude leaves a part of it out",
                   "Leave one of them out; ignore rules may stay.");
}

void call_witness(const Report& report, const std::vector<Finding>& hidden, const ConninfoOf& actual,
                  const ConninfoOf& expected, const Settings& settings) {
  if (!settings.witness || report.drift()) return;
  const int major = std::max(report.actual_version, report.expected_version);
  const WitnessOptions options{expected_options(settings, major, "postgres").shadow, names_of(hidden)};
  const std::vector<std::string> lines = contradictions(actual(), expected(), major, options);
  if (lines.empty()) return log::info("pg_dump sees no difference either");
  throw Error(
      "plumbline found no difference, but pg_dump did (- expected, + actual):\n  " + join(lines, "\n  "),
      "This is a fault of plumbline: please report it with these lines, and do not trust the verdict.");
}

}  // namespace plumbline
