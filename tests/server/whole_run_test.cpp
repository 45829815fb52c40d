// up --all-or-nothing: of a run that fails nothing stays, and the ledger says what became of it.
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/server/migrated.h"
#include "tests/server/project.h"
#include "tests/server/running.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

std::string tables(Migrated& live) {
  return live.value(
      "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE "
      "relnamespace = 'public'::regnamespace AND relkind = 'r'");
}

std::string history(Migrated& live) {
  return live.value(
      "SELECT string_agg(action || coalesce(' ' || substr(version, 8, 1), ''), ', ' ORDER BY id) FROM "
      "plumbline.migration_history WHERE action <> 'ledger_created'");
}

void table(const Migrated& live, int number, const std::string& name) {
  live.migration(number, "CREATE TABLE " + name + " (id int);", "DROP TABLE " + name + ";");
}

// Stops up --all-or-nothing while a migration of it sleeps.
ProgramResult stop_asleep(Migrated& live, int signal) {
  RunningProgram program(
      {"up", "--all-or-nothing", "--migrations", "db", "--url", live.database().conninfo()},
      {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  const std::string asleep =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
  const std::string there =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  for (int i = 0; i < 1500 && live.value(asleep) == "0"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  program.send(signal);
  ProgramResult result = program.wait();
  for (int i = 0; i < 1500 && live.value(there) != "0"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return result;
}

}  // namespace

TEST_CASE("a failed migration rolls back the whole run, in one transaction where that can be") {
  Migrated live;
  table(live, 1, "a");
  live.ok({"up"});
  live.migration(2, "CREATE TABLE b (id int);");
  live.migration(3, "CREATE TABLE c (id int);");
  live.migration(4, "INSERT INTO c VALUES (1);\nSELECT 1 / 0;");
  check_refused(live.run({"up", "--all-or-nothing"}),
                {"20250104_000000_step.sql:3:1: division by zero", "nothing of the run stays",
                 "20250102_000000, 20250103_000000, 20250104_000000"});
  CHECK(tables(live) == "a");
  CHECK(live.ledger() == "1 applied, 4 failed");
  CHECK_THAT(history(live), Contains("failed 4, run_rolled_back"));
  live.migration(4, "INSERT INTO c VALUES (1);");
  const ProgramResult again = live.run({"up", "--all-or-nothing"});
  CHECK(again.exit_code == 0);
  CHECK_THAT(again.err, Contains("all of it is one transaction"));
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied");
  CHECK(live.run({"check"}).exit_code == 0);
  live.ok({"history", "--verify"});
  CHECK_THAT(live.ok({"up", "--all-or-nothing"}), Contains("nothing to do"));
}

TEST_CASE("in one transaction each migration begins as in its own") {
  Migrated live;
  live.migration(1,
                 "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE "
                 "INITIALLY DEFERRED); SET search_path = pg_catalog; SET ROLE pg_monitor;");
  live.migration(2, "INSERT INTO c VALUES (1);\nINSERT INTO p VALUES (1);");
  live.migration(3, "ALTER TABLE c ADD COLUMN more int;");
  live.migration(4, "INSERT INTO c VALUES (2, 2);\nINSERT INTO p VALUES (2);");
  live.ok({"up", "--all-or-nothing"});
  CHECK(live.value("SELECT count(*) FROM c") == "2");
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied");
  live.migration(5, "INSERT INTO c VALUES (3);");
  table(live, 6, "later");
  check_refused(live.run({"up", "--all-or-nothing"}),
                {"20250105_000000_step.sql: at its COMMIT", "violates foreign key constraint"});
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied, 5 failed");
}

TEST_CASE("what cannot be one transaction is rolled back by the down sections, newest first") {
  Migrated live;
  table(live, 1, "a");
  live.migration(2, "CREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX CONCURRENTLY a_id;");
  table(live, 3, "c");
  live.migration(4, "SELECT 1 / 0;");
  check_refused(live.run({"up", "--all-or-nothing"}),
                {"division by zero",
                 "rolled back by their down sections, newest first: 20250103_000000, "
                 "20250102_000000, 20250101_000000"});
  CHECK(tables(live).empty());
  CHECK_THAT(live.run({"up", "--all-or-nothing", "--dry-run"}).err,
             Contains("not one transaction, since db/20250102_000000_step.sql:2 refuses a transaction"));
  CHECK(live.ledger() == "1 rolled_back, 2 rolled_back, 3 rolled_back, 4 failed");
  CHECK(
      history(live) ==
      "run_started, applied 1, applied 2, applied 3, failed 4, rolled_back 3, rolled_back 2, rolled_back 1, "
      "run_rolled_back");
  live.migration(4, "SELECT 1;");
  live.ok({"up", "--all-or-nothing"});
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied");
  CHECK_THAT(history(live), Contains("applied 4, run_finished"));
}

TEST_CASE("a run that could not be rolled back is refused before it begins") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX a_id;");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"up", "--all-or-nothing"}, {"up", "--all-or-nothing", "--dry-run"}}) {
    check_refused(live.run(words),
                  {"could not be rolled back: db/20250101_000000_step.sql has no down section",
                   "db/20250102_000000_step.sql:2 refuses a transaction", "--target"});
  }
  CHECK(tables(live).empty());
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "CREATE TABLE b (id int);\nVACUUM b;", "", "-- Irreversible: for the test\n");
  check_refused(live.run({"up", "--all-or-nothing"}), {"is irreversible: for the test"});
  live.migration(2, "BEGIN;\nSELECT 1;\nCOMMIT;", "SELECT 1;");
  live.migration(3, "SELECT 1 / 0;");
  check_refused(live.run({"up", "--all-or-nothing"}), {"division by zero", "newest first: 20250102"});
}

