#include <catch2/catch.hpp>
#include <sstream>

#include "postgres/text.h"
#include "report/escape.h"
#include "tests/support/golden.h"
#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

std::string markdown_of(const Report& report) {
  std::ostringstream out;
  write_markdown(report, {}, out);
  return out.str();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST_CASE("a comment has a verdict, a table and folded details") {
  const std::string text = markdown_of(sample_report());
  CHECK(text == golden("report/drift.md", text));
}

TEST_CASE("without drift a comment is short") {
  const std::string text = markdown_of(quiet_report());
  CHECK(text == golden("report/no_drift.md", text));
}

TEST_CASE("a comment says what is new since the last run") {
  const std::string text = markdown_of(later_report());
  CHECK(text == golden("report/later.md", text));
  CHECK(text.find("1 new, 1 flapping, 4 known, 1 fixed") != std::string::npos);
}

TEST_CASE("a step summary holds what a comment has no room for") {
  Report report = quiet_report();
  for (int i = 0; i < 2'000; ++i) {
    report.findings.push_back(sample_finding(Difference::Verb::missing, "table", "", "t" + std::to_string(i),
                                             {{"comment", "", "a table", Form::text, Class::cosmetic}}));
  }
  std::ostringstream summary;
  write_markdown(report, {.most_bytes = 1'000'000}, summary);
  CHECK(summary.str().find("not shown") == std::string::npos);
  CHECK(markdown_of(report).size() < 65'536);
  CHECK(markdown_of(report).find("more findings not shown here") != std::string::npos);
}

TEST_CASE("what is less important has to go first") {
  Report report = quiet_report();
  std::string body;
  for (int line = 0; line < 400; ++line)
    body += "a line of a function, number " + std::to_string(line) + "\n";
  std::vector<AttributeChange> changes;
  for (const char* name : {"body", "definition", "source", "options", "comment", "note"})
    changes.push_back({name, body, "another" + body, Form::text, Class::security});
  for (int i = 0; i < 12; ++i) {
    report.findings.push_back(
        sample_finding(Difference::Verb::changed, "function", "", "grave_" + std::to_string(i), changes));
  }
  for (int i = 0; i < 12; ++i) {
    report.findings.push_back(sample_finding(Difference::Verb::changed, "table", "",
                                             "light_" + std::to_string(i),
                                             {{"comment", "a", "b", Form::text, Class::cosmetic}}));
    report.findings.back().severity = Severity::info;
  }
  const std::string text = markdown_of(report);
  CHECK(text.size() < 65'536);
  // The gravest has its details, if shortened; the lightest have none where a graver one has none.
  CHECK(count(text, "<summary>changed function public.grave_0") == 1);
  CHECK((count(text, "<summary>changed function") == 12 || count(text, "<summary>changed table") == 0));
}

TEST_CASE("names notify nobody and link to no issue") {
  Report report = quiet_report();
  report.warnings = {"role @octo-team owns #12"};
  report.findings = {sample_finding(Difference::Verb::missing, "table", "", "@octo#12", {})};
  const std::string text = markdown_of(report);
  // As rendered, where an entity is its character again: only code may have them as they are.
  for (const std::string& line : split(text, '\n')) {
    const bool is_code = line.find('`') != std::string::npos;
    CHECK((is_code || line.find("@octo") == std::string::npos));
    CHECK(line.find("&#64;octo") == std::string::npos);
    CHECK(line.find("&#35;12") == std::string::npos);
  }
  CHECK(text.find("&#64;<!-- -->octo") != std::string::npos);
}

TEST_CASE("names do not break the table they stand in") {
  Report report = quiet_report();
  const std::string name = "a|b`c\n<script>@everyone\\|";
  report.findings = {sample_finding(Difference::Verb::missing, "table", "", name, {})};
  for (const std::string& line : split(markdown_of(report), '\n')) {
    if (!line.starts_with("| high")) continue;
    CHECK(count(line, "|") == 5);
    CHECK(line.find("<script>") == std::string::npos);
    CHECK(line.find("@everyone") == std::string::npos);
  }
}

TEST_CASE("a summary line holds no HTML of the database") {
  Report report = quiet_report();
  report.findings = {sample_finding(Difference::Verb::missing, "table", "", "</summary><img src=x>", {})};
  CHECK(markdown_of(report).find(
            "<summary>missing table public.&quot;&lt;/summary&gt;&lt;img src=x&gt;&quot;</summary>\n\n") !=
        std::string::npos);
}

TEST_CASE("a fence is longer than any inside the code") {
  const std::string fenced = markdown_fenced("a\n`````\nb", "sql");
  CHECK(fenced == "``````sql\na\n`````\nb\n``````\n");
}

TEST_CASE("a comment of thousands of findings stays below the limit and says what is missing") {
  Report report = sample_report();
  const std::string body(20'000, 'x');
  for (int i = 0; i < 5'000; ++i) {
    report.findings.push_back(sample_finding(Difference::Verb::changed, "function", "",
                                             "f" + std::to_string(i) + "()",
                                             {{"source", body + "\na", body + "\nb", Form::code}}));
  }
  report.warnings.assign(1'000, std::string(2'000, '|'));
  report.not_compared.assign(1'000, std::string(2'000, '<'));
  const std::string text = markdown_of(report);
  CHECK(text.size() < 65'000);
  CHECK(text.find("Details of ") != std::string::npos);
  CHECK(text.find("| critical | table `public.orders`") != std::string::npos);
  CHECK(text.find(" more findings not shown here") < text.find("<details>"));
  CHECK(count(text, "<details>") == count(text, "</details>"));
  CHECK(text.ends_with("<!-- plumbline -->\n"));
}

TEST_CASE("a text is cut between two characters") {
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abc\u00e4\u00e4\u00e4", 7) == "abc...");
}

}  // namespace
}  // namespace plumbline
