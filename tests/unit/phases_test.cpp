// Expand, migrate and contract over several deployments: what up runs, what waits, and for what.
#include "runner/phases.h"

#include <catch2/catch.hpp>

#include "runner/plan.h"
#include "runner/validate.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t noon = 1'764'504'000;  // 2025-11-30 12:00:00 UTC

// "e" expand, "m" migrate, "c" contract, "-" none; behind it more lines of the header.
struct PhaseFile {
  char phase;
  std::string header = {};
};

std::string phase_version(std::size_t number) { return "2025010" + std::to_string(number) + "_000000"; }

MigrationDirectory phased(const std::vector<PhaseFile>& files) {
  std::vector<SourceFile> contents;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string word = files[i].phase == 'e'   ? "expand"
                             : files[i].phase == 'm' ? "Migrate"
                                                     : "contract";
    contents.push_back(
        {phase_version(i + 1) + "_x.sql", (files[i].phase == '-' ? "" : "-- Phase: " + word + "\n") +
                                              files[i].header + "-- ==== UP MIGRATION ====\nSELECT 1;\n"});
  }
  return load(contents);
}

// Applied migrations by number, one day apart, the last one a day ago.
LedgerEntries applied_daily(const std::vector<std::size_t>& numbers) {
  LedgerEntries entries;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    LedgerEntry entry;
    entry.version = phase_version(numbers[i]);
    entry.state = "applied";
    entry.direction = "up";
    entry.applied_ago = day * static_cast<std::int64_t>(numbers.size() - i);
    entry.applied_epoch = noon - entry.applied_ago;
    entries.emplace(entry.version, entry);
  }
  return entries;
}

// "1 3, waits: 2", or the error behind "!".
std::string outcome(const MigrationDirectory& directory, const LedgerEntries& entries,
                    const PlanRequest& request) {
  try {
    const MigrationPlan plan = plan_up(directory, entries, request);
    std::string text;
    for (const Step& step : plan.steps) text += (text.empty() ? "" : " ") + step.version.substr(7, 1);
    for (std::size_t i = 0; i < plan.waiting.size(); ++i)
      text += (i == 0 ? ", waits: " : " ") + plan.waiting[i].version.substr(7, 1);
    return text;
  } catch (const Error& error) {
    return "!" + error.message() + " | " + error.hint();
  }
}

std::string why_of(const MigrationDirectory& directory, const LedgerEntries& entries) {
  const std::vector<Waiting> all = waiting_migrations(directory, entries);
  return all.empty() ? "" : all.front().why;
}

const std::string names_1 = "-- Dependencies: [\"20250101_000000\"]\n";
const std::string names_2 = "-- Dependencies: [\"20250102_000000\"]\n";

}  // namespace

