#include <algorithm>
#include <array>
#include <istream>
#include <ostream>

#include <nlohmann/json.hpp>

#include "postgres/error.h"
#include "report/report.h"

namespace plumbline {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "plumbline-report";
constexpr int format_version = 1;

constexpr auto forms = std::to_array<std::string_view>({"text", "code", "expression", "order"});
constexpr auto classes = std::to_array<Class>(
    {Class::security, Class::breaking, Class::data, Class::operational, Class::additive, Class::cosmetic});
constexpr auto verbs = std::to_array<Difference::Verb>(
    {Difference::Verb::missing, Difference::Verb::unexpected, Difference::Verb::changed});
constexpr auto standings = std::to_array<Standing::State>(
    {Standing::State::fresh, Standing::State::known, Standing::State::flapping});

// Absent is null in JSON and empty with us.
Json optional_text(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json origin_json(const std::optional<Origin>& origin) {
  if (!origin) return {};
  return {{"file", origin->file}, {"line", origin->line}};
}

Json change_json(const AttributeChange& change) {
  return {{"attribute", change.attribute},          {"expected", optional_text(change.expected)},
          {"actual", optional_text(change.actual)}, {"form", forms[static_cast<std::size_t>(change.form)]},
          {"class", to_string(change.meaning)},     {"since", origin_json(change.since)}};
}

Json standing_json(const Standing* standing) {
  if (!standing) return {};
  return {{"state", to_string(standing->state)}, {"since", standing->since}, {"returns", standing->returns}};
}

Json finding_json(const Finding& finding, const Standing* standing) {
  Json json = {{"id", finding.id},
               {"verb", to_string(finding.verb)},
               {"kind", finding.kind},
               {"label", finding.label},
               {"object", finding.object()},
               {"schema", optional_text(finding.schema)},
               {"parent", optional_text(finding.parent)},
               {"name", finding.name},
               {"class", to_string(finding.meaning)},
               {"severity", to_string(finding.severity)},
               {"changes", Json::array()},
               {"implied", finding.implied},
               {"created", origin_json(finding.created)},
               {"last_changed", origin_json(finding.last_changed)},
               {"cause", optional_text(finding.cause)},
               {"hint", optional_text(finding.hint)},
               {"standing", standing_json(standing)}};
  for (const AttributeChange& change : finding.changes) json["changes"].push_back(change_json(change));
  return json;
}

Json accepted_json(const Report& report) {
  Json json = Json::array();
  for (const AcceptedFinding& accepted : report.accepted) {
    json.push_back({{"rule", accepted.rule},
                    {"reason", optional_text(accepted.reason)},
                    {"expires", optional_text(accepted.expires)},
                    {"finding", finding_json(accepted.finding, nullptr)}});
  }
  return json;
}

Json fixed_json(const Report& report) {
  Json json = Json::array();
  for (const FixedFinding& fixed : report.fixed) {
    json.push_back({{"id", fixed.id},
                    {"verb", to_string(fixed.verb)},
                    {"label", fixed.label},
                    {"object", fixed.object},
                    {"severity", to_string(fixed.severity)},
                    {"since", fixed.since},
                    {"fixed", fixed.fixed},
                    {"returns", fixed.returns},
                    {"now", fixed.now}});
  }
  return json;
}

Json timeline_json(const Report& report) {
  Json json = Json::array();
  for (const MigrationEffect& effect : report.timeline) {
    json.push_back({{"file", effect.file},
                    {"created", effect.created},
                    {"changed", effect.changed},
                    {"findings", effect.findings}});
  }
  return json;
}

Json diagram_json(const Diagram& diagram) {
  Json nodes = Json::array(), edges = Json::array();
  for (const Diagram::Node& node : diagram.nodes) {
    nodes.push_back({{"name", node.name},
                     {"label", node.label},
                     {"severity", optional_text(node.severity)},
                     {"note", optional_text(node.note)}});
  }
  for (const Diagram::Edge& edge : diagram.edges) edges.push_back({{"from", edge.from}, {"to", edge.to}});
  return {{"nodes", nodes}, {"edges", edges}, {"left_out", diagram.left_out}};
}

Json summary_json(const Report& report) {
  Json json = {{"findings", report.findings.size()}};
  for (const Difference::Verb verb : verbs) {
    json[std::string(to_string(verb))] = std::ranges::count(report.findings, verb, &Finding::verb);
  }
  for (const Severity severity : all_severities) {
    json[std::string(to_string(severity))] =
        std::ranges::count(report.findings, severity, &Finding::severity);
  }
  return json;
}

Json head_json(const Report& report) {
  return {{"format", format_name},
          {"version", format_version},
          {"tool_version", report.tool_version},
          {"command", report.command},
          {"drift", report.drift()},
          {"actual", {{"state", report.actual}, {"server_version", report.actual_version}}},
          {"expected",
           {{"state", report.expected},
            {"server_version", report.expected_version},
            {"migrations", optional_text(report.migrations)},
            {"convention", optional_text(report.convention)},
            {"at", optional_text(report.at)}}},
          {"objects", report.objects},
          {"equivalent", report.equivalent},
          {"seconds", report.seconds},
          {"time", optional_text(report.time)},
          {"previous", optional_text(report.previous)},
          {"summary", summary_json(report)}};
}

std::string text_of(const Json& json, const char* key) {
  const Json& value = json.at(key);
  return value.is_null() ? std::string() : value.get<std::string>();
}

template <typename Value, std::size_t size>
Value named(const std::array<Value, size>& values, const std::string& name) {
  for (const Value value : values) {
    if (to_string(value) == name) return value;
  }
  throw Error("it holds \"" + name + "\", which has no meaning here", {});
}

Form form_named(const std::string& name) {
  const auto found = std::ranges::find(forms, name);
  if (found == forms.end()) throw Error("it holds the form \"" + name + "\", which has no meaning here", {});
  return static_cast<Form>(found - forms.begin());
}

std::optional<Origin> origin_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Origin{json.at("file").get<std::string>(), json.at("line").get<int>()};
}

AttributeChange change_of(const Json& json) {
  return {text_of(json, "attribute"),
          text_of(json, "actual"),
          text_of(json, "expected"),
          form_named(text_of(json, "form")),
          named(classes, text_of(json, "class")),
          origin_of(json.at("since"))};
}

Finding finding_of(const Json& json) {
  Finding finding;
  finding.id = text_of(json, "id");
  finding.verb = named(verbs, text_of(json, "verb"));
  finding.kind = text_of(json, "kind");
  finding.label = text_of(json, "label");
  finding.schema = text_of(json, "schema");
  finding.parent = text_of(json, "parent");
  finding.name = text_of(json, "name");
  finding.name_is_sql = finding.object() != text_of(json, "object");
  finding.meaning = named(classes, text_of(json, "class"));
  finding.severity = named(all_severities, text_of(json, "severity"));
  for (const Json& change : json.at("changes")) finding.changes.push_back(change_of(change));
  finding.implied = json.at("implied").get<std::vector<std::string>>();
  finding.created = origin_of(json.at("created"));
  finding.last_changed = origin_of(json.at("last_changed"));
  finding.cause = text_of(json, "cause");
  finding.hint = text_of(json, "hint");
  return finding;
}

void read_head(const Json& json, Report& report) {
  const Json &actual = json.at("actual"), &expected = json.at("expected");
  report.tool_version = text_of(json, "tool_version");
  report.command = text_of(json, "command");
  report.actual = text_of(actual, "state");
  report.actual_version = actual.at("server_version").get<int>();
  report.expected = text_of(expected, "state");
  report.expected_version = expected.at("server_version").get<int>();
  report.migrations = text_of(expected, "migrations");
  report.convention = text_of(expected, "convention");
  report.at = text_of(expected, "at");
  report.objects = json.at("objects").get<std::size_t>();
  report.equivalent = json.at("equivalent").get<std::size_t>();
  report.seconds = json.at("seconds").get<double>();
}

void read_standing(const Json& json, Report& report) {
  const auto found = json.find("standing");
  if (found == json.end() || found->is_null()) return;
  report.standings[text_of(json, "id")] = {named(standings, text_of(*found, "state")),
                                           text_of(*found, "since"), found->at("returns").get<int>()};
}

FixedFinding fixed_of(const Json& json) {
  return {.id = text_of(json, "id"),
          .label = text_of(json, "label"),
          .object = text_of(json, "object"),
          .verb = named(verbs, text_of(json, "verb")),
          .severity = named(all_severities, text_of(json, "severity")),
          .since = text_of(json, "since"),
          .fixed = text_of(json, "fixed"),
          .returns = json.at("returns").get<int>(),
          .now = json.at("now").get<bool>()};
}

Diagram diagram_of(const Json& json) {
  Diagram diagram;
  for (const Json& node : json.at("nodes")) {
    diagram.nodes.push_back(
        {text_of(node, "name"), text_of(node, "label"), text_of(node, "severity"), text_of(node, "note")});
  }
  for (const Json& edge : json.at("edges")) {
    const Diagram::Edge one{edge.at("from").get<std::size_t>(), edge.at("to").get<std::size_t>()};
    if (std::max(one.from, one.to) >= diagram.nodes.size()) throw Error("an edge has no node at its end", {});
    diagram.edges.push_back(one);
  }
  diagram.left_out = json.value("left_out", std::size_t{0});
  return diagram;
}

// What is known of other runs. Reports that were written before this existed have none.
void read_course(const Json& json, Report& report) {
  if (json.contains("time")) report.time = text_of(json, "time");
  if (json.contains("previous")) report.previous = text_of(json, "previous");
  for (const Json& finding : json.at("findings")) read_standing(finding, report);
  for (const Json& fixed : json.value("fixed", Json::array())) report.fixed.push_back(fixed_of(fixed));
  for (const Json& accepted : json.value("accepted", Json::array())) {
    report.accepted.push_back({finding_of(accepted.at("finding")), text_of(accepted, "rule"),
                               text_of(accepted, "reason"), text_of(accepted, "expires")});
  }
}

// Reports that were written before these existed have none.
void read_surroundings(const Json& json, Report& report) {
  report.presets = json.value("presets", std::vector<std::string>());
  for (const Json& condition : json.value("operational", Json::array())) {
    report.conditions.push_back({text_of(condition, "check"), text_of(condition, "object"),
                                 text_of(condition, "text"), text_of(condition, "hint")});
  }
  for (const Json& effect : json.value("timeline", Json::array())) {
    report.timeline.push_back({text_of(effect, "file"), effect.at("created").get<std::size_t>(),
                               effect.at("changed").get<std::size_t>(),
                               effect.at("findings").get<std::size_t>()});
  }
  if (json.contains("diagram")) report.diagram = diagram_of(json.at("diagram"));
}

Report report_of(const Json& json) {
  Report report;
  read_head(json, report);
  for (const Json& finding : json.at("findings")) report.findings.push_back(finding_of(finding));
  for (const Json& migration : json.at("pending")) {
    report.pending.push_back({text_of(migration, "version"), text_of(migration, "file")});
  }
  for (const Json& hidden : json.at("hidden")) {
    report.hidden.push_back({text_of(hidden, "rule"), text_of(hidden, "reason"), text_of(hidden, "expires"),
                             hidden.at("count").get<std::size_t>()});
  }
  read_surroundings(json, report);
  read_course(json, report);
  report.not_compared = json.at("not_compared").get<std::vector<std::string>>();
  report.not_readable = json.at("not_readable").get<std::vector<std::string>>();
  report.warnings = json.at("warnings").get<std::vector<std::string>>();
  return report;
}

// Whether it is a report at all, and one we can read.
void check_format(const Json& json, const std::string& name) {
  const auto format = json.is_object() ? json.find("format") : json.end();
  if (!json.is_object() || format == json.end() || *format != format_name) {
    throw Error(
        "\"" + name + "\" is not a plumbline report",
        "Give a file that \"plumbline check --format json\" or \"plumbline diff --format json\" wrote.");
  }
  const auto version = json.find("version");
  if (version == json.end() || !version->is_number_integer() || *version < 1) {
    throw Error("the report \"" + name + "\" does not say which version its format has",
                "The file is damaged; write the report anew.");
  }
  if (*version > format_version) {
    throw Error("the report \"" + name + "\" has format version " + version->dump() + ", newer than " +
                    std::to_string(format_version),
                "Use the plumbline that wrote it, or a newer one.");
  }
}

Json parse(std::istream& in, const std::string& name) {
  try {
    return Json::parse(in);
  } catch (const nlohmann::json::parse_error& error) {
    const std::string where = error.byte > 0 ? " (byte " + std::to_string(error.byte) + ")" : "";
    throw Error("the report \"" + name + "\" is truncated or is no JSON" + where,
                "Write the report anew; perhaps the disk was full or the run was interrupted.");
  }
}

}  // namespace

