// up, down, redo, status and history against a live database.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

constexpr char exists_a[] = "SELECT to_regclass('a') IS NOT NULL",
               exists_b[] = "SELECT to_regclass('b') IS NOT NULL";

}  // namespace

TEST_CASE("up applies what is pending, and check calls the result true") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE INDEX CONCURRENTLY a_id ON a (id); COPY a FROM stdin;\n1\n2\n\\.\n");
  CHECK_THAT(live.ok({"up"}), Contains("applied 20250101_000000") && Contains("2 migrations"));
  CHECK(live.ledger() == "1 applied, 2 applied");
  CHECK(live.value("SELECT count(*) FROM a") == "2");
  CHECK(live.run({"check"}).exit_code == 0);
  CHECK_THAT(live.ok({"up"}), Contains("nothing to do"));
}

TEST_CASE("a dry run says what up would do, and writes nothing") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  CHECK_THAT(live.ok({"up", "--dry-run"}),
             Contains("20250101_000000_step.sql: 1 statement, in one transaction"));
  CHECK(live.value(exists_a) == "f");
  CHECK(live.value("SELECT to_regnamespace('plumbline') IS NULL") == "t");
}

TEST_CASE("a migration that fails leaves nothing of itself, and says where") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nSELECT 1 / 0;");
  check_refused(live.run({"up"}),
                {"20250101_000000_step.sql:3:1: division by zero", "statement: SELECT 1 / 0"});
  CHECK(live.value(exists_a) == "f");
  CHECK(live.ledger() == "1 failed");
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  CHECK(live.ledger() == "1 applied");
}

TEST_CASE("a deferred constraint that fails at the commit takes the ledger's row with it") {
  Migrated live;
  live.migration(
      1, "CREATE TABLE a (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1), (1);");
  check_refused(live.run({"up"}), {"at its COMMIT", "duplicate key"});
  CHECK(live.value(exists_a) == "f");
  CHECK(live.ledger() == "1 failed");
}

TEST_CASE("what stops half-way is told, and goes on only when asked to") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nVACUUM a;\nSELECT 1 / 0;\nCREATE TABLE b (id int);");
  check_refused(live.run({"up"}), {"2 of 4 statements are done", "--resume"});
  CHECK(live.ledger() == "1 failed 2/4");
  check_refused(live.run({"up"}), {"stopped half-way: 2 of 4 statements are done", "--resume", "repair"});
  live.migration(1, "CREATE TABLE a (id int);\nVACUUM a;\nSELECT 1;\nCREATE TABLE b (id int);");
  live.ok({"up", "--resume"});
  CHECK(live.ledger() == "1 applied");
  CHECK(live.value(exists_b) == "t");
}

TEST_CASE("an index that could not be built is named, and gone when the migration goes on") {
  Migrated live;
  live.execute("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)");
  live.migration(1, "CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);");
  check_refused(live.run({"up"}),
                {"could not create unique index", "left invalid: the index public.a_id on public.a"});
  CHECK(live.ledger() == "1 failed at 1/1");
  CHECK_THAT(live.run({"status"}).out, Contains("invalid index") && Contains("public.a_id on public.a"));
  live.execute("DELETE FROM a");
  const ProgramResult result = live.run({"up", "--resume"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("dropped the index public.a_id, which was left invalid"));
  CHECK(live.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == "t");
}

TEST_CASE("down and redo go back by the down sections") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.ok({"up"});
  const std::string rows = "SELECT count(*) FROM plumbline.migration_history";
  const std::string before = live.value(rows);
  CHECK_THAT(live.ok({"redo", "--dry-run"}),
             Contains("down 20250102_000000_step.sql") && Contains("up 20250102_000000_step.sql"));
  CHECK(live.value(rows) == before);
  live.ok({"redo", "--reason", "once more"});
  CHECK(live.value("SELECT string_agg(action || ' ' || reason, ', ' ORDER BY id) FROM "
                   "plumbline.migration_history WHERE reason IS NOT NULL") ==
        "rolled_back once more, applied once more");
  CHECK(live.value(exists_b) == "t");
  live.ok({"down", "--to", Migrated::version(1)});
  CHECK(live.ledger() == "1 applied, 2 rolled_back");
  CHECK(live.value(exists_b) == "f");
  live.ok({"down", "--to", "0"});
  CHECK(live.value(exists_a) == "f");
  CHECK(live.run({"down"}).exit_code == 64);
}

TEST_CASE("a down that fails leaves the migration applied") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;\nDROP TABLE nothing;");
  live.ok({"up"});
  check_refused(live.run({"down", "--steps", "1"}), {"table \"nothing\" does not exist"});
  CHECK(live.ledger() == "1 applied");
  CHECK(live.value(exists_a) == "t");
}

TEST_CASE("what cannot be undone says why") {
  Migrated live;
  live.migration(1, "DROP TABLE IF EXISTS a;", "", "-- Irreversible: the rows are gone\n");
  live.ok({"up"});
  check_refused(live.run({"down", "--steps", "1"}), {"is irreversible: the rows are gone"});
}

