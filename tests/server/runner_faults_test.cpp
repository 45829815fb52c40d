// Many runners at once, and surroundings that do not let a runner work.
#include <catch2/catch.hpp>
#include <thread>

#include "tests/server/full_disk.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

std::vector<ProgramResult> run_at_once(const Migrated& live, int count,
                                       const std::vector<std::string>& words) {
  std::vector<ProgramResult> results(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (ProgramResult& result : results) threads.emplace_back([&] { result = live.run(words); });
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace

TEST_CASE("of sixteen runners at once each migration is applied by one") {
  Migrated live;
  for (int i = 1; i <= 8; ++i) {
    const std::string n = std::to_string(i);
    live.migration(i, "CREATE TABLE t" + n + " (id int);\nSELECT pg_sleep(0.02);");
  }
  for (const ProgramResult& result : run_at_once(live, 16, {"up"})) {
    INFO(result.err);
    CHECK(result.exit_code == 0);
  }
  CHECK(live.value(
            "SELECT count(*) || ' ' || count(DISTINCT version) FROM plumbline.migration_history WHERE action "
            "= 'applied'") == "8 8");
  live.ok({"history", "--verify"});
}

TEST_CASE("two runners and an index that is built concurrently do not wait for each other") {
  Migrated live;
  live.execute("CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 20000)");
  for (int i = 1; i <= 5; ++i) {
    const std::string n = std::to_string(i);
    live.migration(i, "CREATE INDEX CONCURRENTLY a_" + n + " ON a (id);");
  }
  for (const ProgramResult& result : run_at_once(live, 2, {"up"})) {
    INFO(result.err);
    CHECK(result.exit_code == 0);
  }
  CHECK(live.value("SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid") == "5");
}

TEST_CASE("a runner that waits in vain says who holds the lock") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  CHECK(live.value("SELECT plumbline.acquire_migration_lock('the night shift')") == "t");
  live.migration(2, "CREATE TABLE b (id int);");
  check_refused(live.run({"up", "--wait", "0"}),
                {"the night shift", "holds the migration lock since", "--wait"});
  CHECK(live.value("SELECT plumbline.release_migration_lock()") == "t");
  live.ok({"up", "--wait", "0"});
}

TEST_CASE("a lock that others hold is waited for again and again, and named") {
  Migrated live;
  live.write("plumbline.toml", "[runner]\nlock_timeout = \"300ms\"\nretries = 20\n");
  live.execute("CREATE TABLE a (id int)");
  live.migration(1, "ALTER TABLE a ADD COLUMN n int;");
  live.execute("BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
  ProgramResult result;
  std::thread runner([&] { result = live.run({"up", "--json"}); });
  const auto waits = [&] { return live.value("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"; };
  for (int i = 0; i < 3000 && !waits(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(900));
  live.execute("COMMIT");
  runner.join();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("canceling statement due to lock timeout; try 2") &&
                             Contains("waits for a lock on public.") &&
                             Contains(" that is held by session "));
  CHECK_THAT(result.out, !Contains("\"attempts\": 1,"));
}

TEST_CASE("the header says how long a migration may wait for a lock") {
  Migrated live;
  live.execute("CREATE TABLE a (id int)");
  live.migration(1, "ALTER TABLE a ADD COLUMN n int;", "", "-- Lock timeout: 50ms\n-- Retries: 0\n");
  live.execute("BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
  check_refused(live.run({"up"}), {"canceling statement due to lock timeout"});
  live.execute("COMMIT");
  live.ok({"up"});
}

TEST_CASE("who may not make the ledger is told what an administrator can do") {
  Migrated live;
  live.migration(1, "SELECT 1;");
  server().make_login_role("runner_nobody");
  const std::string conninfo = plumbline::with_parameter(live.database().conninfo(), "user", "runner_nobody");
  check_refused(run_plumbline({"up", "--migrations", "db", "--url", conninfo}, {}, {}, live.path()),
                {"the role \"runner_nobody\" may not make the ledger",
                 "CREATE SCHEMA plumbline AUTHORIZATION runner_nobody"});
}

TEST_CASE("who may only read can ask for the status and check") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  server().make_login_role("runner_reader");
  const std::string conninfo = plumbline::with_parameter(live.database().conninfo(), "user", "runner_reader");
  const auto run = [&](const std::string& command) {
    return run_plumbline({command, "--migrations", "db", "--url", conninfo}, {}, {}, live.path());
  };
  check_refused(run("status"), {"may not read the ledger", "GRANT"});
  live.execute(
      "GRANT USAGE ON SCHEMA plumbline TO runner_reader; GRANT SELECT ON plumbline.schema_migrations TO "
      "runner_reader");
  CHECK_THAT(run("status").out, Contains("applied         1"));
  CHECK(run("check").exit_code == 0);
  live.execute("GRANT SELECT ON ALL TABLES IN SCHEMA plumbline TO runner_reader");
  CHECK_THAT(run("status").out, Contains("none since the last run"));
  live.execute("DROP OWNED BY runner_reader");
}

TEST_CASE("a database that takes no writes is refused at once") {
  Migrated live;
  live.migration(1, "SELECT 1;");
  live.execute(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "
      "current_database()); END $$");
  check_refused(live.run({"up"}), {"takes no writes", "default_transaction_read_only"});
}

TEST_CASE("a newer ledger is refused, an older one brought up to date") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE TABLE b (id int);");
  SECTION("newer") {
    live.ok({"up"});
    live.execute(
        "CREATE OR REPLACE FUNCTION plumbline.ledger_version() RETURNS int LANGUAGE sql AS 'SELECT 99'");
    check_refused(live.run({"up"}), {"has version 99, this plumbline knows"});
    check_refused(live.run({"status"}), {"has version 99"});
    CHECK(live.run({"check"}).exit_code == 0);
  }
  SECTION("older") {
    live.execute(
        "CREATE TABLE a (id int); CREATE SCHEMA plumbline; CREATE TABLE plumbline.schema_migrations (version "
        "text PRIMARY KEY, state text NOT NULL, checksum text NOT NULL); INSERT INTO "
        "plumbline.schema_migrations VALUES ('20250101_000000', 'applied', '')");
    live.ok({"up"});
    CHECK(live.ledger() == "1 applied, 2 applied");
    CHECK(live.value("SELECT action FROM plumbline.migration_history ORDER BY id LIMIT 1") ==
          "ledger_upgraded");
  }
  SECTION("something else") {
    live.execute("CREATE SCHEMA plumbline; CREATE TABLE plumbline.notes (t text)");
    check_refused(live.run({"up"}),
                  {"the schema \"plumbline\" holds tables, but no ledger", "ledger_schema"});
    live.write("plumbline.toml", "[runner]\nledger_schema = \"ledger of ours\"\n");
    live.ok({"up"});
    CHECK(live.value("SELECT count(*) FROM \"ledger of ours\".schema_migrations") == "2");
    CHECK_THAT(live.run({"check", "--exclude", "plumbline*"}).out,
               Contains("No drift") || Contains("no drift"));
  }
}

TEST_CASE("a server that is not there is an error, and nothing else") {
  Migrated live;
  live.migration(1, "SELECT 1;");
  check_refused(
      run_plumbline({"up", "--migrations", "db", "--url", "host=/nowhere dbname=x"}, {}, {}, live.path()),
      {"cannot connect"});
}

TEST_CASE("another tool's ledger is not passed over, but taken over on request") {
  Migrated live;
  live.write("db/1_a.up.sql", "CREATE TABLE a (id int);");
  live.write("db/2_b.up.sql", "CREATE TABLE b (id int);");
  live.execute(
      "CREATE TABLE a (id int); CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean); "
      "INSERT INTO schema_migrations VALUES (1, false)");
  check_refused(live.run({"up"}), {"has a ledger of golang-migrate", "baseline --import"});
  CHECK_THAT(live.ok({"baseline", "--import"}), Contains("1 migration counts as applied"));
  CHECK_THAT(live.ok({"up"}), Contains("applied 2"));
  CHECK(live.ledger().find("applied") != std::string::npos);
  CHECK_THAT(live.ok({"status"}), Contains("applied         2"));
}
