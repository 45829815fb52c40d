// plumbline's own ledger as people and their scripts use it: names, signatures, changes by hand, any schema,
// upgrades.
#include <catch2/catch.hpp>

#include "postgres/text.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"
#include "tests/support/golden.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

const std::string audit =
    "SELECT mh.version, mh.action, mh.started_at, mh.completed_at, sm.name, sm.description FROM "
    "migration_history mh "
    "JOIN schema_migrations sm ON mh.version = sm.version WHERE mh.started_at > now() - interval '30 days'";

// A live database whose ledger is in that schema, found there by the statements of the test.
class LedgerIn {
 public:
  explicit LedgerIn(const std::string& schema) : schema_(schema) {
    live.write("plumbline.toml", "[runner]\nledger_schema = " + toml_string(schema) + "\n");
    live.migration(1, "CREATE SCHEMA IF NOT EXISTS app;\nCREATE TABLE app.a (id int);", "DROP TABLE app.a;",
                   "-- Description: the first table\n");
    live.migration(2, "CREATE TABLE app.b (id int);", "DROP TABLE app.b;");
    live.execute("CREATE SCHEMA IF NOT EXISTS app");
    live.ok({"up"});
    live.execute("SET search_path = " + quote_identifier(schema));
  }

  std::string value(const std::string& sql) { return live.value(sql); }

  Migrated live;
  std::string schema_;
};

const std::string shape =
    "SELECT string_agg(what, E'\\n' ORDER BY what COLLATE \"C\") FROM ("
    "SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
    "a.attgenerated, "
    "pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)) AS what FROM pg_class c JOIN "
    "pg_attribute a "
    "ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = "
    "a.attnum "
    "WHERE c.relnamespace = 'plumbline'::regnamespace "
    "UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'plumbline'::regnamespace "
    "UNION ALL SELECT pg_get_triggerdef(t.oid) || t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON "
    "c.oid = "
    "tgrelid "
    "WHERE c.relnamespace = 'plumbline'::regnamespace AND NOT tgisinternal "
    "UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'plumbline'::regnamespace) AS t";

// Rows as the runner of 0.1.0 wrote them.
const std::string old_rows =
    "INSERT INTO plumbline.schema_migrations (version, state, checksum, name, file, applied_by, applied_at, "
    "duration_ms, plumbline_version) VALUES ('20250101_000000', 'applied', 'x', 'step', "
    "'20250101_000000_step.sql', 'alice', '2025-06-01 12:00:01.5+00', 1500, '0.1.0');"
    "INSERT INTO plumbline.schema_migrations (version, state, checksum, statements, statements_done, "
    "plumbline_version) VALUES ('20250102_000000', 'failed', 'y', 3, 1, '0.1.0');"
    "INSERT INTO plumbline.migration_history (id, at, action, version, name, duration_ms, performed_by, "
    "client, "
    "previous_hash, hash) VALUES (0, now(), 'ledger_created', NULL, NULL, NULL, '', 'c', '', ''), "
    "(0, now(), 'applied', '20250101_000000', 'step', 1500, '', 'c', '', '');"
    "SELECT plumbline.log_schema_version('minor', '20250101_000000', 'table a added');";

}  // namespace

TEST_CASE("the audit query runs as it is written, in any schema") {
  const std::string schema = GENERATE("public", "plumbline", "app", "ledger of ours");
  INFO(schema);
  LedgerIn ledger(schema);
  CHECK(ledger.value("SELECT count(*) FROM (" + audit + ") AS q WHERE action = 'applied'") == "2");
  CHECK(ledger.value("SELECT count(*) FROM (" + audit +
                     ") AS q WHERE description = 'the first table' AND "
                     "completed_at >= started_at AND completed_at > now() - interval '1 minute'") == "1");
  CHECK(ledger.value(
            "SELECT string_agg(status, ' ') FROM schema_migrations WHERE started_at <= completed_at") ==
        "applied applied");
  ledger.live.ok({"history", "--verify"});
  CHECK_THAT(ledger.live.ok({"status"}), Contains("applied         2"));
  const ProgramResult check = ledger.live.run({"check"});
  INFO(check.out + check.err);
  CHECK(check.exit_code == 0);
  ledger.live.ok({"down", "--steps", "1"});
  ledger.live.ok({"up"});
}

