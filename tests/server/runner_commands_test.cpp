// What surrounds up and down: repair, baseline, approval, backup, health, effect, proof, init, new, validate.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/server/dumps.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

std::string line_of(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("repair makes a failed migration pending, from where it stopped, and remembers why") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nVACUUM a;\nSELECT 1 / 0;\nCREATE TABLE b (id int);");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK_THAT(live.ok({"repair", "--reason", "division was wrong"}),
             Contains("failed -> pending") && Contains("statement 3"));
  CHECK(live.ledger() == "1 pending 2/4");
  live.migration(1, "CREATE TABLE a (id bigint);\nVACUUM a;\nSELECT 1;\nCREATE TABLE b (id int);");
  check_refused(live.run({"up"}), {"was edited where it had been run already: statements 1 to 2"});
  live.migration(1, "CREATE TABLE a (id int);\nVACUUM a;\nSELECT 1;\nCREATE TABLE b (id int);");
  live.ok({"up"});
  CHECK(live.ledger() == "1 applied");
  CHECK(live.value("SELECT reason FROM plumbline.migration_history WHERE action = 'repaired'") ==
        "division was wrong");
  check_refused(live.run({"repair"}), {"nothing needs a repair"});
}

TEST_CASE("what the catalogue cannot tell has to be said") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nDO $$ BEGIN RAISE 'no'; END $$;\nCREATE TABLE b (id int);", "",
                 "-- Transaction: none\n");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK(live.ledger() == "1 failed at 2/3");
  check_refused(live.run({"up", "--resume"}),
                {"cannot determine whether statement 2 of 3", "--statement done"});
  live.ok({"repair", Migrated::version(1), "--statement", "done"});
  live.ok({"up"});
  CHECK(live.value("SELECT to_regclass('b') IS NOT NULL") == "t");
}

TEST_CASE("an edit that is as it should have been can be accepted") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  CHECK(live.run({"verify-checksums"}).exit_code == 0);
  live.migration(1, "CREATE TABLE IF NOT EXISTS a (id int);");
  CHECK(live.run({"verify-checksums"}).exit_code == 1);
  live.ok({"repair", "--accept-edits", "--reason", "runs twice now"});
  CHECK(live.run({"verify-checksums"}).exit_code == 0);
  live.ok({"up"});
}

TEST_CASE("a baseline marks without running") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE TABLE b (id int);");
  live.execute("CREATE TABLE a (id int)");
  live.ok({"baseline", Migrated::version(1)});
  live.ok({"up"});
  CHECK(live.ledger() == "1 applied, 2 applied");
  CHECK(live.run({"check"}).exit_code == 0);
  CHECK(live.run({"baseline"}).exit_code == 64);
}

TEST_CASE("only a plan that another role has approved is applied") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.migration(2, "CREATE TABLE b (id int);");
  check_refused(live.run({"up", "--require-approval"}),
                {"nobody has approved the plan", "plumbline approve"});
  live.ok({"approve"});
  check_refused(live.run({"up", "--require-approval"}), {"was approved by", "who applies it"});
  server().make_login_role("runner_approver");
  live.execute(
      "GRANT USAGE ON SCHEMA plumbline TO runner_approver; GRANT SELECT ON ALL TABLES IN SCHEMA plumbline TO "
      "runner_approver; GRANT INSERT ON plumbline.migration_history TO runner_approver");
  const std::string conninfo =
      plumbline::with_parameter(live.database().conninfo(), "user", "runner_approver");
  CHECK(run_plumbline({"approve", "--migrations", "db", "--url", conninfo}, {}, {}, live.path()).exit_code ==
        0);
  live.migration(2, "CREATE TABLE c (id int);");
  check_refused(live.run({"up", "--require-approval"}), {"nobody has approved"});
  live.migration(2, "CREATE TABLE b (id int);");
  live.ok({"up", "--require-approval"});
  live.ok({"history", "--verify"});
  live.execute("DROP OWNED BY runner_approver");
}

TEST_CASE("where approval is wanted nothing is done once more that says something else now") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.ok({"up"});
  live.write("plumbline.toml", "[runner]\nrequire_approval = true\n");
  live.ok({"redo"});
  live.migration(1, "CREATE TABLE a (id bigint);", "DROP TABLE a;");
  check_refused(live.run({"redo"}),
                {"was edited after it was applied", "nobody has approved", "plumbline approve"});
  CHECK(live.ledger() == "1 applied");
  live.ok({"down", "--steps", "1"});
}