TEST_CASE("what stopped half-way is rolled back, too") {
  Migrated live;
  table(live, 1, "a");
  SECTION("by its down section, when some of it is done") {
    live.migration(2, "CREATE TABLE b (id int);\nVACUUM b;\nSELECT 1 / 0;", "DROP TABLE b;");
    check_refused(live.run({"up", "--all-or-nothing"}),
                  {"division by zero", "newest first: 20250102_000000, 20250101_000000"});
    CHECK(live.ledger() == "1 rolled_back, 2 rolled_back");
  }
  SECTION("an index that was left invalid") {
    live.migration(2, "INSERT INTO a VALUES (1), (1);", "DELETE FROM a;");
    live.migration(3, "CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX a_id;");
    check_refused(live.run({"up", "--all-or-nothing"}),
                  {"could not create unique index", "newest first: 20250102_000000, 20250101_000000"});
    CHECK(live.ledger() == "1 rolled_back, 2 rolled_back, 3 failed");
  }
  SECTION("or what stays is named, when a down section fails") {
    live.migration(2, "CREATE TABLE b (id int);\nVACUUM b;\nSELECT 1 / 0;",
                   "DROP TABLE b;\nDROP TABLE nothing;");
    check_refused(live.run({"up", "--all-or-nothing"}),
                  {"division by zero", "could not be rolled back", "table \"nothing\" does not exist"});
    CHECK(live.ledger() == "1 applied, 2 failed 2/3");
    CHECK(tables(live) == "a b");
    return;
  }
  CHECK(tables(live).empty());
  CHECK(live.value("SELECT to_regclass('a_id') IS NULL") == "t");
}

TEST_CASE("one transaction that waits too long for a lock begins again") {
  Migrated live;
  live.write("plumbline.toml", "[runner]\nlock_timeout = \"200ms\"\n");
  table(live, 1, "a");
  live.ok({"up"});
  table(live, 2, "b");
  live.migration(3, "ALTER TABLE a ADD COLUMN n int;");
  live.execute("BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    live.execute("COMMIT");
  });
  const ProgramResult result = live.run({"up", "--all-or-nothing"});
  other.join();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("the run begins again"));
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied");
}

TEST_CASE("what goes back is not held to what was predicted") {
  Migrated live;
  table(live, 1, "a");
  live.migration(2, "VACUUM a;", "SELECT 1;");
  live.migration(3,
                 "DO $$ BEGIN IF to_regclass('drift') IS NOT NULL THEN CREATE TABLE odd (); END IF; END $$;",
                 "SELECT 1;");
  live.execute("CREATE TABLE drift ()");
  check_refused(live.run({"up", "--all-or-nothing", "--check-effect"}),
                {"table public.odd is unexpected", "newest first: 20250102_000000, 20250101_000000"});
  CHECK(tables(live) == "drift");
}

