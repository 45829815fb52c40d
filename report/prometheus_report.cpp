#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "report/escape.h"
#include "report/moment.h"
#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

// Within a label's value a backslash, a quote and a line end are written with a backslash.
std::string label(std::string_view text) {
  std::string result;
  for (const char c : visible_line(text)) {
    if (c == '\\' || c == '"') result += '\\';
    result += c;
  }
  return result;
}

class Metrics {
 public:
  Metrics(const Report& report, std::ostream& out)
      : out_(out),
        target_("actual=\"" + label(report.actual) + "\",migrations=\"" + label(report.migrations) + "\"") {}

  void about(std::string_view name, std::string_view help) {
    out_ << "# HELP plumbline_" << name << " " << help << "\n# TYPE plumbline_" << name << " gauge\n";
    name_ = name;
  }

  template <typename Value>
  void sample(const Value& value, const std::string& labels = {}) {
    out_ << "plumbline_" << name_ << "{" << target_ << (labels.empty() ? "" : ",") << labels << "} " << value
         << "\n";
  }

 private:
  std::ostream& out_;
  std::string target_;
  std::string_view name_;
};

void write_findings(const Report& report, Metrics& metrics) {
  metrics.about("drift", "Whether the live schema differs from the expected one.");
  metrics.sample(report.drift() ? 1 : 0);
  metrics.about("findings", "Differences, by severity.");
  for (const Severity severity : all_severities) {
    metrics.sample(std::ranges::count(report.findings, severity, &Finding::severity),
                   "severity=\"" + std::string(to_string(severity)) + "\"");
  }
  if (report.previous.empty()) return;
  metrics.about("findings_standing", "Differences beside the run before.");
  for (const auto state : {Standing::State::fresh, Standing::State::known, Standing::State::flapping}) {
    metrics.sample(
        std::ranges::count_if(report.standings, [&](const auto& each) { return each.second.state == state; }),
        "standing=\"" + std::string(to_string(state)) + "\"");
  }
  metrics.sample(fixed_now(report).size(), "standing=\"fixed\"");
}

void write_rest(const Report& report, Metrics& metrics) {
  std::size_t hidden = 0;
  for (const HiddenFindings& rule : report.hidden) hidden += rule.count;
  metrics.about("hidden_findings", "Differences that ignore rules and presets keep out.");
  metrics.sample(hidden);
  metrics.about("pending_migrations", "Migrations that the ledger does not have yet.");
  metrics.sample(report.pending.size());
  std::map<std::string, std::size_t> conditions;
  for (const Condition& condition : report.conditions) ++conditions[condition.check];
  if (!conditions.empty())
    metrics.about("operational_conditions", "What wants looking after and is no drift.");
  for (const auto& [check, count] : conditions) metrics.sample(count, "check=\"" + label(check) + "\"");
  metrics.about("not_compared", "Sorts of objects that were not compared or could not be read.");
  metrics.sample(report.not_compared.size() + report.not_readable.size());
  metrics.about("objects", "Objects that were compared.");
  metrics.sample(report.objects);
  metrics.about("check_duration_seconds", "How long the check took.");
  metrics.sample(report.seconds);
  if (const long long time = seconds_of(report.time); time > 0) {
    metrics.about("last_check_timestamp_seconds", "When the check was.");
    metrics.sample(time);
  }
  metrics.about("info", "The program that checked.");
  metrics.sample(1, "version=\"" + label(report.tool_version) + "\"");
}

}  // namespace

void write_prometheus(const Report& report, std::ostream& out) {
  Metrics metrics(report, out);
  write_findings(report, metrics);
  write_rest(report, metrics);
}

}  // namespace plumbline
