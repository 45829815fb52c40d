#include "cli/witness.h"

#include <algorithm>

#include "cli/log.h"
#include "cli/options.h"
#include "cli/sides.h"
#include "expected/published_difference.h"
#include "expected/witness.h"
#include "postgres/connection.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// What a witness says about anything that belongs to a hidden object is hidden too.
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

// What is asked about.
struct Question {
  const std::vector<HiddenName>& hidden;
  const ConninfoOf &actual, &expected;
};

struct Contradiction {
  std::vector<std::string> witnesses, lines;
};

void ask_pg_dump(const Report& report, const Question& question, const Settings& settings,
                 Contradiction& found) {
  const int major = std::max(report.actual_version, report.expected_version);
  const WitnessOptions options{expected_options(settings, major, "postgres").shadow, question.hidden};
  const std::vector<std::string> lines =
      contradictions(question.actual(), question.expected(), major, options);
  if (lines.empty()) return log::info("pg_dump sees no difference either");
  found.witnesses.emplace_back("pg_dump");
  found.lines.insert(found.lines.end(), lines.begin(), lines.end());
}

InformationSchema published(const std::string& conninfo) {
  const std::unique_ptr<Connection> connection = connect({.conninfo = conninfo});
  const ReadTransaction transaction(*connection);
  return read_information_schema(*connection);
}

void ask_information_schema(Report& report, const Question& question, Contradiction& found) {
  const PublishedDifference difference = compare_published(
      published(question.actual()), published(question.expected()), {question.hidden, report.equivalent});
  for (const std::string& what : difference.not_compared) {
    report.warnings.push_back("information_schema was not compared in " + what);
  }
  if (difference.lines.empty()) {
    return log::info("information_schema sees no difference either (" + std::to_string(difference.rows) +
                     " rows compared)");
  }
  constexpr std::size_t limit = 40;
  found.witnesses.emplace_back("information_schema");
  const std::size_t shown = std::min(limit, difference.lines.size());
  found.lines.insert(found.lines.end(), difference.lines.begin(),
                     difference.lines.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < difference.lines.size()) {
    found.lines.push_back("and " + std::to_string(difference.lines.size() - shown) + " lines more");
  }
}

}  // namespace

void check_witness(const Settings& settings) {
  if (!settings.witness.any() || (settings.include.empty() && settings.exclude.empty())) return;
  throw UsageError("--witness looks at the whole schema, and --include or --exclude leaves a part of it out",
                   "Leave one of them out; ignore rules may stay.");
}

void call_witness(Report& report, const std::vector<Finding>& hidden, const ConninfoOf& actual,
                  const ConninfoOf& expected, const Settings& settings) {
  if (!settings.witness.any() || report.drift()) return;
  const std::vector<HiddenName> names = names_of(hidden);
  const Question question{names, actual, expected};
  Contradiction found;
  if (settings.witness.pg_dump) ask_pg_dump(report, question, settings, found);
  if (settings.witness.information_schema) ask_information_schema(report, question, found);
  if (found.lines.empty()) return;
  throw Error(
      "plumbline found no difference, but " + join(found.witnesses, " and ") +
          " did (- expected, + actual):\n  " + join(found.lines, "\n  "),
      "This is a fault of plumbline: please report it with these lines, and do not trust the verdict.");
}

}  // namespace plumbline