TEST_CASE("a health check that fails rolls back the whole run") {
  Migrated live;
  live.write("plumbline.toml", "[runner]\nhealth_checks = [\"SELECT to_regclass('b') IS NULL\"]\n");
  table(live, 1, "a");
  table(live, 2, "b");
  check_refused(live.run({"up", "--all-or-nothing"}),
                {"the health check after 20250102_000000 failed", "newest first: 20250102_000000, 20250101"});
  CHECK(live.ledger() == "1 rolled_back, 2 rolled_back");
  live.migration(2, "CREATE TABLE b (id int);");
  check_refused(live.run({"up", "--all-or-nothing"}), {"has no down section", "health checks"});
}

TEST_CASE("a run that is stopped goes on as one run, and goes back as one") {
  Migrated live;
  table(live, 1, "a");
  live.migration(2, "SET a.b = 1;\nVACUUM a;", "SELECT 1;");
  live.migration(3, "CREATE TABLE c (id int);\nSELECT pg_sleep(60);", "DROP TABLE c;");
  SECTION("killed") {
    stop_asleep(live, SIGKILL);
    CHECK(live.ledger() == "1 applied, 2 applied");
    SECTION("and went on") {
      table(live, 3, "c");
      live.ok({"up", "--all-or-nothing"});
      CHECK(live.ledger() == "1 applied, 2 applied, 3 applied");
      table(live, 4, "d");
      live.migration(5, "SELECT 1 / 0;");
      CHECK_THAT(live.run({"up", "--all-or-nothing"}).err, Contains("nothing of the run stays"));
      CHECK(tables(live) == "a c");
    }
    SECTION("and went on without the flag") {
      live.migration(3, "SELECT 1 / 0;", "SELECT 1;");
      CHECK(live.run({"up"}).exit_code == 1);
      CHECK(live.ledger() == "1 applied, 2 applied, 3 failed");
      table(live, 3, "c");
      live.ok({"up"});
      CHECK_THAT(history(live), Contains("applied 3, run_finished"));
    }
    SECTION("and failed") {
      live.migration(3, "SELECT 1 / 0;");
      check_refused(live.run({"up", "--all-or-nothing"}), {"did not end; what it applied goes back, too",
                                                           "newest first: 20250102_000000, 20250101_000000"});
      CHECK(live.ledger() == "1 rolled_back, 2 rolled_back, 3 failed");
      CHECK(tables(live).empty());
    }
  }
  SECTION("interrupted") {
    const ProgramResult result = stop_asleep(live, SIGTERM);
    CHECK(result.exit_code == 128 + SIGTERM);
    CHECK_THAT(result.err, Contains("newest first: 20250102_000000, 20250101_000000"));
    CHECK(live.ledger() == "1 rolled_back, 2 rolled_back, 3 failed");
    CHECK(tables(live).empty());
  }
  live.ok({"history", "--verify"});
}

TEST_CASE("one transaction leaves nothing, however it is stopped") {
  Migrated live;
  table(live, 1, "a");
  live.migration(2, "SELECT pg_sleep(60);");
  const int signal = GENERATE(SIGKILL, SIGTERM);
  stop_asleep(live, signal);
  CHECK(tables(live).empty());
  CHECK(live.ledger() == (signal == SIGKILL ? "" : "2 failed"));
  live.migration(2, "SELECT 1;");
  live.ok({"up", "--all-or-nothing"});
  CHECK(live.ledger() == "1 applied, 2 applied");
}

TEST_CASE("a dry run of all or nothing shows the one transaction") {
  Migrated live;
  table(live, 1, "a");
  table(live, 2, "b");
  const std::string out = live.ok({"up", "--all-or-nothing", "--dry-run"});
  CHECK(out.find("BEGIN;") == out.rfind("BEGIN;"));
  CHECK(out.find("COMMIT;") > out.find("20250102_000000 is applied"));
}

TEST_CASE("the effect of each migration is checked within the one transaction") {
  Migrated live;
  table(live, 1, "a");
  table(live, 2, "b");
  live.ok({"up", "--all-or-nothing", "--check-effect"});
  live.migration(3,
                 "DO $$ BEGIN IF to_regclass('drift') IS NOT NULL THEN CREATE TABLE odd (); END IF; END $$;");
  table(live, 4, "d");
  live.execute("CREATE TABLE drift ()");
  check_refused(live.run({"up", "--all-or-nothing", "--check-effect"}),
                {"table public.odd is unexpected", "nothing of the run stays"});
  CHECK(tables(live) == "a b drift");
}