TEST_CASE("up keeps the order within a phase, and what needs what between phases") {
  struct Case {
    std::string sentence;
    std::vector<PhaseFile> files;
    std::vector<std::size_t> applied;
    std::string phase;
    std::string wanted;
  };
  const std::vector<PhaseFile> ece{{'e'}, {'c'}, {'e'}};
  const std::vector<PhaseFile> emc{{'e'}, {'m'}, {'c'}};
  const std::vector<PhaseFile> waits{{'e'}, {'c', "-- Wait: 14d\n"}, {'e'}};
  const auto [sentence, files, applied, phase, wanted] = GENERATE_COPY(values<Case>({
      {"all in order without a phase", ece, {}, "", "1 2 3"},
      {"the expands alone", ece, {}, "expand", "1 3"},
      {"a contract behind a later expand is not late", ece, {1, 3}, "contract", "2"},
      {"nor without a phase", ece, {1, 3}, "", "2"},
      {"a late expand that no contract needs", ece, {1, 2}, "expand", "3"},
      {"a migrate alone needs its expand", emc, {}, "migrate", "!is not applied"},
      {"a contract needs its migrate",
       emc,
       {1},
       "contract",
       "!20250102_000000 (20250102_000000_x.sql) is not"},
      {"the command is of the earliest phase", emc, {}, "contract", "!plumbline up --phase expand"},
      {"and then of the next", emc, {1}, "contract", "!plumbline up --phase migrate"},
      {"a contract behind both", emc, {1, 2}, "contract", "3"},
      {"a file without a phase is an expand", {{'-'}, {'c'}}, {}, "contract", "!is not applied"},
      {"an expand that is late for its phase", {{'e'}, {'e'}}, {2}, "", "!older than the last applied"},
      {"an expand that an applied contract needed", {{'e'}, {'c'}}, {2}, "", "!older than the last applied"},
      {"an expand that an applied contract did not need",
       {{'e'}, {'e'}, {'c', names_1}, {'e'}},
       {1, 3},
       "",
       "2 4"},
      {"a contract that names its expand waits for no other",
       {{'e'}, {'e'}, {'c', names_1}},
       {1},
       "contract",
       "3"},
      {"but for the migrate that names it",
       {{'e'}, {'m', names_1}, {'c', names_1}},
       {1},
       "contract",
       "!waits: "},
      {"or that names none", {{'e'}, {'m'}, {'c', names_1}}, {1}, "contract", "!waits: "},
      {"one that names the migrate needs its expand, too",
       {{'e'}, {'m'}, {'c', names_2}},
       {2},
       "contract",
       "!20250101_000000 (20250101_000000_x.sql) is not applied"},
      {"one that names another contract needs the expands all the same",
       {{'e'}, {'c', names_1}, {'e'}, {'c', names_2}},
       {1, 2},
       "contract",
       "!20250103_000000 (20250103_000000_x.sql) is not applied"},
      {"a wait is not over", waits, {1}, "", "3, waits: 2"},
      {"nor when the expand is new in the run", waits, {}, "", "1 3, waits: 2"},
      {"it is refused where it is asked for",
       waits,
       {1, 3},
       "contract",
       "!waits: until 2025-12-12 12:00:00 UTC"},
      {"a contract waits behind an earlier one",
       {{'e'}, {'c', "-- Wait: 14d\n"}, {'c'}, {'e'}},
       {1},
       "",
       "4, waits: 2 3"},
      {"some can run", {{'e'}, {'c'}, {'e'}, {'c'}}, {1}, "contract", "2, waits: 4"},
  }));
  INFO(sentence);
  const std::string got = outcome(phased(files), applied_daily(applied), {.target = {}, .phase = phase});
  if (!wanted.starts_with('!')) CHECK(got == wanted);
  if (wanted.starts_with('!')) CHECK_THAT(got, StartsWith("!") && Contains(wanted.substr(1)));
}

TEST_CASE("a wait is counted from the last migration that is waited for") {
  const MigrationDirectory directory = phased({{'e'}, {'m'}, {'c', "-- Wait: 2 d\n"}});
  LedgerEntries entries = applied_daily({1, 2});
  CHECK(why_of(directory, entries) ==
        "until 2025-12-01 12:00:00 UTC, 2 d after 20250102_000000 (20250102_000000_x.sql) was applied");
  entries.at(phase_version(2)).applied_ago = 2 * day;
  CHECK(why_of(directory, entries).empty());
  entries.at(phase_version(2)).applied_ago = 2 * day - 1;
  CHECK_FALSE(why_of(directory, entries).empty());
}

TEST_CASE("a wait of which the ledger does not know the beginning is not over") {
  const MigrationDirectory directory = phased({{'e'}, {'c', "-- Wait: 1s\n"}});
  LedgerEntries entries = applied_daily({1});
  entries.at(phase_version(1)).applied_epoch.reset();
  CHECK_THAT(why_of(directory, entries), Contains("the ledger does not say when that was"));
}