TEST_CASE("a status set by hand counts, and the history says who set it") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "CREATE TABLE IF NOT EXISTS b (id int);");
  live.ok({"up"});
  const std::string v = Migrated::version(2);
  server().make_login_role("own_ledger_operator");
  live.execute(
      "GRANT USAGE ON SCHEMA plumbline TO own_ledger_operator; GRANT SELECT, UPDATE ON "
      "plumbline.schema_migrations TO own_ledger_operator; SET SESSION AUTHORIZATION own_ledger_operator");
  live.execute("UPDATE plumbline.schema_migrations SET status = 'pending' WHERE version = '" + v + "'");
  live.execute("RESET SESSION AUTHORIZATION");
  CHECK(live.value(
            "SELECT concat_ws('|', action, version, performed_by, details) FROM plumbline.migration_history "
            "ORDER BY id DESC LIMIT 1") ==
        "changed_by_hand|" + v + "|own_ledger_operator|status: applied -> pending");
  CHECK(
      live.value("SELECT completed_at IS NULL AND started_at IS NULL FROM plumbline.schema_migrations WHERE "
                 "version = '" +
                 v + "'") == "t");
  CHECK_THAT(live.ok({"status"}), Contains("applied         1"));
  CHECK_THAT(live.ok({"up"}), Contains("1 migration on"));
  CHECK(live.value("SELECT count(*) FROM plumbline.migration_history WHERE action = 'changed_by_hand'") ==
        "1");
  live.ok({"history", "--verify"});
  live.execute("DROP OWNED BY own_ledger_operator");
}

TEST_CASE("every change of the ledger by hand is in its history") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  const auto last = [&] {
    return live.value(
        "SELECT concat_ws('|', action, version, details) FROM plumbline.migration_history ORDER BY id "
        "DESC LIMIT 1");
  };
  live.execute("UPDATE plumbline.schema_migrations SET checksum = 'mine'");
  CHECK_THAT(last(), Contains("changed_by_hand|20250101_000000|checksum: ") && Contains("-> mine"));
  live.execute("INSERT INTO plumbline.schema_migrations (version, status) VALUES ('7', 'applied')");
  CHECK(last() == "changed_by_hand|7|inserted as applied");
  live.execute(
      "INSERT INTO plumbline.schema_migrations (version, status) VALUES ('7', 'failed') ON CONFLICT "
      "(version) "
      "DO UPDATE SET status = excluded.status");
  CHECK(last() == "changed_by_hand|7|status: applied -> failed");
  live.execute("SET session_replication_role = replica");
  live.execute("DELETE FROM plumbline.schema_migrations WHERE version = '7'");
  CHECK(last() == "changed_by_hand|7|deleted, was failed");
  live.execute("SET session_replication_role = origin; TRUNCATE plumbline.schema_migrations CASCADE");
  CHECK(last() == "changed_by_hand|schema_migrations was truncated");
  live.ok({"history", "--verify"});
}

TEST_CASE("a half done migration set to pending goes on where it stopped, and one set to applied is done") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nSELECT 1/(SELECT count(*) FROM ready);", "",
                 "-- Transaction: none\n");
  live.execute("CREATE TABLE ready ()");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK(live.value("SELECT status || ' ' || (completed_at > started_at) FROM plumbline.schema_migrations") ==
        "failed true");
  SECTION("pending") {
    live.execute(
        "UPDATE plumbline.schema_migrations SET status = 'pending'; INSERT INTO ready DEFAULT VALUES");
    live.ok({"up"});
  }
  SECTION("applied") {
    live.execute("UPDATE plumbline.schema_migrations SET status = 'applied'");
    live.ok({"up"});
  }
  CHECK(live.value("SELECT status || statements_done FROM plumbline.schema_migrations") == "applied0");
}

