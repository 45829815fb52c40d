// What up and down would run, and who is refused, without a server.
#include "runner/plan.h"

#include <catch2/catch.hpp>

#include "migrations/execution.h"
#include "migrations/ledger.h"
#include "runner/lease.h"
#include "runner/validate.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

std::string own(const std::string& header = "", const std::string& up = "SELECT 1;") {
  return header + "-- ==== UP MIGRATION ====\n" + up + "\n-- ==== DOWN MIGRATION ====\nSELECT 2;\n";
}

MigrationDirectory three() {
  return load({{"20250101_000000_a.sql", own()},
               {"20250102_000000_b.sql", own("-- Phase: contract\n")},
               {"20250103_000000_c.sql", own()}});
}

LedgerEntry applied(const MigrationDirectory& directory, std::size_t place) {
  LedgerEntry entry;
  entry.version = directory.migrations[place].version;
  entry.state = "applied";
  entry.direction = "up";
  entry.checksum = directory.migrations[place].checksum;
  return entry;
}

LedgerEntries ledger(const MigrationDirectory& directory, const std::vector<std::size_t>& places) {
  LedgerEntries entries;
  for (const std::size_t place : places)
    entries.emplace(directory.migrations[place].version, applied(directory, place));
  return entries;
}

Names steps(const MigrationPlan& plan) {
  Names names;
  for (const Step& step : plan.steps)
    names.push_back((step.down ? "down " : "up ") + step.version.substr(6, 2));
  return names;
}

// A server that answers every question with one text.
class OneAnswer : public Connection {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {}
  int version() const override { return 15; }
  int version_number() const override { return 150000; }
  std::string database() const override { return "db"; }
  std::string user() const override { return "somebody"; }
  std::string description() const override { return "nowhere"; }
  void query(std::string_view, const EachRow& each) override {
    const std::string_view field = answer_;
    each(Row({&field, 1}));
  }
  void query(std::string_view sql, Parameters, const EachRow& each) override { query(sql, each); }
  void stream(std::string_view, const EachRow&) override {}
  void execute(std::string_view sql) override { FAIL_CHECK("was told to " << sql); }
  void copy_in(std::string_view, std::string_view) override {}
  bool in_transaction() const override { return false; }
  void on_notice(std::function<void(std::string_view)>) override {}

 private:
  std::string answer_;
};

}  // namespace

TEST_CASE("up runs what is pending, up to a target and of a phase") {
  const MigrationDirectory directory = three();
  CHECK(steps(plan_up(directory, {}, {})) == Names{"up 01", "up 02", "up 03"});
  CHECK(steps(plan_up(directory, ledger(directory, {0}), {})) == Names{"up 02", "up 03"});
  CHECK(steps(plan_up(directory, {}, {.target = "20250102_000000", .phase = {}})) == Names{"up 01", "up 02"});
  CHECK(steps(plan_up(directory, {}, {.target = {}, .phase = "expand"})) == Names{"up 01", "up 03"});
  CHECK(steps(plan_up(directory, ledger(directory, {0, 2}), {.target = {}, .phase = "contract"})) ==
        Names{"up 02"});
}

TEST_CASE("down runs the newest first, and stops before its target") {
  const MigrationDirectory directory = three();
  const LedgerEntries all = ledger(directory, {0, 1, 2});
  CHECK(steps(plan_down(directory, all, {.target = "20250101_000000", .phase = {}})) ==
        Names{"down 03", "down 02"});
  CHECK(steps(plan_down(directory, all, {.target = {}, .phase = {}, .steps = 1})) == Names{"down 03"});
  CHECK(steps(plan_down(directory, all, {.target = "0", .phase = {}})) ==
        Names{"down 03", "down 02", "down 01"});
}

TEST_CASE("redo runs down and up again what it names, and nothing else that is pending") {
  const MigrationDirectory directory = three();
  const LedgerEntries without_second = ledger(directory, {0, 2});
  CHECK(steps(plan_redo(directory, without_second, {.target = {}, .phase = {}, .steps = 1})) ==
        Names{"down 03", "up 03"});
  CHECK(steps(plan_redo(directory, without_second, {.target = {}, .phase = {}, .steps = 2})) ==
        Names{"down 03", "down 01", "up 01", "up 03"});
}