void write_json(const Report& report, std::ostream& out) {
  Json json = head_json(report);
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings)
    json["findings"].push_back(finding_json(finding, report.standing(finding)));
  json["pending"] = Json::array();
  for (const PendingMigration& migration : report.pending) {
    json["pending"].push_back({{"version", migration.version}, {"file", migration.file}});
  }
  json["hidden"] = Json::array();
  for (const HiddenFindings& hidden : report.hidden) {
    json["hidden"].push_back({{"rule", hidden.rule},
                              {"reason", optional_text(hidden.reason)},
                              {"expires", optional_text(hidden.expires)},
                              {"count", hidden.count}});
  }
  json["accepted"] = accepted_json(report);
  json["fixed"] = fixed_json(report);
  json["presets"] = report.presets;
  json["operational"] = Json::array();
  for (const Condition& condition : report.conditions) {
    json["operational"].push_back({{"check", condition.check},
                                   {"object", condition.object},
                                   {"text", condition.text},
                                   {"hint", optional_text(condition.hint)}});
  }
  json["timeline"] = timeline_json(report);
  json["diagram"] = diagram_json(report.diagram);
  json["not_compared"] = report.not_compared;
  json["not_readable"] = report.not_readable;
  json["warnings"] = report.warnings;
  // A database with the encoding SQL_ASCII can hold any bytes; JSON cannot.
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

Report read_report(std::istream& in, const std::string& name) {
  const Json json = parse(in, name);
  check_format(json, name);
  try {
    return report_of(json);
  } catch (const nlohmann::json::exception& error) {
    throw Error("the report \"" + name + "\" is damaged: " + error.what(), "Write the report anew.");
  } catch (const Error& error) {
    throw Error("the report \"" + name + "\" is damaged: " + error.message(), "Write the report anew.");
  }
}

}  // namespace plumbline