TEST_CASE("the functions of the ledger answer as they are asked") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(2, "SELECT 1/0;");
  CHECK(live.run({"up"}).exit_code == 1);
  const auto applied = [&](const std::string& name) {
    return live.value("SELECT plumbline.is_migration_applied('" + name + "')");
  };
  for (const char* name : {"20250101_000000", "20250101_000000_step.sql", "db/20250101_000000_step.sql",
                           "/srv/app/db/20250101_000000_step.sql", "20250101_000000_step"}) {
    INFO(name);
    CHECK(applied(name) == "t");
  }
  for (const char* name : {"20250102_000000", "20250102_000000_step.sql", "step.sql", "",
                           "20250101_000000_step.sql/", "x20250101_000000_step.sql"}) {
    INFO(name);
    CHECK(applied(name) == "f");
  }
  const auto version = [&](const std::string& type) {
    return live.value("SELECT plumbline.get_current_schema_version(" + type + ")");
  };
  CHECK((version("") == "0.1.0" && version("'postgresql'") == "0.1.0" && version("'Postgres'") == "0.1.0"));
  CHECK(version("'timescaledb'").empty());
  CHECK(live.value("SELECT plumbline.log_schema_version('2.3.1', 'postgresql')") == "2.3.1");
  CHECK(live.value("SELECT plumbline.log_schema_version('v4', 'neo4j', '0007_graph.cypher', 'labels')") ==
        "4.0.0");
  CHECK((version("") == "2.3.1" && version("'neo4j'") == "4.0.0"));
  CHECK(live.value("SELECT plumbline.log_schema_version('minor', 'm', 'as in 0.1')") == "2.4.0");
  CHECK(
      live.value("SELECT string_agg(coalesce(change, '-') || coalesce(migration, '-'), ' ' ORDER BY id) FROM "
                 "plumbline.schema_versions WHERE id > 1") == "major- major0007_graph.cypher minorm");
  CHECK(live.value("SELECT plumbline.log_schema_version('2.4.0', 'postgresql')") == "2.4.0");
  CHECK(live.value("SELECT change FROM plumbline.schema_versions ORDER BY id DESC LIMIT 1").empty());
  CHECK_THROWS_WITH(live.execute("SELECT plumbline.log_schema_version('20250101_000000', 'postgresql')"),
                    Contains("not a schema version"));
}

TEST_CASE("the lock of the ledger is taken and given back by name") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  const auto lock = [&](const std::string& call) { return live.value("SELECT plumbline." + call); };
  CHECK(lock("acquire_migration_lock('20250101_000000', 'ci-7')") == "t");
  CHECK(live.value("SELECT holder || ' ' || doing FROM plumbline.migration_locks") == "ci-7 20250101_000000");
  CHECK(lock("acquire_migration_lock('20250101_000000', 'ci-7')") == "t");
  CHECK(lock("acquire_migration_lock('20250101_000000', 'ci-8')") == "f");
  check_refused(live.run({"redo", "--steps", "1", "--wait", "0"}), {"ci-7", "20250101_000000"});
  CHECK(lock("release_migration_lock('20250101_000000', 'ci-8')") == "f");
  CHECK(lock("release_migration_lock('20250101_000000', 'ci-7')") == "t");
  CHECK(lock("release_migration_lock('20250101_000000', 'ci-7')") == "f");
  live.execute("BEGIN; SELECT plumbline.acquire_migration_lock('x', NULL); ROLLBACK");
  CHECK(lock("acquire_migration_lock('x', NULL)") == "t");
  CHECK(lock("release_migration_lock('x', NULL)") == "t");
  CHECK(live.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
}

TEST_CASE("a ledger of 0.1.0 is read as it is, and brought up to date by the next write") {
  Migrated live;
  live.execute(read_text(std::string(PLUMBLINE_SOURCE) + "/tests/golden/ledger/version-2.sql") + old_rows);
  live.execute("CREATE TABLE a (id int)");
  const std::string before = live.value(shape);
  live.migration(1, "CREATE TABLE a (id int);");
  live.execute("UPDATE plumbline.schema_migrations SET checksum = ''");
  CHECK_THAT(live.ok({"status"}), Contains("applied         1") && Contains("0.1.0"));
  CHECK_THAT(live.ok({"history"}), Contains("ledger_created"));
  live.ok({"history", "--verify"});
  const ProgramResult check = live.run({"check"});
  INFO(check.out + check.err);
  CHECK((check.exit_code == 0 && live.value(shape) == before));

  live.execute(
      "UPDATE plumbline.schema_migrations SET state = 'pending', statements_done = 0 WHERE state = 'failed'");
  const std::string rows =
      live.value("SELECT string_agg(hash, ' ' ORDER BY id) FROM plumbline.migration_history");
  live.ok({"up"});
  live.ok({"history", "--verify"});
  CHECK(
      live.value("SELECT string_agg(hash, ' ' ORDER BY id) FROM plumbline.migration_history WHERE id <= 2") ==
      rows);
  CHECK(live.value("SELECT action FROM plumbline.migration_history ORDER BY id DESC LIMIT 1") ==
        "ledger_upgraded");
  CHECK(live.value(
            "SELECT status || ' ' || started_at::timestamptz(0) || ' ' || (completed_at = applied_at) FROM "
            "plumbline.schema_migrations WHERE version = '20250101_000000'") ==
        live.value("SELECT 'applied ' || '2025-06-01 12:00:00+00'::timestamptz || ' true'"));
  CHECK(live.value(
            "SELECT bool_and(completed_at = at AND at - started_at = coalesce(duration_ms, 0) * interval "
            "'1 ms') FROM plumbline.migration_history") == "t");
  CHECK(live.value("SELECT plumbline.get_current_schema_version('postgresql')") == "0.1.0");

  Migrated fresh;
  fresh.migration(1, "CREATE TABLE a (id int);");
  fresh.ok({"up"});
  CHECK(live.value(shape) == fresh.value(shape));
}

