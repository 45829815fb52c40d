// The exit code of status, and what it says of runs that did not end.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/server/migrated.h"
#include "tests/server/running.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

const std::string runners =
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
    "application_name = 'plumbline'";

std::vector<std::string> on(Migrated& live, std::vector<std::string> words) {
  words.insert(words.end(), {"--migrations", "db", "--url", live.database().conninfo()});
  return words;
}

}  // namespace

TEST_CASE("status exits with 3 where a migration failed or stopped half-way, and tells it") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  CHECK(live.run({"status"}).exit_code == 0);  // pending alone is no trouble
  live.ok({"up"});
  CHECK(live.run({"status"}).exit_code == 0);
  live.migration(2, "SELECT 1 / 0;");
  CHECK(live.run({"up"}).exit_code == 1);
  const ProgramResult failed = live.run({"status"});
  CHECK(failed.exit_code == 3);
  CHECK_THAT(failed.out, Contains("failed") && Contains("20250102_000000") && Contains("division by zero"));
  CHECK(live.run({"status", "--json"}).exit_code == 3);
  live.migration(2, "CREATE TABLE b (id int);\nSELECT 1 / 0;", "", "-- Transaction: none\n");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK(live.run({"status"}).exit_code == 3);
  live.ok({"repair", "--reason", "for the test"});
  const ProgramResult half = live.run({"status"});  // pending again, but half of it is done
  CHECK(half.exit_code == 3);
  CHECK_THAT(half.out, Contains("1 of 2 statements done"));
  live.migration(2, "CREATE TABLE b (id int);\nSELECT 1;", "", "-- Transaction: none\n");
  live.ok({"up"});
  CHECK(live.run({"status"}).exit_code == 0);
}

TEST_CASE("status exits with 3 where a down stopped half-way") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;\nSELECT 1 / 0;", "-- Transaction: none\n");
  live.ok({"up"});
  CHECK(live.run({"down", "--steps", "1"}).exit_code == 1);
  const ProgramResult status = live.run({"status"});
  CHECK(status.exit_code == 3);
  CHECK_THAT(status.out, Contains("1 of 2 statements done"));
}

TEST_CASE("status shows a run of all or nothing that was killed, until it has ended") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.ok({"up"});
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.migration(3, "CREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX CONCURRENTLY a_id;");
  CHECK_THAT(live.ok({"status"}), !Contains("open run"));
  live.execute("BEGIN; INSERT INTO a VALUES (1)");
  RunningProgram runner(on(live, {"up", "--all-or-nothing"}),
                        {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  wait_until(live.database().connection(),
             "EXISTS (SELECT " + runners + " AND query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock')");
  const ProgramResult meanwhile = live.run({"status"});
  CHECK(meanwhile.exit_code == 0);  // somebody is at it
  CHECK_THAT(meanwhile.out, Contains("open run") && Contains("goes on"));
  runner.send(SIGKILL);
  runner.wait();
  wait_until(live.database().connection(), "NOT EXISTS (SELECT " + runners + ")");
  live.execute("COMMIT");
  const ProgramResult killed = live.run({"status"});
  CHECK(killed.exit_code == 3);
  CHECK_THAT(killed.out, Contains("open run") && Contains("did not end") &&
                             Contains("applied so far: 20250102_000000") &&
                             Contains("up --all-or-nothing --resume"));
  CHECK_THAT(live.run({"status", "--json"}).out, Contains("\"open_run\"") && Contains("\"20250102_000000\""));
  live.ok({"up", "--all-or-nothing", "--resume"});
  CHECK_THAT(live.ok({"status"}), !Contains("open run"));
}
