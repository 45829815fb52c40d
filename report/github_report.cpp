#include <algorithm>
#include <ostream>

#include "report/escape.h"
#include "report/report.h"
#include "report/standing.h"
#include "report/wording.h"

namespace plumbline {

namespace {

// GitHub shows the first ten of a sort that a step writes and drops the others in silence.
constexpr std::size_t most_of_a_sort = 10;
constexpr std::size_t most_message = 2'000;

std::string escaped(std::string_view text, std::string_view specials) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (specials.find(c) == std::string_view::npos) {
      result += c;
    } else {
      result += '%';
      result += digits[static_cast<unsigned char>(c) >> 4];
      result += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return result;
}

std::string message(std::string_view text) {
  return escaped(visible(shortened(text, most_message)), "%\r\n");
}
std::string property(std::string_view text) { return escaped(visible_line(text), "%\r\n:,"); }

// An error only where the run fails because of it: a green job shows no red line.
std::string_view command_for(const Finding& finding, const Report& report, const Failing& failing) {
  if (finding.severity < Severity::medium) return "notice";
  return finding.severity >= Severity::high && fails(report, finding, failing) ? "error" : "warning";
}

std::string description(const Finding& finding, const Report& report) {
  std::string text = summary_of(finding);
  if (finding.verb == Difference::Verb::changed) {
    for (const AttributeChange& change : finding.changes) {
      text += "\n" + words(change.attribute);
      if (!is_block(change)) {
        text += ": expected " + shown_value(change.expected, change.actual) + ", " +
                std::string(actual_word(report)) + " " + shown_value(change.actual, change.expected);
      }
    }
  }
  if (!finding.implied.empty()) text += "\nwith it: " + implied_summary(finding);
  if (!finding.hint.empty()) text += "\nhint: " + finding.hint;
  return text;
}

void annotate(const Finding& finding, std::string_view command, const Report& report, std::ostream& out) {
  const Origin place = place_in_repository(finding, report);
  out << "::" << command << " ";
  if (place.line > 0) out << "file=" << property(place.file) << ",line=" << place.line << ",";
  out << "title=" << property("plumbline: " + std::string(to_string(finding.severity)) + " drift")
      << "::" << message(description(finding, report)) << "\n";
}

}  // namespace

void write_github(const Report& report, const Failing& failing, std::ostream& out) {
  std::size_t left_out = 0;
  std::size_t shown_of[3] = {0, 0, 1};  // the last line is a notice, too
  for (const Finding* finding : by_severity(report)) {
    const std::string_view sort = command_for(*finding, report, failing);
    std::size_t& shown = shown_of[sort == "error" ? 0 : sort == "warning" ? 1 : 2];
    if (shown == most_of_a_sort) {
      ++left_out;
    } else {
      ++shown;
      annotate(*finding, sort, report, out);
    }
  }
  std::string text = std::string(verdict(report)) + (report.drift() ? ": " : " in ") +
                     verdict_counts(report) + "\n" + compared_states(report);
  if (left_out > 0)
    text += "\n" + counted(left_out, "finding") + " not annotated; the report has all of them";
  out << "::notice title=plumbline::" << message(text) << "\n";
}

}  // namespace plumbline