TEST_CASE("times of the history that were altered are found") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.execute("ALTER TABLE plumbline.migration_history DISABLE TRIGGER append_only");
  live.execute(
      "UPDATE plumbline.migration_history SET started_at = started_at - interval '1 day' WHERE id = 2");
  const ProgramResult result = live.run({"history", "--verify"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("row 2 was changed"));
}

TEST_CASE("a trigger of the ledger that was switched off is found") {
  const std::string sql = GENERATE("ALTER TABLE plumbline.migration_history DISABLE TRIGGER append_only",
                                   "ALTER TABLE plumbline.schema_migrations ENABLE TRIGGER by_hand",
                                   "DROP TRIGGER by_hand_all ON plumbline.schema_migrations");
  INFO(sql);
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.ok({"history", "--verify"});
  live.execute(sql);
  const ProgramResult result = live.run({"history", "--verify"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("is gone or off"));
}

TEST_CASE("a ledger in another schema than the settings name is not passed over") {
  Migrated live;
  live.migration(1, "CREATE TABLE IF NOT EXISTS a (id int);");
  live.ok({"up"});
  live.write("plumbline.toml", "[runner]\nledger_schema = \"public\"\n");
  for (const std::string command : {"up", "up --dry-run", "baseline"}) {
    std::vector<std::string> arguments = split(command, ' ');
    if (command == "baseline") arguments.push_back("head");
    check_refused(live.run(arguments),
                  {"plumbline has a ledger in schema \"plumbline\"", "ledger_schema = \"plumbline\""});
  }
  CHECK(live.value("SELECT to_regclass('public.schema_migrations') IS NULL") == "t");
}

TEST_CASE("the ledger is not made where its names are somebody else's") {
  Migrated live;
  live.write("plumbline.toml", "[runner]\nledger_schema = \"public\"\n");
  live.migration(1, "SELECT 1;");
  SECTION("another tool's ledger") {
    live.execute("CREATE TABLE schema_migrations (version text PRIMARY KEY)");
    check_refused(live.run({"up"}), {"there is a schema_migrations already", "ledger_schema"});
    CHECK(live.value(
              "SELECT count(*) FROM pg_attribute WHERE attrelid = 'schema_migrations'::regclass AND attnum > "
              "0") == "1");
  }
  SECTION("a function") {
    live.execute("CREATE FUNCTION ledger_version() RETURNS int LANGUAGE sql AS 'SELECT 2'");
    check_refused(live.run({"up"}), {"there is a ledger_version() already", "ledger_schema"});
  }
}

TEST_CASE("no code of a role without rights runs by way of the ledger") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  server().make_login_role("own_ledger_intruder");
  live.execute("GRANT CREATE, USAGE ON SCHEMA plumbline TO own_ledger_intruder; CREATE TABLE trace ()");
  const std::string trap =
      "SET ROLE own_ledger_intruder; CREATE FUNCTION plumbline.trap() RETURNS trigger LANGUAGE plpgsql AS "
      "$$BEGIN "
      "INSERT INTO public.trace DEFAULT VALUES; RETURN NULL; END$$; RESET ROLE;";
  std::string said;
  SECTION("an overload of a function that is called") {
    live.execute(
        "SET ROLE own_ledger_intruder; CREATE FUNCTION plumbline.get_current_schema_version(int DEFAULT 1) "
        "RETURNS text LANGUAGE sql AS $$INSERT INTO public.trace DEFAULT VALUES; SELECT ''$$; RESET ROLE");
    said = "function \"get_current_schema_version\"";
  }
  SECTION("a trigger") {
    live.execute(trap +
                 "GRANT TRIGGER ON plumbline.migration_locks TO own_ledger_intruder; SET ROLE "
                 "own_ledger_intruder; CREATE TRIGGER t AFTER INSERT OR UPDATE ON plumbline.migration_locks "
                 "EXECUTE FUNCTION plumbline.trap(); RESET ROLE");
    said = "the function of trigger \"t\"";
  }
  SECTION("a view in the place of a table") {
    live.execute(
        "DROP TABLE plumbline.schema_snapshots CASCADE; SET ROLE own_ledger_intruder; CREATE VIEW "
        "plumbline.schema_snapshots AS SELECT 1 AS id; RESET ROLE");
    said = "table \"schema_snapshots\" is not a plain table";
  }
  live.migration(2, "CREATE TABLE b (id int);");
  for (const std::string command : {"up", "status", "history"}) {
    INFO(command);
    check_refused(live.run({command}), {"is not used: ", said});
  }
  live.run({"check"});
  CHECK(live.value("SELECT count(*) FROM trace") == "0");
  live.execute("DROP OWNED BY own_ledger_intruder CASCADE");
}

