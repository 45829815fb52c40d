#include "report/wording.h"

#include <algorithm>
#include <map>

#include "diff/renamed.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr std::size_t names_shown = 6;

std::size_t count_of(const Report& report, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count(report.findings, severity, &Finding::severity));
}

std::string plural_of(std::string_view singular) {
  if (singular.ends_with("x") || singular.ends_with("s")) return std::string(singular) + "es";
  const bool after_vowel = singular.ends_with("ay") || singular.ends_with("ey") || singular.ends_with("oy");
  if (singular.ends_with("y") && !after_vowel)
    return std::string(singular.substr(0, singular.size() - 1)) + "ies";
  return std::string(singular) + "s";
}

// "index public.a" is of sort "index": labels may have several words, names none before the quotes or the
// dot.
std::string sort_of(const std::string& implied) {
  const std::size_t quote = std::min(implied.find('"'), implied.find('('));
  const std::size_t space = implied.rfind(' ', quote);
  return implied.substr(0, space);
}

}  // namespace

std::string few_of(const std::vector<std::string>& items) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < items.size() && i < most; ++i) text.append(i > 0 ? ", " : "").append(items[i]);
  if (items.size() > most) text += " and " + std::to_string(items.size() - most) + " more";
  return text;
}

std::string counted(std::size_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return "1 " + std::string(singular);
  return std::to_string(count) + " " + (plural.empty() ? plural_of(singular) : std::string(plural));
}

std::string severity_counts(const Report& report) {
  std::vector<std::string> parts;
  for (const Severity severity :
       {Severity::critical, Severity::high, Severity::medium, Severity::low, Severity::info}) {
    const std::size_t count = count_of(report, severity);
    if (count > 0) parts.push_back(std::to_string(count) + " " + std::string(to_string(severity)));
  }
  return join(parts, ", ");
}

std::string_view verdict(const Report& report) {
  if (report.command == "check") return report.drift() ? "drift" : "no drift";
  return report.drift() ? "different" : "no difference";
}

std::string verdict_counts(const Report& report) {
  if (!report.drift()) return counted(report.objects, "object");
  return counted(report.findings.size(), "finding") + " (" + severity_counts(report) + ")";
}

std::string compared_states(const Report& report) { return report.actual + " against " + report.expected; }

std::string_view actual_word(const Report& report) { return report.command == "check" ? "live" : "actual"; }

std::string place(const Origin& origin) {
  return origin.line > 0 ? origin.file + ":" + std::to_string(origin.line) : origin.file;
}

std::vector<std::string> history(const Finding& finding) {
  std::vector<std::string> lines;
  if (finding.created) lines.push_back("created in " + place(*finding.created));
  if (finding.last_changed && finding.last_changed != finding.created) {
    lines.push_back("last changed in " + place(*finding.last_changed));
  }
  return lines;
}

std::string place_of_its_own(const Finding& finding, const AttributeChange& change) {
  const auto& known = finding.last_changed ? finding.last_changed : finding.created;
  return change.since && change.since != known ? place(*change.since) : std::string();
}

std::string last_place(const Finding& finding) {
  if (finding.changes.size() == 1 && finding.changes[0].since) return place(*finding.changes[0].since);
  const auto& known = finding.last_changed ? finding.last_changed : finding.created;
  return known ? place(*known) : std::string();
}

std::string_view verb_word(const Finding& finding) {
  return renaming_of(finding) != nullptr ? "renamed" : to_string(finding.verb);
}

std::string expected_name_after(const Finding& finding) {
  return renaming_of(finding) != nullptr ? ", expected " + expected_name(finding) : std::string();
}

std::string summary_of(const Finding& finding) {
  return std::string(verb_word(finding)) + " " + finding.label + " " + finding.object() +
         expected_name_after(finding);
}

std::string summary_of(const FixedFinding& fixed) {
  return std::string(to_string(fixed.verb)) + " " + fixed.label + " " + fixed.object;
}

std::vector<FixedFinding> fixed_now(const Report& report) {
  std::vector<FixedFinding> result;
  std::ranges::copy_if(report.fixed, std::back_inserter(result), &FixedFinding::now);
  return result;
}

std::string shown_time(std::string_view time) {
  if (time.size() < 16) return std::string(time);
  return std::string(time.substr(0, 10)) + " " + std::string(time.substr(11, 5)) + " UTC";
}

std::string news_of(const Report& report) {
  if (report.previous.empty()) return {};
  std::vector<std::string> parts;
  for (const auto state : {Standing::State::fresh, Standing::State::flapping, Standing::State::known}) {
    const auto count = std::ranges::count_if(
        report.standings, [&](const auto& standing) { return standing.second.state == state; });
    if (count > 0) parts.push_back(std::to_string(count) + " " + std::string(to_string(state)));
  }
  const std::size_t fixed = fixed_now(report).size();
  if (fixed > 0) parts.push_back(std::to_string(fixed) + " fixed");
  return "since the run of " + shown_time(report.previous) + ": " +
         (parts.empty() ? "nothing new" : join(parts, ", "));
}

Origin place_in_repository(const Finding& finding, const Report& report) {
  const bool one = finding.changes.size() == 1 && finding.changes[0].since;
  const auto& known = one                    ? finding.changes[0].since
                      : finding.last_changed ? finding.last_changed
                                             : finding.created;
  std::string folder = report.migrations;
  while (folder.starts_with("./")) folder.erase(0, 2);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (!known || known->file == "prelude") return {folder.empty() ? "migrations" : folder, 0};
  return {folder.empty() || folder == "." ? known->file : folder + "/" + known->file, known->line};
}

std::vector<const Finding*> by_severity(const Report& report) {
  std::vector<const Finding*> sorted;
  for (const Finding& finding : report.findings) sorted.push_back(&finding);
  std::ranges::stable_sort(sorted, std::greater<>(), &Finding::severity);
  return sorted;
}

std::string implied_summary(const Finding& finding) {
  if (finding.implied.size() <= names_shown) return join(finding.implied, ", ");
  std::map<std::string, std::size_t> counts;
  for (const std::string& implied : finding.implied) ++counts[sort_of(implied)];
  std::vector<std::string> parts;
  parts.reserve(counts.size());
  for (const auto& [sort, count] : counts) parts.push_back(counted(count, sort));
  return join(parts, ", ");
}

std::string shown_value(const std::string& value, const std::string& other) {
  if (!value.empty()) return value;
  return other == "true" ? "false" : "(none)";
}

bool is_block(const AttributeChange& change) {
  const auto several_lines = [](const std::string& text) { return text.find('\n') != std::string::npos; };
  return change.form == Form::code || several_lines(change.actual) || several_lines(change.expected);
}

std::string block_diff(const AttributeChange& change) { return unified_diff(change.expected, change.actual); }

std::string words(std::string_view name) {
  std::string result(name);
  std::ranges::replace(result, '_', ' ');
  return result;
}

}  // namespace plumbline
