#include <catch2/catch.hpp>
#include <sstream>

#include "report/diagram.h"
#include "report/formats.h"
#include "report/html_assets.h"
#include "tests/support/golden.h"
#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

std::string rendered(const Report& report, std::string_view format, const Failing& failing = {}) {
  RenderOptions options;
  options.failing = failing;
  // In place of Graphviz, whose drawings change with its version.
  options.draw = [](const std::string& graph) {
    return "<?xml?>\n<svg><!-- " + std::to_string(graph.size()) + " --></svg>\n";
  };
  std::ostringstream out;
  find_format(format)->write(report, options, out);
  return out.str();
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Without the page's style and script, which are files of their own in report/html.
std::string without_assets(std::string text) {
  for (const std::string_view asset : {page_style, page_script}) {
    if (const std::size_t at = text.find(asset); at != std::string::npos) text.erase(at, asset.size());
  }
  return text;
}

// What the database holds must come out as text, whatever the format.
Report hostile_report() {
  Report report = quiet_report();
  const std::string name = "</script><script>alert(1)</script>\"'&\x01\xe2\x80\xae]]>::error::%0A,\n::stop";
  report.findings = {sample_finding(Difference::Verb::changed, "table", "", name,
                                    {{"comment", name, name + "x", Form::text, Class::cosmetic}})};
  report.actual = name;
  report.warnings = report.not_compared = {name};
  return report;
}

TEST_CASE("each format is written as it was") {
  struct Case {
    const char *format, *ending;
  };
  for (const auto& [format, ending] :
       {Case{"html", "html"}, Case{"sarif", "sarif"}, Case{"junit", "xml"}, Case{"github", "github"},
        Case{"gitlab", "gitlab.json"}, Case{"prometheus", "prom"}}) {
    CAPTURE(format);
    const std::string drift = without_assets(rendered(later_report(), format)),
                      quiet = without_assets(rendered(quiet_report(), format));
    CHECK(drift == golden("report/later." + std::string(ending), drift));
    CHECK(quiet == golden("report/no_drift." + std::string(ending), quiet));
  }
}

TEST_CASE("a page holds no HTML of the database") {
  const std::string page = rendered(hostile_report(), "html");
  CHECK_FALSE(holds(page, "<script>alert"));
  CHECK_FALSE(holds(page, "\x01"));
  CHECK_FALSE(holds(page, "\xe2\x80\xae"));
  CHECK(holds(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST_CASE("no name in the database becomes a command to GitHub") {
  const std::string text = rendered(hostile_report(), "github");
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK((line.starts_with("::notice ") || line.starts_with("::error ")));
    CHECK_FALSE(line.find("::stop") == 0);
  }
  CHECK(count == 2);
}

TEST_CASE("only what fails the run is an error on GitHub") {
  Report report = quiet_report();
  for (const std::string name : {"known_table", "new_table"}) {
    report.findings.push_back(sample_finding(Difference::Verb::missing, "table", "", name, {}));
    report.findings.back().id = name;
    REQUIRE(report.findings.back().severity == Severity::high);
  }
  report.standings["known_table"].state = Standing::State::known;
  report.standings["new_table"].state = Standing::State::fresh;
  const auto annotated = [&](std::string_view known, std::string_view fresh, const Failing& failing) {
    const std::string text = rendered(report, "github", failing);
    CAPTURE(text);
    CHECK(
        holds(text, std::string(known) + " title=plumbline%3A high drift::missing table public.known_table"));
    CHECK(holds(text, std::string(fresh) + " title=plumbline%3A high drift::missing table public.new_table"));
  };
  annotated("::error", "::error", {});
  annotated("::warning", "::error", {.only_news = true});
  annotated("::warning", "::warning", {.least = Severity::critical});
  annotated("::warning", "::warning", {.never = true});
}

TEST_CASE("annotations stop where GitHub would drop them, and say so") {
  Report report = quiet_report();
  for (int i = 0; i < 30; ++i)
    report.findings.push_back(
        sample_finding(Difference::Verb::missing, "table", "", "t" + std::to_string(i), {}));
  const std::string text = rendered(report, "github");
  CHECK(holds(text, "20 findings not annotated"));
}

TEST_CASE("the words that differ are marked on both sides") {
  const auto rows = side_by_side("same\nselect a + b\nend\n", "same\nselect a * b\nend\n");
  REQUIRE(rows.size() == 3);
  CHECK_FALSE(rows[0].differs);
  CHECK(rows[1].differs);
  REQUIRE(rows[1].expected.size() == 3);
  CHECK(rows[1].expected[1].text == "+");
  CHECK(rows[1].expected[1].marked);
  CHECK(rows[1].actual[1].text == "*");
  CHECK(rows[2].expected_line == 3);
}

TEST_CASE("lines that only one side has stand beside nothing") {
  const auto rows = side_by_side("a\n", "a\nb\nc\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].expected_line == 0);
  CHECK(rows[2].actual_line == 3);
}

TEST_CASE("equal lines far from any difference are left out") {
  std::string expected, actual;
  for (int i = 0; i < 100; ++i) {
    expected += std::to_string(i) + "\n";
    actual += (i == 10 || i == 90 ? "x" : std::to_string(i)) + "\n";
  }
  const auto rows = side_by_side(expected, actual);
  REQUIRE(rows.size() == 14);
  CHECK(rows[0].after_gap);
  CHECK(rows[0].expected_line == 8);
  CHECK(rows[7].after_gap);
  CHECK(rows[7].actual_line == 88);
}

TEST_CASE("a name in a graph stays a name") {
  Diagram diagram;
  diagram.nodes = {{"public.\"a\\\"];b\"", "table", "high", ""}, {"public.c", "view", "", ""}};
  diagram.edges = {{1, 0}};
  CHECK(holds(graph_of(diagram), "\"public.c\" -> \"public.\\\"a\\\\\\\"];b\\\"\";"));
  CHECK(holds(graph_of(diagram), "label=\"public.\\\"a\\\\\\\"];b\\\"\\ntable\""));
}

}  // namespace
}  // namespace plumbline