TEST_CASE("plumbline's own objects are drift for no command") {
  const std::string schema = GENERATE("public", "plumbline");
  INFO(schema);
  Migrated project;
  project.write("plumbline.toml", "[runner]\nledger_schema = " + toml_string(schema) + "\n");
  project.migration(1, "CREATE TABLE a (id int);");
  project.migration(2, "CREATE TABLE b (id int);");
  const std::string url = project.database().conninfo();
  const auto run = [&](std::vector<std::string> arguments) {
    const ProgramResult result = run_plumbline(arguments, {}, {}, project.path());
    INFO(arguments[0] + "\n" + result.out + result.err);
    CHECK(result.exit_code == 0);
    return result;
  };
  const std::string live_before = "CREATE TABLE a (id int); CREATE TABLE b (id int);";
  project.execute(live_before);
  run({"snapshot", url, "--output", "before.json"});
  run({"baseline", "head", "--migrations", "db", "--url", url});
  run({"diff", url, "before.json"});
  run({"diff", "before.json", url});
  run({"diff", url, "db"});
  run({"diff", "--sql", url, "before.json"});
  run({"snapshot", url, "--output", "after.json"});
  run({"diff", "before.json", "after.json"});
  run({"check", "--migrations", "db", "--url", url});
  CHECK_THAT(run({"catchup", "--revert", "--migrations", "db", "--url", url}).err, Contains("nothing to do"));
  TestDatabase other = server().fresh_database();
  other.execute(live_before);
  run({"diff", url, other.conninfo()});
  run({"diff", other.conninfo(), url});
}

TEST_CASE("an empty ledger beside another tool's is no drift, and the tool's counts") {
  Project project;
  project.migrations({"CREATE TABLE a (id int);"});
  project.live("CREATE TABLE a (id int)", 1);
  const std::string url = project.database().conninfo();
  CHECK(project.run({"init", "--migrations", "db", "--url", url}).exit_code == 0);
  CHECK(project.database().connection().value("SELECT to_regnamespace('plumbline') IS NULL") == "t");
  CHECK(project.check().exit_code == 0);
  CHECK(project.run({"init", "--ledger", "--migrations", "db", "--url", url}).exit_code == 0);
  CHECK(project.database().connection().value("SELECT to_regnamespace('plumbline') IS NULL") == "f");
  const ProgramResult check = project.check();
  INFO(check.out + check.err);
  CHECK(check.exit_code == 0);
}