TEST_CASE("an edited file, an unknown version and a late one stop up") {
  Migrated live;
  live.migration(2, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.migration(2, "-- a comment\nCREATE  TABLE a (id int);");
  live.ok({"up"});
  live.migration(1, "CREATE TABLE b (id int);");
  check_refused(live.run({"up"}), {"older than the last applied migration", "--out-of-order"});
  live.migration(2, "CREATE TABLE a (id bigint);");
  check_refused(live.run({"up"}), {"20250102_000000_step.sql was edited after it was applied"});
  live.migration(2, "CREATE TABLE a (id int);");
  live.ok({"up", "--out-of-order"});
  std::filesystem::remove(live.path() / ("db/" + Migrated::version(1) + "_step.sql"));
  check_refused(live.run({"up"}), {"names versions that no file in \"db\" has: 20250101_000000"});
}

TEST_CASE("what failed and left nothing may come back under another name") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE TABLE a (id int);");
  CHECK(live.run({"up"}).exit_code == 1);
  std::filesystem::remove(live.path() / ("db/" + Migrated::version(2) + "_step.sql"));
  live.migration(3, "CREATE TABLE b (id int);");
  live.ok({"up"});
  live.migration(4, "CREATE TABLE c (id int);\nSELECT 1 / 0;", "", "-- Transaction: none\n");
  CHECK(live.run({"up"}).exit_code == 1);
  std::filesystem::remove(live.path() / ("db/" + Migrated::version(4) + "_step.sql"));
  check_refused(live.run({"up"}), {"names versions that no file in \"db\" has: 20250104_000000"});
}

TEST_CASE("a dependency has to be there and applied before") {
  Migrated live;
  live.migration(1, "SELECT 1;", "", "-- Dependencies: [\"20250102_000000\"]\n");
  live.migration(2, "SELECT 2;", "", "-- Dependencies: [\"20250101_000000_step\"]\n");
  check_refused(live.run({"up", "--skip-validation"}),
                {"depends on \"20250102_000000\", which is not applied before it"});
  live.migration(1, "SELECT 1;", "", "-- Dependencies: [\"nothing\"]\n");
  check_refused(live.run({"up", "--skip-validation"}), {"depends on \"nothing\", which does not exist"});
}

TEST_CASE("a file that commits by itself is recorded as far as it has") {
  Migrated live;
  live.migration(
      1, "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nSELECT 1 / 0;\nBEGIN; CREATE TABLE b (id int); COMMIT;");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK(live.ledger() == "1 failed 3/7");
  CHECK(live.value(exists_a) == "t");
  live.migration(
      1, "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nSELECT 1;\nBEGIN; CREATE TABLE b (id int); COMMIT;");
  live.ok({"up", "--resume"});
  CHECK(live.ledger() == "1 applied");
  CHECK(live.value(exists_b) == "t");
}

TEST_CASE("what a migration does to its session is over with it") {
  Migrated live;
  live.migration(1, "SET ROLE pg_monitor; SET search_path = ''; SET statement_timeout = '1ms'; SELECT 1;");
  live.migration(2, "CREATE TABLE a (id int);");
  live.ok({"up"});
  CHECK(live.value(exists_a) == "t");
  CHECK(live.value("SELECT relowner::regrole::text <> 'pg_monitor' FROM pg_class WHERE relname = 'a'") ==
        "t");
}

TEST_CASE("status says with its exit code that something is pending") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  CHECK(live.run({"status", "--exit-code"}).exit_code == 3);
  CHECK(live.run({"status"}).exit_code == 0);
  live.ok({"up"});
  CHECK(live.run({"status", "--exit-code"}).exit_code == 0);
  live.execute("CREATE TABLE by_hand (id int)");
  CHECK_THAT(live.ok({"status"}), Contains("1 changes since the last run"));
}

TEST_CASE("every migration raises the version of the schema by what it does") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int, n int);");
  live.migration(2, "INSERT INTO a VALUES (1);");
  live.migration(3, "ALTER TABLE a DROP COLUMN n;");
  CHECK_THAT(live.ok({"up"}), Contains("schema version 0.1.0") && Contains("0.1.1") && Contains("1.0.0"));
  CHECK(live.value("SELECT plumbline.get_current_schema_version()") == "1.0.0");
  CHECK(live.value("SELECT plumbline.is_migration_applied('20250103_000000')") == "t");
}

TEST_CASE("the history takes no change, and a change behind its back is found") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE TABLE b (id int);");
  live.ok({"up"});
  CHECK_THROWS(live.execute("UPDATE plumbline.migration_history SET performed_by = 'nobody'"));
  CHECK_THROWS(live.execute("DELETE FROM plumbline.migration_history"));
  CHECK_THROWS(live.execute("TRUNCATE plumbline.migration_history"));
  live.ok({"history", "--verify"});
  live.execute("ALTER TABLE plumbline.migration_history DISABLE TRIGGER append_only");
  SECTION("a row was changed") {
    live.execute("UPDATE plumbline.migration_history SET client = 'nobody' WHERE id = 2");
  }
  SECTION("a row is gone") { live.execute("DELETE FROM plumbline.migration_history WHERE id = 2"); }
  SECTION("the end is cut off") {
    live.execute(
        "DELETE FROM plumbline.migration_history WHERE id = (SELECT max(id) FROM "
        "plumbline.migration_history)");
  }
  const ProgramResult result = live.run({"history", "--verify"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("the history was tampered with"));
}
