#include <algorithm>
#include <map>
#include <ostream>

#include <nlohmann/json.hpp>

#include "report/escape.h"
#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

using Json = nlohmann::ordered_json;

std::string rule_id(const Finding& finding) {
  return finding.kind + "." + std::string(to_string(finding.verb));
}

std::string_view level(Severity severity) {
  if (severity >= Severity::high) return "error";
  return severity == Severity::medium ? "warning" : "note";
}

// A path as a relative reference (RFC 3986): what has a meaning there is written in percent.
std::string uri(std::string_view path) {
  constexpr std::string_view plain = "-._~/!$&'()*+,;=@", digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word || plain.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

std::string message_of(const Finding& finding, const Report& report) {
  std::string text = summary_of(finding);
  if (finding.verb != Difference::Verb::changed) return text + ".";
  for (const AttributeChange& change : finding.changes) {
    text += "\n" + words(change.attribute);
    if (is_block(change)) {
      text += ":\n" + block_diff(change);
    } else {
      text += ": expected " + shown_value(change.expected, change.actual) + ", " +
              std::string(actual_word(report)) + " " + shown_value(change.actual, change.expected);
    }
  }
  return text;
}

Json location(const Finding& finding, const Report& report) {
  const Origin place = place_in_repository(finding, report);
  Json physical = {{"artifactLocation", {{"uri", uri(place.file)}}}};
  // Code scanning shows nothing without a line.
  physical["region"] = {{"startLine", std::max(1, place.line)}};
  return {{"physicalLocation", physical},
          {"logicalLocations", Json::array({{{"name", finding.name},
                                             {"fullyQualifiedName", visible_line(finding.object())},
                                             {"kind", finding.kind}}})}};
}

Json result_of(const Finding& finding, const Report& report) {
  Json result = {{"ruleId", rule_id(finding)},
                 {"level", level(finding.severity)},
                 {"message", {{"text", visible(message_of(finding, report))}}},
                 {"locations", Json::array({location(finding, report)})},
                 {"partialFingerprints", {{"plumblineFinding/v1", finding.id}}},
                 {"properties",
                  {{"severity", to_string(finding.severity)},
                   {"class", to_string(finding.meaning)},
                   {"object", finding.object()}}}};
  if (const Standing* standing = report.standing(finding)) {
    result["baselineState"] = standing->state == Standing::State::known ? "unchanged" : "new";
  }
  return result;
}

Json accepted_result(const AcceptedFinding& accepted, const Report& report) {
  Json result = result_of(accepted.finding, report);
  Json suppression = {{"kind", "external"}, {"status", "accepted"}};
  suppression["justification"] =
      "ignore rule for " + accepted.rule + (accepted.reason.empty() ? "" : ": " + accepted.reason);
  result["suppressions"] = Json::array({suppression});
  return result;
}

// What GitHub sorts security alerts by.
constexpr std::string_view score_of_security = "8.5";

Json rule_of(const Finding& finding) {
  const std::string sentence = std::string(to_string(finding.verb)) + " " + finding.label;
  Json properties = {{"tags", {"schema-drift", to_string(finding.meaning)}}};
  if (finding.meaning == Class::security) {
    properties["security-severity"] = score_of_security;
    properties["tags"] = {"schema-drift", "security"};
  }
  return {{"id", rule_id(finding)},
          {"name", sentence},
          {"shortDescription", {{"text", "Schema drift: " + sentence}}},
          {"defaultConfiguration", {{"level", level(finding.severity)}}},
          {"properties", properties}};
}

Json rules_of(const Report& report) {
  std::map<std::string, const Finding*> rules;  // with the gravest finding of each
  for (const Finding* finding : by_severity(report)) rules.emplace(rule_id(*finding), finding);
  for (const AcceptedFinding& accepted : report.accepted) {
    rules.emplace(rule_id(accepted.finding), &accepted.finding);
  }
  Json json = Json::array();
  for (const auto& [id, finding] : rules) json.push_back(rule_of(*finding));
  return json;
}

}  // namespace

void write_sarif(const Report& report, std::ostream& out) {
  Json results = Json::array();
  for (const Finding* finding : by_severity(report)) results.push_back(result_of(*finding, report));
  for (const AcceptedFinding& accepted : report.accepted)
    results.push_back(accepted_result(accepted, report));
  Json invocation = {{"executionSuccessful", true}};
  if (!report.time.empty()) invocation["endTimeUtc"] = report.time;
  invocation["toolExecutionNotifications"] = Json::array();
  for (const std::string& warning : report.warnings) {
    invocation["toolExecutionNotifications"].push_back(
        {{"level", "warning"}, {"message", {{"text", visible(warning)}}}});
  }
  const Json run = {
      {"tool",
       {{"driver", {{"name", "plumbline"}, {"version", report.tool_version}, {"rules", rules_of(report)}}}}},
      {"invocations", Json::array({invocation})},
      {"automationDetails", {{"id", "plumbline/" + report.command + "/"}}},
      {"columnKind", "utf16CodeUnits"},
      {"results", results},
      {"properties", {{"actual", report.actual}, {"expected", report.expected}}}};
  const Json json = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                     {"version", "2.1.0"},
                     {"runs", Json::array({run})}};
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace plumbline