TEST_CASE("a backup is made first, and nothing is migrated when it fails") {
  if (newest_with_dump() == 0) return skip_without_dump();
  Migrated live(newest_with_dump());
  live.migration(1, "CREATE TABLE a (id int);");
  SECTION("by pg_dump") {
    live.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
    live.ok({"up"});
    CHECK(std::distance(std::filesystem::directory_iterator(live.path() / "backups"), {}) == 1);
  }
  SECTION("into a folder that cannot be") {
    live.write("backups", "a file");
    live.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
    check_refused(live.run({"up"}), {"the backup failed, nothing was migrated"});
  }
  SECTION("by a command that fails") {
    live.write("plumbline.toml", "[runner]\nbackup_command = \"echo the vault is locked; exit 3\"\n");
    check_refused(live.run({"up", "--trust-project"}), {"exit code 3", "the vault is locked"});
    CHECK(live.value("SELECT to_regclass('a') IS NULL") == "t");
    live.ok({"up", "--no-backup"});
  }
}

TEST_CASE("a migration that makes the database ill is rolled back by its down section") {
  Migrated live;
  live.write("plumbline.toml", "[runner]\nhealth_checks = [\"SELECT to_regclass('b') IS NULL\"]\n");
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;");
  check_refused(live.run({"up"}),
                {"the health check after 20250102_000000 failed", "rolled back by its down section"});
  CHECK(live.ledger() == "1 applied, 2 rolled_back");
  CHECK(live.value(
            "SELECT string_agg(action, ' ' ORDER BY id) FROM plumbline.migration_history WHERE version = "
            "'20250102_000000'") == "applied health_check_failed rolled_back");
}

TEST_CASE("a migration that does on live what its replay does not is rolled back before its commit") {
  Migrated live;
  live.execute("CREATE TABLE here (id int)");
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(
      2,
      "DO $$ BEGIN IF to_regclass('here') IS NOT NULL THEN ALTER TABLE a ADD COLUMN n int; END IF; END $$;");
  const ProgramResult result = live.run({"up", "--check-effect"});
  check_refused(
      result, {"did not do on live what its replay does", "column public.a.n is unexpected", "rolled back"});
  CHECK(live.ledger() == "1 applied, 2 failed");
  CHECK(live.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'n'") ==
        "0");
}

TEST_CASE("prove finds the downs that do not restore what was there") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int, n int);", "DROP TABLE a;");
  live.migration(2, "ALTER TABLE a DROP COLUMN n;", "ALTER TABLE a ADD COLUMN n bigint;");
  live.migration(3, "CREATE TABLE b (id int);", "SELECT 1;");
  live.migration(4, "CREATE TABLE c (id int);", "DROP TABLE nothing;");
  live.migration(5, "DROP TABLE b;", "", "-- Irreversible: nobody needs it\n");
  live.migration(6, "INSERT INTO a VALUES (1);", "DELETE FROM a;");
  const ProgramResult result = run_plumbline({"prove", "--migrations", "db"}, {}, {}, live.path());
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.out, Contains("1 of 4 downs are faithful") && Contains("1 irreversible") &&
                             Contains("1 fails") && Contains("2 unfaithful") &&
                             Contains("1 keeps the schema") && Contains("table public.b is left behind") &&
                             Contains("table \"nothing\" does not exist"));
  CHECK(run_plumbline({"prove", "--migrations", "db", Migrated::version(1)}, {}, {}, live.path()).exit_code ==
        0);
}

TEST_CASE("validate names the place of what is wrong") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;", "-- Dependencies: [\"20250102_000000\"]\n");
  live.migration(2, "CREATE TABEL b (id int);", "DROP TABLE b;", "-- Dependencies: [\"20250101_000000\"]\n");
  live.migration(3, "SELECT 1;", "", "-- Phase: exapnd\n");
  const ProgramResult result = run_plumbline({"validate", "--migrations", "db"}, {}, {}, live.path());
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.out,
             Contains("form a cycle: 20250101_000000 -> 20250102_000000 -> 20250101_000000") &&
                 Contains("20250102_000000_step.sql:3:8: error: syntax error at or near \"TABEL\"") &&
                 Contains("the phase \"exapnd\" is unknown") && Contains("it has no down section"));
  check_refused(live.run({"up"}), {"depends on \"20250102_000000\", which is not applied before it"});
  live.migration(1, "CREATE TABLE a (id int);");
  check_refused(live.run({"up"}), {"20250102_000000_step.sql:3:8: syntax error", "plumbline validate"});
  CHECK(live.value("SELECT to_regclass('a') IS NULL") == "t");
}

