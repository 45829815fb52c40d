#include <catch2/catch.hpp>
#include <sstream>

#include "postgres/text.h"
#include "tests/support/golden.h"
#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

std::string text_of(const Report& report, const TextOptions& options = {}) {
  std::ostringstream out;
  write_text(report, options, out);
  return out.str();
}

TEST_CASE("drift is told gravest first") {
  const std::string text = text_of(sample_report());
  CHECK(text == golden("report/drift.txt", text));
}

TEST_CASE("drift is told object by object when asked for") {
  const std::string text = text_of(sample_report(), {.grouping = Grouping::object});
  CHECK(text == golden("report/drift_by_object.txt", text));
}

TEST_CASE("what is new and what is fixed since the last run is told") {
  const std::string text = text_of(later_report());
  CHECK(text == golden("report/later.txt", text));
}

TEST_CASE("no drift takes a verdict and what was not compared") {
  const std::string text = text_of(quiet_report());
  CHECK(text == golden("report/no_drift.txt", text));
}

TEST_CASE("pending migrations are told without drift too") {
  Report report = quiet_report();
  report.pending = {{"3", "0003_c.sql"}, {"4", "0004_d.sql"}};
  CHECK(text_of(report).find("pending: 2 migrations\n  0003_c.sql\n  0004_d.sql\n") != std::string::npos);
}

TEST_CASE("colours are written only when asked for") {
  const auto has_escape = [](const std::string& text) { return text.find('\x1b') != std::string::npos; };
  CHECK_FALSE(has_escape(text_of(sample_report())));
  CHECK(has_escape(text_of(sample_report(), {.colour = true})));
}

TEST_CASE("nothing a database holds steers the terminal") {
  Report report = sample_report();
  report.findings[0].name = "a\x1b]0;title\x07\r\n\xe2\x80\xae";
  report.warnings = {"\x1b[2J"};
  const std::string text = text_of(report);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find("a\\x1b]0;title\\x07\\r\\n\\u202e") != std::string::npos);
}

TEST_CASE("on a terminal long values are wrapped between words") {
  Report report = sample_report();
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word" + std::to_string(i) + " ";
  report.findings[1].changes[0].expected = words;
  for (const std::string& line : split(text_of(report, {.width = 60}), '\n')) {
    if (line.find("word") != std::string::npos) CHECK(line.size() <= 60);
  }
}

TEST_CASE("a diff of many lines is cut, and says so") {
  Report report = quiet_report();
  std::string lines;
  for (int i = 0; i < 900; ++i) lines += std::to_string(i) + "\n";
  report.findings = {
      sample_finding(Difference::Verb::changed, "function", "", "f()", {{"source", lines, "", Form::code}})};
  CHECK(text_of(report).find("... 501 more lines; the JSON report has all of them") != std::string::npos);
}

TEST_CASE("a comparison of two states does not speak of live") {
  Report report = sample_report();
  report.command = "diff";
  const std::string text = text_of(report);
  CHECK(text.starts_with("different: 6 findings (1 critical, 3 high, 1 low, 1 info)\n"));
  CHECK(text.find("      actual    false\n") != std::string::npos);
}

}  // namespace
}  // namespace plumbline
