#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "report/escape.h"
#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

// XML 1.0 has no way to write most control characters; visible() spells them out.
std::string attribute(std::string_view text) { return escape_html(visible_line(text)); }
std::string content(std::string_view text) { return escape_html(visible(text)); }

std::string seconds(double value) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << value;
  return text.str();
}

std::string details(const Finding& finding, const Report& report) {
  std::string text = summary_of(finding) + " (" + finding.id + ")\n";
  for (const AttributeChange& change : finding.changes) {
    if (is_block(change)) {
      text += words(change.attribute) + ":\n" + block_diff(change);
    } else if (finding.verb == Difference::Verb::changed) {
      text += words(change.attribute) + ": expected " + shown_value(change.expected, change.actual) + ", " +
              std::string(actual_word(report)) + " " + shown_value(change.actual, change.expected) + "\n";
    }
  }
  if (!finding.implied.empty()) text += "with it: " + implied_summary(finding) + "\n";
  for (const std::string& line : history(finding)) text += line + "\n";
  if (!finding.hint.empty()) text += "hint: " + finding.hint + "\n";
  return text;
}

std::string test_case(std::string_view name, std::string_view group, const std::string& body) {
  const std::string start =
      "    <testcase name=\"" + attribute(name) + "\" classname=\"" + attribute(group) + "\" time=\"0.000\"";
  return start + (body.empty() ? "/>\n" : ">\n" + body + "    </testcase>\n");
}

std::string failed_case(const Finding& finding, const Report& report) {
  const std::string message = std::string(to_string(finding.severity)) + ": " + summary_of(finding);
  return test_case(summary_of(finding), finding.kind,
                   "      <failure message=\"" + attribute(message) + "\" type=\"" +
                       std::string(to_string(finding.meaning)) + "\">" + content(details(finding, report)) +
                       "</failure>\n");
}

std::string properties(const Report& report) {
  std::string text;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      text += std::string("      <property name=\"") + name + "\" value=\"" + attribute(value) + "\"/>\n";
  };
  add("actual", report.actual);
  add("expected", report.expected);
  add("verdict", std::string(verdict(report)));
  return "    <properties>\n" + text + "    </properties>\n";
}

}  // namespace

// One test case for each finding; when there is none, one that passes, since a suite without cases reads as
// broken.
void write_junit(const Report& report, std::ostream& out) {
  const std::size_t failures = report.findings.size();
  const std::size_t tests = std::max<std::size_t>(1, failures);
  const std::string time = report.time.size() >= 19 ? report.time.substr(0, 19) : "1970-01-01T00:00:00";
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite package=\"plumbline\" "
         "id=\"0\" name=\""
      << attribute("plumbline " + report.command) << "\" timestamp=\"" << attribute(time)
      << "\" hostname=\"localhost\" tests=\"" << tests << "\" failures=\"" << failures
      << "\" errors=\"0\" time=\"" << seconds(report.seconds) << "\">\n"
      << properties(report);
  if (!report.drift()) out << test_case(compared_states(report), "schema", {});
  for (const Finding* finding : by_severity(report)) out << failed_case(*finding, report);
  std::string notes;
  for (const AcceptedFinding& accepted : report.accepted) {
    notes += "accepted: " + summary_of(accepted.finding) + ", by " + accepted.rule + "\n";
  }
  for (const PendingMigration& migration : report.pending) notes += "pending: " + migration.file + "\n";
  for (const std::string& what : report.not_compared) notes += "not compared: " + what + "\n";
  for (const std::string& what : report.not_readable) notes += "not readable: " + what + "\n";
  std::string warnings;
  for (const std::string& warning : report.warnings) warnings += "warning: " + warning + "\n";
  out << "    <system-out>" << content(notes) << "</system-out>\n    <system-err>" << content(warnings)
      << "</system-err>\n  </testsuite>\n</testsuites>\n";
}

}  // namespace plumbline
