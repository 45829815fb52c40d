#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "postgres/error.h"
#include "tests/support/golden.h"
#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

std::string json_of(const Report& report) {
  std::ostringstream out;
  write_json(report, out);
  return out.str();
}

Report read(const std::string& text) {
  std::istringstream in(text);
  return read_report(in, "report.json");
}

std::string message_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    CHECK_FALSE(error.hint().empty());
    return error.message();
  }
  return "";
}

// What the published schema has against a report; empty: nothing.
std::string violations(const Json& report) {
  const Json published = Json::parse(read_text(std::string(PLUMBLINE_SOURCE) + "/docs/report.schema.json"));
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(published), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, Adapter(report), &results);
  std::string text;
  for (valijson::ValidationResults::Error error; results.popError(error);) text += error.description + "\n";
  return text;
}

TEST_CASE("what is known of other runs is read back") {
  const std::string text = json_of(later_report());
  CHECK(text == golden("report/later.json", text));
  CHECK(json_of(read(text)) == text);
}

TEST_CASE("a report is written as it was") {
  const std::string text = json_of(sample_report());
  CHECK(text == golden("report/drift.json", text));
}

TEST_CASE("reports are as the published schema says") {
  CHECK(violations(Json::parse(json_of(sample_report()))).empty());
  CHECK(violations(Json::parse(json_of(quiet_report()))).empty());
  CHECK(violations(Json::parse(json_of(later_report()))).empty());
  Report empty;
  empty.command = "diff";
  CHECK(violations(Json::parse(json_of(empty))).empty());
}

TEST_CASE("the published schema refuses what is no report") {
  Json report = Json::parse(json_of(sample_report()));
  SECTION("another severity") { report["findings"][0]["severity"] = "terrible"; }
  SECTION("a field too many") { report["findings"][0]["oid"] = 4711; }
  SECTION("a field too few") { report.erase("pending"); }
  SECTION("an id of another form") { report["findings"][0]["id"] = "1"; }
  CHECK_FALSE(violations(report).empty());
}

TEST_CASE("a report reads back without loss") {
  const std::string text = json_of(sample_report());
  const Report report = read(text);
  CHECK(json_of(report) == text);
  CHECK(report.findings[4].object() == "public.order_total(bigint)");
  CHECK(report.findings[1].last_changed->line == 2);
  CHECK(report.seconds == Approx(0.314));
}

TEST_CASE("bytes that are no UTF-8 do not keep a report from being written") {
  Report report = sample_report();
  report.findings[0].changes[0].expected = "caf\xe9";
  const Report back = read(json_of(report));
  CHECK(back.findings[0].changes[0].expected == "caf\xef\xbf\xbd");
}

TEST_CASE("a truncated report is refused at any length") {
  const std::string text = json_of(sample_report());
  for (std::size_t length = 0; length + 2 < text.size(); length += 97) {
    const std::string message = message_of(text.substr(0, length));
    CHECK(message.starts_with("the report \"report.json\" is truncated or is no JSON"));
  }
}

TEST_CASE("another file is no report") {
  CHECK(message_of("{\"format\": \"plumbline-snapshot\"}") == "\"report.json\" is not a plumbline report");
  CHECK(message_of("[]") == "\"report.json\" is not a plumbline report");
}

TEST_CASE("a report of a newer plumbline is refused") {
  CHECK(message_of("{\"format\": \"plumbline-report\", \"version\": 2}") ==
        "the report \"report.json\" has format version 2, newer than 1");
  CHECK(message_of("{\"format\": \"plumbline-report\", \"version\": \"1\"}") ==
        "the report \"report.json\" does not say which version its format has");
}

TEST_CASE("a report with fields missing or of another type is damaged") {
  Json report = Json::parse(json_of(sample_report()));
  SECTION("missing") { report["findings"][0].erase("verb"); }
  SECTION("a number for a text") { report["findings"][0]["name"] = 7; }
  SECTION("an unknown verb") { report["findings"][0]["verb"] = "gone"; }
  SECTION("an unknown form") { report["findings"][0]["changes"][0]["form"] = "poem"; }
  CHECK(message_of(report.dump()).starts_with("the report \"report.json\" is damaged: "));
}

}  // namespace
}  // namespace plumbline