TEST_CASE("a name of plumbline's alone hides no drift") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  server().make_login_role("own_ledger_forger");
  const auto found = [&](const std::string& expected) {
    const ProgramResult check = live.run({"check"});
    INFO(check.out + check.err);
    CHECK(check.exit_code == 2);
    CHECK_THAT(check.out, Contains(expected));
  };
  SECTION("another object in its schema") {
    live.execute("CREATE TABLE plumbline.loot (id int)");
    found("table plumbline.loot");
    const ProgramResult repair = live.run({"catchup", "--revert"});
    CHECK_THAT(repair.out,
               Contains("DROP TABLE \"plumbline\".\"loot\"") || Contains("DROP TABLE plumbline.loot"));
    CHECK_THAT(repair.out, !Contains("DROP SCHEMA") && !Contains("schema_migrations"));
  }
  SECTION("a trigger on one of its tables") {
    live.execute(
        "CREATE FUNCTION public.tells() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE "
        "TRIGGER tells AFTER INSERT ON plumbline.migration_locks EXECUTE FUNCTION tells()");
    found("trigger plumbline.migration_locks.tells");
  }
  SECTION("its names in a schema without its ledger") {
    live.execute("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.migration_history (id int)");
    found("table elsewhere.migration_history");
  }
  SECTION("its schema's name for a table") {
    live.execute("CREATE TABLE public.plumbline (id int)");
    found("table public.plumbline");
  }
  SECTION("another kind of object under one of its names") {
    live.execute("CREATE COLLATION plumbline.migration_locks FROM \"C\"");
    found("collation plumbline.migration_locks");
  }
  SECTION("an overload of its functions") {
    live.execute(
        "CREATE FUNCTION plumbline.is_migration_applied(int) RETURNS boolean LANGUAGE sql AS 'SELECT true'");
    found("is_migration_applied(integer)");
  }
  SECTION("a ledger of a role that may not have one") {
    live.execute(
        "CREATE SCHEMA forged AUTHORIZATION own_ledger_forger; SET ROLE own_ledger_forger; CREATE TABLE "
        "forged.schema_migrations (version text, state text, checksum text); CREATE TABLE "
        "forged.migration_history (id int); RESET ROLE");
    found("table forged.migration_history");
    live.execute("DROP OWNED BY own_ledger_forger CASCADE");
  }
}

TEST_CASE("a ledger with a status in words is read, imported, and told from plumbline's own") {
  Migrated live;
  for (const int number : {1, 2, 3, 4})
    live.migration(number, "CREATE TABLE t" + std::to_string(number) + " ();");
  live.execute(
      "CREATE TABLE t1 (); CREATE TABLE t2 (); CREATE TYPE fate AS ENUM ('pending', 'running', 'completed', "
      "'failed');"
      "CREATE TABLE schema_migrations (id serial PRIMARY KEY, version text UNIQUE, name text, status fate, "
      "checksum text, "
      "started_at timestamptz, completed_at timestamptz); CREATE TABLE migration_history (version text, "
      "action text);"
      "INSERT INTO schema_migrations (version, name, status, checksum, started_at, completed_at) VALUES "
      "('20250101_000000', 'one', 'completed', 'abc', now(), now()), "
      "('20250102_000000_step.sql', 'two', 'completed', 'def', now(), now()), "
      "('20250103_000000', 'three', 'pending', NULL, NULL, NULL)");
  const auto status = [&] { return live.ok({"status"}); };
  CHECK_THAT(status(), Contains("applied         2") && Contains("public.schema_migrations (elf-migrate)"));
  const std::string drift = live.run({"check"}).out;
  CHECK_THAT(drift, !Contains("table public.schema_migrations") && !Contains("migration_history"));
  check_refused(live.run({"up"}), {"has a ledger of elf-migrate", "baseline --import"});
  SECTION("a migration that is running is half done") {
    live.execute("UPDATE schema_migrations SET status = 'running' WHERE name = 'three'");
    check_refused(live.run({"baseline", "--import"}), {"20250103_000000"});
  }
  SECTION("imported beside an empty ledger of ours") {
    live.ok({"init", "--ledger"});
    CHECK_THAT(status(), Contains("elf-migrate"));
    CHECK_THAT(live.ok({"baseline", "--import"}), Contains("2 migrations count as applied"));
    CHECK_THAT(live.ok({"up"}), Contains("2 migrations on"));
    CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied");
    CHECK(live.value("SELECT count(*) FROM public.schema_migrations") == "3");
    CHECK_THAT(live.run({"check"}).out, !Contains("schema_migrations"));
  }
  SECTION("ours is not made in its place") {
    live.write("plumbline.toml", "[runner]\nledger_schema = \"public\"\n");
    check_refused(live.run({"baseline", "--import"}), {"there is a ", "ledger_schema"});
  }
}
