#include "report/standing.h"

#include <algorithm>
#include <set>

#include "report/moment.h"

namespace plumbline {

namespace {

// How long a finding that is gone is remembered, and from which return on it flaps.
constexpr long long remembered_seconds = 30LL * 24 * 60 * 60;
constexpr int returns_of_flapping = 2;

const FixedFinding* find_fixed(const Report& report, const std::string& id) {
  const auto found = std::ranges::find(report.fixed, id, &FixedFinding::id);
  return found == report.fixed.end() ? nullptr : &*found;
}

Standing standing_of(const Finding& finding, const Report& report, const Report& previous) {
  const auto before = std::ranges::find(previous.findings, finding.id, &Finding::id);
  if (before != previous.findings.end()) {
    const Standing* known = previous.standing(*before);
    const int returns = known ? known->returns : 0;
    const bool flaps = returns >= returns_of_flapping;
    return {flaps ? Standing::State::flapping : Standing::State::known,
            known && !known->since.empty() ? known->since : previous.time, returns};
  }
  const FixedFinding* gone = find_fixed(previous, finding.id);
  if (!gone) return {Standing::State::fresh, report.time, 0};
  const int returns = gone->returns + 1;
  return {returns >= returns_of_flapping ? Standing::State::flapping : Standing::State::fresh, gone->since,
          returns};
}

FixedFinding fixed_of(const Finding& finding, const Report& report, const Report& previous) {
  FixedFinding fixed{.id = finding.id,
                     .label = finding.label,
                     .object = finding.object(),
                     .verb = finding.verb,
                     .severity = finding.severity,
                     .since = previous.time,
                     .fixed = report.time};
  if (const Standing* known = previous.standing(finding)) {
    fixed.since = known->since;
    fixed.returns = known->returns;
  }
  return fixed;
}

}  // namespace

void hold_against(Report& report, const Report& previous) {
  report.previous = previous.time.empty() ? "an unknown time" : previous.time;
  std::set<std::string> here;
  for (const Finding& finding : report.findings) {
    report.standings[finding.id] = standing_of(finding, report, previous);
    here.insert(finding.id);
  }
  for (const AcceptedFinding& accepted : report.accepted) here.insert(accepted.finding.id);  // not fixed
  for (const Finding& finding : previous.findings) {
    if (here.insert(finding.id).second) report.fixed.push_back(fixed_of(finding, report, previous));
  }
  const long long horizon = seconds_of(report.time) - remembered_seconds;
  for (FixedFinding fixed : previous.fixed) {
    if (here.contains(fixed.id) || seconds_of(fixed.fixed) < horizon) continue;
    fixed.now = false;
    report.fixed.push_back(std::move(fixed));
  }
}

void begin_standings(Report& report) {
  for (const Finding& finding : report.findings) report.standings[finding.id] = {.since = report.time};
}

bool is_news(const Report& report, const Finding& finding) {
  const Standing* standing = report.standing(finding);
  return !standing || standing->state == Standing::State::fresh;
}

bool fails(const Report& report, const Finding& finding, const Failing& failing) {
  return !failing.never && finding.severity >= failing.least &&
         (!failing.only_news || is_news(report, finding));
}

const Standing* Report::standing(const Finding& finding) const {
  const auto found = standings.find(finding.id);
  return found == standings.end() ? nullptr : &found->second;
}

std::string_view to_string(Standing::State state) {
  switch (state) {
    case Standing::State::fresh:
      return "new";
    case Standing::State::known:
      return "known";
    case Standing::State::flapping:
      return "flapping";
  }
  return {};
}

}  // namespace plumbline
