// What plumbline says of a run that was killed: of the work that it did itself, and of that of others.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/server/migrated.h"
#include "tests/server/running.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

const std::string others =
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = "
    "'client backend'";

// Kills `up` while its CREATE INDEX CONCURRENTLY on `a` waits for our transaction, which is older.
void kill_in_index(Migrated& live, const std::vector<std::string>& more = {}) {
  live.execute("BEGIN; INSERT INTO a VALUES (1)");
  std::vector<std::string> words{"up", "--migrations", "db", "--url", live.database().conninfo()};
  words.insert(words.end(), more.begin(), more.end());
  RunningProgram runner(words, {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  wait_until(live.database().connection(),
             "EXISTS (SELECT " + others + " AND query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock')");
  runner.send(SIGKILL);
  runner.wait();
  wait_until(live.database().connection(), "NOT EXISTS (SELECT " + others + ")");
  live.execute("COMMIT");
}

std::string alerts(Migrated& live) {
  return live.value("SELECT count(*) FROM plumbline.schema_drift_alerts WHERE findings > 0");
}

}  // namespace

TEST_CASE("after a kill in the midst of an index nobody else is said to have changed the schema") {
  for (const bool by_repair : {false, true}) {
    CAPTURE(by_repair);
    Migrated live;
    live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
    live.ok({"up"});
    live.migration(2, "CREATE TABLE b (id int);\nCREATE INDEX CONCURRENTLY a_id ON a (id);");
    kill_in_index(live);
    REQUIRE(live.ledger() == "1 applied, 2 running at 2/2");
    REQUIRE(live.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == "f");
    if (by_repair) live.ok({"repair", "--reason", "it was killed"});
    const ProgramResult result =
        live.run(by_repair ? std::vector<std::string>{"up"} : std::vector<std::string>{"up", "--resume"});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.err, !Contains("changed by other hands") && Contains("by plumbline's own work"));
    CHECK(alerts(live) == "0");
    CHECK(live.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == "t");
    const ProgramResult digest = run_plumbline(
        {"digest", "--format", "json", "--url", live.database().conninfo()}, {}, {}, live.path());
    CHECK_THAT(digest.out, Contains("\"drift_incidents\": 0"));
  }
}

TEST_CASE("what a failed run had applied before is not said to be by other hands") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.migration(2, "CREATE TABLE b (id int);");
  live.migration(3, "SELECT 1 / 0;");
  CHECK(live.run({"up"}).exit_code == 1);
  live.migration(3, "SELECT 1;");
  const ProgramResult result = live.run({"up"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, !Contains("changed by other hands"));
  CHECK(alerts(live) == "0");
}

TEST_CASE("what others change after a run that ended, or after one that left nothing, is still said") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.migration(2, "SELECT 1 / 0;");
  CHECK(live.run({"up"}).exit_code == 1);
  live.execute("ALTER TABLE a ADD by_hand int");
  live.migration(2, "SELECT 1;");
  const ProgramResult result = live.run({"up"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("changed by other hands") && Contains("public.a.by_hand"));
  CHECK(alerts(live) == "1");
}