TEST_CASE("a new migration has a version that no other has, and is valid where it is filled") {
  Migrated live;
  std::filesystem::create_directory(live.path() / "db");
  const auto make = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--migrations", "db"});
    return run_plumbline(words, {}, {}, live.path());
  };
  const ProgramResult first =
      make({"new", "Add", "user", "profiles", "--type", "schema", "--phase", "expand"});
  const ProgramResult second = make({"new", "add user profiles"});
  INFO(first.err + second.err);
  CHECK_THAT(first.out, Contains("_schema_add_user_profiles.sql"));
  CHECK(line_of(first.out).substr(3, 15) < line_of(second.out).substr(3, 15));
  CHECK_THAT(content(live.path() / line_of(first.out)),
             Contains("-- Phase: expand") && Contains("= UP MIGRATION ="));
  CHECK(make({"new", "x", "--type", "shema"}).exit_code == 1);
  CHECK(make({"new"}).exit_code == 64);
}

TEST_CASE("what is made among another tool's migrations, that tool and plumbline can run") {
  Migrated live;
  live.write("db/0041_a.up.sql", "CREATE TABLE a (id int);");
  live.write("db/0041_a.down.sql", "DROP TABLE a;");
  const ProgramResult made = run_plumbline({"new", "add b", "--migrations", "db"}, {}, {}, live.path());
  INFO(made.err);
  CHECK(made.out == "db/0042_add_b.up.sql\ndb/0042_add_b.down.sql\n");
  live.write("db/0042_add_b.up.sql", "CREATE TABLE b (id int);");
  live.write("db/0042_add_b.down.sql", "DROP TABLE b;");
  live.ok({"up"});
  CHECK_THAT(live.ok({"down", "--steps", "1"}), Contains("0042_add_b.down.sql"));
}

TEST_CASE("init takes a database that has a schema as it is") {
  Migrated live;
  live.execute("CREATE TABLE a (id int PRIMARY KEY, t text DEFAULT 'x'); CREATE VIEW v AS SELECT * FROM a");
  live.execute(
      "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'; CREATE VIEW w AS SELECT "
      "twice(id) FROM v");
  CHECK_THAT(live.run({"init", "--ledger"}).err, !Contains("pg_dump"));
  CHECK(std::filesystem::exists(live.path() / "plumbline.toml"));
  CHECK_THAT(live.ok({"status"}), Contains("applied         1"));
  const ProgramResult check = live.run({"check"});
  INFO(check.out + check.err);
  CHECK(check.exit_code == 0);
}

TEST_CASE("init asks pg_dump where there is what plumbline's own SQL does not make") {
  if (newest_with_dump() == 0) return skip_without_dump();
  Migrated live(newest_with_dump());
  live.execute("CREATE TABLE a (n int); INSERT INTO a VALUES (1), (1)");
  CHECK_THROWS(live.execute("CREATE UNIQUE INDEX CONCURRENTLY twice ON a (n)"));
  const ProgramResult result = live.run({"init", "--ledger"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("is written by pg_dump, because") && Contains("expected to be invalid"));
  CHECK_THAT(live.ok({"status"}), Contains("applied         1") && Contains("twice"));
}

TEST_CASE("a phase is applied by itself") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "", "-- Phase: expand\n");
  live.migration(2, "DROP TABLE IF EXISTS old;", "", "-- Phase: contract\n");
  live.ok({"up", "--phase", "expand"});
  CHECK(live.ledger() == "1 applied");
  live.ok({"up", "--phase", "contract"});
  CHECK(live.ledger() == "1 applied, 2 applied");
}

TEST_CASE("the password comes from a command, and is not told") {
  Migrated live;
  live.migration(1, "SELECT 1;");
  live.write(
      "plumbline.toml",
      "password_command = \"printf 'hush\\\\n'\"\n[runner]\nbackup_command = \"test $PGPASSWORD = hush\"\n");
  const ProgramResult result = live.run({"up", "--verbose", "--trust-project"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK((result.out + result.err).find("hush") == std::string::npos);
  live.write("plumbline.toml", "password_command = \"exit 4\"\n");
  check_refused(live.run({"up", "--trust-project"}), {"the password command failed with exit code 4"});
}