TEST_CASE("a wait that cannot be read is never over, and validate says so") {
  for (const std::string text : {"two weeks", "14", "14 x", "-1d", "1.5d", "100000d", "99999999999d"}) {
    const MigrationDirectory directory = phased({{'e'}, {'c', "-- Wait: " + text + "\n"}});
    INFO(text);
    CHECK_THAT(why_of(directory, applied_daily({1})), Contains("is no length of time"));
    const std::vector<std::size_t> places{1};
    const std::vector<Problem> problems = validate({.directory = directory, .places = places}, true);
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0].message, Contains("\"Wait: " + text + "\" is no length of time"));
  }
}

TEST_CASE("validate refuses a wait where there is nothing to wait for") {
  const MigrationDirectory directory = phased({{'e', "-- Wait: 1d\n"}, {'c'}});
  const std::vector<std::size_t> places{0, 1};
  const std::vector<Problem> problems = validate({.directory = directory, .places = places}, true);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0].message, Contains("nothing to wait for"));
}

TEST_CASE("an unknown phase is run as no other, whatever else is skipped") {
  const MigrationDirectory directory = phased({{'-', "-- Phase: contarct\n"}});
  CHECK_THAT(outcome(directory, {}, {.target = {}, .phase = {}, .lenient = true}),
             Contains("unknown phase \"contarct\""));
  CHECK_THAT(outcome(phased({{'e'}}), {}, {.target = {}, .phase = "contarct"}), Contains("is no phase"));
}

TEST_CASE("only the order within the phase gives way to --out-of-order") {
  const MigrationDirectory directory = phased({{'e'}, {'c', "-- Wait: 14d\n"}, {'c'}});
  const LedgerEntries entries = applied_daily({1});
  CHECK(outcome(directory, entries, {.target = {}, .phase = {}, .out_of_order = true}) == "3, waits: 2");
}

TEST_CASE("a target that waits is not reached without a word") {
  const MigrationDirectory directory = phased({{'e'}, {'c', "-- Wait: 14d\n"}});
  CHECK_THAT(outcome(directory, applied_daily({1}), {.target = phase_version(2), .phase = {}}),
             StartsWith("!20250102_000000") && Contains("waits: until"));
}

TEST_CASE("validate knows the order within phases") {
  const MigrationDirectory directory = phased({{'e'}, {'c'}, {'e'}, {'e'}});
  const std::vector<std::size_t> places{0, 1, 2, 3};
  const LedgerEntries entries = applied_daily({1, 4});
  const std::vector<Problem> problems =
      validate({.directory = directory, .entries = &entries, .places = places});
  std::vector<std::string> late;
  for (const Problem& problem : problems) {
    if (problem.rule == "order") late.push_back(problem.file);
  }
  CHECK(late == std::vector<std::string>{"20250103_000000_x.sql"});
}

TEST_CASE("an expand does not go back while a contract that needs it stays") {
  const MigrationDirectory directory = load({{"20250101_000000_x.sql",
                                              "-- Phase: expand\n-- ==== UP MIGRATION ====\nSELECT 1;\n"
                                              "-- ==== DOWN MIGRATION ====\nSELECT 2;\n"},
                                             {"20250102_000000_x.sql",
                                              "-- Phase: contract\n-- ==== UP MIGRATION ====\nSELECT 1;\n"
                                              "-- ==== DOWN MIGRATION ====\nSELECT 2;\n"}});
  PlanRequest request;
  request.version = phase_version(1);
  CHECK_THAT(error_of([&] {
               plan_down(directory, applied_daily({1, 2}), request);
             }),
             Contains("20250102_000000") && Contains("it is a contract that needs it"));
  CHECK(plan_down(directory, applied_daily({1}), request).steps.size() == 1);
}

TEST_CASE("a phase or a wait below the header is no comment that is passed over") {
  for (const std::string line : {"-- Wait: 14d", "-- Phase: contract"}) {
    const MigrationDirectory directory = load(
        {{"20250101_000000_x.sql", "-- Migration: x\n-- ==== UP MIGRATION ====\n" + line + "\nSELECT 1;\n"}});
    const std::vector<std::size_t> places{0};
    const std::vector<Problem> problems = validate({.directory = directory, .places = places}, true);
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0].message, Contains("\"" + line + "\" stands below the header"));
  }
}