TEST_CASE("a plan is known by what it would do") {
  const MigrationDirectory directory = three();
  const MigrationPlan plan = plan_up(directory, {}, {});
  MigrationDirectory edited = directory;
  edited.migrations[2].up[0].text = "SELECT 3";
  CHECK(plan_hash(directory, plan) == plan_hash(three(), plan_up(three(), {}, {})));
  CHECK(plan_hash(directory, plan) != plan_hash(edited, plan_up(edited, {}, {})));
}

TEST_CASE("what stopped half-way stops the plan, unless it is to go on") {
  const MigrationDirectory directory = three();
  LedgerEntries entries = ledger(directory, {0, 1});
  LedgerEntry& entry = entries["20250103_000000"];
  entry.version = "20250103_000000";
  entry.state = "running";
  entry.direction = "up";
  entry.statements = 5;
  entry.running = 1;
  CHECK_THAT(error_of([&] { plan_up(directory, entries, {}); }),
             Contains("stopped half-way: statement 1 of 5 was running") && Contains("--resume"));
  const MigrationPlan plan =
      plan_up(directory, entries, {.target = {}, .phase = {}, .steps = 0, .resume = true});
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].running == 1);
}

TEST_CASE("of two files with one version each has its own name in the ledger") {
  const MigrationDirectory directory = load(
      {{"1_a.up.sql", "SELECT 1;"}, {"1_b.up.sql", "SELECT 2;"}, {"2_c.up.sql", "SELECT 3;"}}, "concourse");
  CHECK(ledger_keys(directory) == Names{"1", "1 1_b.up.sql", "2"});
}

TEST_CASE("words that begin and end transactions are told from those that only look like it") {
  CHECK(transaction_control("/* x */ BEGIN ISOLATION LEVEL SERIALIZABLE") == TransactionControl::begin);
  CHECK(transaction_control("start transaction") == TransactionControl::begin);
  CHECK(transaction_control("END") == TransactionControl::commit);
  CHECK(transaction_control("ROLLBACK") == TransactionControl::rollback);
  CHECK(transaction_control("ROLLBACK TO SAVEPOINT a") == TransactionControl::none);
  CHECK(transaction_control("COMMIT PREPARED 'x'") == TransactionControl::none);
  CHECK(may_commit("CALL p()"));
  CHECK_FALSE(may_commit("SELECT p()"));
}

TEST_CASE("a read-only replica is refused before anything is written") {
  OneAnswer replica("t");
  CHECK_THAT(error_of([&] { Lease(replica, "plumbline", {}); }),
             Contains("read-only replica") && Contains("primary"));
}

TEST_CASE("a dependency on a later phase is a mistake") {
  const MigrationDirectory directory =
      load({{"20250101_000000_a.sql", own("-- Phase: contract\n")},
            {"20250102_000000_b.sql", own("-- Phase: expand\n-- Dependencies: [\"20250101_000000\"]\n")}});
  const std::vector<std::size_t> places{0, 1};
  const std::vector<Problem> problems = validate({.directory = directory, .places = places});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].rule == "phases");
  CHECK(problems[0].place == "db/20250102_000000_b.sql:1:1");
}

TEST_CASE("a migration is irreversible for a reason, and not when its header denies it") {
  const auto reason = [](const std::string& line) {
    const MigrationDirectory directory = load({{"20250101_000000_a.sql", own(line + "\n")}});
    return irreversible_reason(directory.migrations[0]).value_or("reversible");
  };
  CHECK(reason("-- Irreversible: the rows are gone") == "the rows are gone");
  CHECK(reason("-- irreversible: no row is left") == "no row is left");
  for (const char* denied : {"no", "No.", "none", "FALSE", "off", "0", "", "  "}) {
    CAPTURE(denied);
    CHECK(reason(std::string("-- Irreversible: ") + denied) == "reversible");
  }
}

TEST_CASE("a template that nobody has filled in is not applied, but one that was applied stops nothing") {
  const MigrationDirectory directory = load(
      {{"20250101_000000_a.sql", own()}, {"20250102_000000_b.sql", own("", "-- Write the change here.")}});
  CHECK_THROWS_WITH(plan_up(directory, {}, {}),
                    Contains("20250102_000000_b.sql has nothing to apply") && Contains("no statement"));
  PlanRequest request;
  request.target = "20250101_000000";
  CHECK(steps(plan_up(directory, {}, request)) == Names{"up 01"});
  CHECK(plan_up(directory, ledger(directory, {0, 1}), {}).steps.empty());
  request = {};
  request.lenient = true;  // --skip-validation
  CHECK(steps(plan_up(directory, {}, request)) == Names{"up 01", "up 02"});
}
