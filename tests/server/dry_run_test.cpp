// The SQL that a dry run prints is what up and down send.
#include <catch2/catch.hpp>

#include "expected/process.h"
#include "expected/shadow.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

constexpr char what_is_there[] =
    "SELECT concat_ws(' ', to_regclass('a'), to_regclass('b'), to_regclass('a_id'), (SELECT count(*) FROM "
    "pg_index WHERE indisvalid AND indexrelid = to_regclass('a_id')), "
    "to_regclass('plumbline.schema_migrations'))";

void in_psql(const Migrated& live, TestDatabase& database, const std::string& script) {
  const auto file = (live.path() / "script.sql").string();
  live.write("script.sql", script);
  const plumbline::Outcome outcome =
      plumbline::run({.words = {plumbline::find_psql().string(), "--no-psqlrc", "--set=ON_ERROR_STOP=1",
                                "--dbname=" + database.conninfo(), "--file=" + file}});
  INFO(outcome.output);
  REQUIRE(outcome.exit_code == 0);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void migrations(const Migrated& live) {
  live.migration(1, "CREATE TABLE a (id int);\nCOPY a FROM stdin;\n1\n2\n\\.\nCREATE TABLE b (id int) -- two",
                 "DROP TABLE b;\nDROP TABLE a;");
  live.migration(2, "CREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX CONCURRENTLY a_id;");
  live.migration(3, "INSERT INTO b VALUES (1);\nDO $$ BEGIN PERFORM 1; END $$;", "DELETE FROM b;",
                 "-- Transaction: none\n");
}

}  // namespace

TEST_CASE("a dry run prints a script that does what the run does, but for the ledger") {
  REQUIRE_FALSE(plumbline::find_psql().empty());
  Migrated live;
  migrations(live);
  TestDatabase other = server().fresh_database();
  const ProgramResult dry = live.run({"up", "--dry-run"});
  REQUIRE(dry.exit_code == 0);
  CHECK_THAT(dry.err, Contains("plan: 3 migrations"));
  CHECK_THAT(
      dry.out,
      Contains(
          "-- Migration 20250101_000000, up 20250101_000000_step.sql: 3 statements, in one transaction") &&
          Contains("-- The ledger records, in this transaction: 20250101_000000 is applied.\nCOMMIT;") &&
          Contains("1 statement, each by itself") &&
          Contains("-- The ledger records: statement 1 is running."));
  CHECK(live.value(what_is_there) == "0");
  in_psql(live, other, dry.out);
  live.ok({"up"});
  CHECK(live.value(what_is_there) == "a b a_id 1 plumbline.schema_migrations");
  CHECK(other.connection().value(what_is_there) == "a b a_id 1");
  CHECK(other.connection().value("SELECT count(*) FROM a") == "2");

  const ProgramResult down = live.run({"down", "--to", "0", "--dry-run"});
  REQUIRE(down.exit_code == 0);
  CHECK(count(down.out, "rolled back.") == 3);
  CHECK(live.value("SELECT count(*) FROM a") == "2");
  in_psql(live, other, down.out);
  CHECK(other.connection().value(what_is_there) == "0");
  CHECK(live.ok({"up", "--dry-run"}).starts_with("-- There is nothing to do on "));
}

TEST_CASE("a dry run goes on where the migration stopped") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nVACUUM a;\nSELECT 1 / 0;");
  CHECK(live.run({"up"}).exit_code == 1);
  const std::string out = live.ok({"up", "--resume", "--dry-run"});
  CHECK(out.find("CREATE TABLE") == out.npos);
  CHECK_THAT(out, Contains("goes on behind statement 2") && Contains("SELECT 1 / 0;"));
}

TEST_CASE("what steers a terminal is spelled out in a dry run") {
  Migrated live;
  live.migration(1, "SELECT '\x1b[2J';");
  const std::string out = live.ok({"up", "--dry-run"});
  CHECK(out.find('\x1b') == out.npos);
  CHECK_THAT(out, Contains("\\x1b[2J") && Contains("spelled out"));
}

TEST_CASE("a dry run shows no secret of a migration") {
  Migrated live;
  live.migration(1,
                 "CREATE ROLE dry_run_role PASSWORD 'hunter2';\nCREATE TABLE t (a text DEFAULT 'shown');\n"
                 "COPY t FROM stdin;\nplain 'row'\n\\.\n",
                 "DROP TABLE t;");
  const ProgramResult dry = live.run({"up", "--dry-run"});
  CHECK(dry.exit_code == 0);
  CHECK_THAT(dry.out, !Contains("hunter2") && Contains("PASSWORD '***'") && Contains("DEFAULT 'shown'") &&
                          Contains("plain 'row'") && Contains("-- Secrets are '***' in what follows"));
  CHECK(count(dry.out, "***") == 2);
}
