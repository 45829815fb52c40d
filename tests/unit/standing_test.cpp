#include <catch2/catch.hpp>

#include "report/standing.h"
#include "report/wording.h"
#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

using State = Standing::State;

Report run_at(const std::string& day, const std::vector<std::string>& tables) {
  Report report = quiet_report();
  report.time = "2026-03-" + day + "T06:00:00Z";
  for (const std::string& table : tables) {
    report.findings.push_back(sample_finding(Difference::Verb::missing, "table", "", table, {}));
  }
  return report;
}

// The last of several runs, each held against the one before.
Report last_of(std::vector<Report> runs) {
  begin_standings(runs[0]);
  for (std::size_t i = 1; i < runs.size(); ++i) hold_against(runs[i], runs[i - 1]);
  return runs.back();
}

Standing standing_of(const Report& report, const std::string& table) {
  for (const Finding& finding : report.findings) {
    if (finding.name == table) return *report.standing(finding);
  }
  FAIL("no such finding");
  return {};
}

TEST_CASE("a finding that was there before is known since it was first seen") {
  const Report report =
      last_of({run_at("01", {"a"}), run_at("02", {"a", "b"}), run_at("03", {"a", "b", "c"})});
  CHECK(standing_of(report, "a").state == State::known);
  CHECK(standing_of(report, "a").since == "2026-03-01T06:00:00Z");
  CHECK(standing_of(report, "b").since == "2026-03-02T06:00:00Z");
  CHECK(standing_of(report, "c").state == State::fresh);
  CHECK(news_of(report) == "since the run of 2026-03-02 06:00 UTC: 1 new, 2 known");
}

TEST_CASE("in the first run everything is new") {
  const Report report = last_of({run_at("01", {"a"})});
  CHECK(standing_of(report, "a").state == State::fresh);
  CHECK(is_news(report, report.findings[0]));
}

TEST_CASE("what is gone is fixed, and told once") {
  const Report once = last_of({run_at("01", {"a"}), run_at("02", {})});
  REQUIRE(fixed_now(once).size() == 1);
  CHECK(fixed_now(once)[0].object == "public.a");
  const Report twice = last_of({run_at("01", {"a"}), run_at("02", {}), run_at("03", {})});
  CHECK(fixed_now(twice).empty());
  CHECK(twice.fixed.size() == 1);
}

TEST_CASE("what comes back once is news, what does it again flaps and is none") {
  const Report once = last_of({run_at("01", {"a"}), run_at("02", {}), run_at("03", {"a"})});
  CHECK(standing_of(once, "a").state == State::fresh);
  CHECK(standing_of(once, "a").returns == 1);
  CHECK(is_news(once, once.findings[0]));
  const Report twice = last_of(
      {run_at("01", {"a"}), run_at("02", {}), run_at("03", {"a"}), run_at("04", {}), run_at("05", {"a"})});
  CHECK(standing_of(twice, "a").state == State::flapping);
  CHECK_FALSE(is_news(twice, twice.findings[0]));
}

TEST_CASE("what a new rule accepts is not fixed") {
  Report before = run_at("01", {"a"}), after = run_at("02", {});
  begin_standings(before);
  after.accepted = {{before.findings[0], "table public.a", "known", ""}};
  hold_against(after, before);
  CHECK(after.fixed.empty());
}

TEST_CASE("a finding is forgotten a month after it was fixed") {
  Report before = run_at("01", {});
  before.fixed = {{.id = "plb-000000000000", .fixed = "2026-01-01T00:00:00Z"}};
  Report after = run_at("02", {});
  hold_against(after, before);
  CHECK(after.fixed.empty());
}

}  // namespace
}  // namespace plumbline
