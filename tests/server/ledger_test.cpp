// Every tool's ledger, written here as the tool writes it, read back by its rules.
#include "migrations/ledger.h"

#include <catch2/catch.hpp>

#include "postgres/text.h"
#include "tests/server/server.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Names = std::vector<std::string>;
using Places = std::vector<std::size_t>;

namespace {

struct Ledger {
  explicit Ledger(const std::string& sql) { database.execute(sql); }

  Applied read(const MigrationDirectory& directory, const MigrationOptions& options) {
    return read_ledger(database.connection(), directory, options);
  }
  Applied read(const std::vector<SourceFile>& files, const std::string& convention) {
    MigrationOptions options;
    options.path = "db";
    options.convention = convention;
    return read(load_migrations(options, files), options);
  }

  TestDatabase database = server().fresh_database();
};

std::vector<SourceFile> three(const std::string& ending) {
  return files_named({"1_a" + ending, "2_b" + ending, "3_c" + ending});
}

std::vector<SourceFile> three_with(const std::string& marker) {
  return {{"1_a.sql", marker + "\n"}, {"2_b.sql", marker + "\n"}, {"3_c.sql", marker + "\n"}};
}

const std::string flyway_table =
    "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description "
    "varchar(200), "
    "type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp "
    "DEFAULT "
    "now(), execution_time int DEFAULT 1, success boolean NOT NULL);"
    "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, "
    "success) VALUES ";

}  // namespace

TEST_CASE("without a ledger everything is pending") {
  Ledger ledger("CREATE TABLE other ()");
  const Applied applied = ledger.read(three(".up.sql"), "");
  CHECK(applied.tool.empty());
  CHECK(applied.pending == Places{0, 1, 2});
}

TEST_CASE("golang-migrate's one row stands for everything before it") {
  Ledger ledger(
      "CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES "
      "(2, false)");
  Applied applied = ledger.read(three(".up.sql"), "golang-migrate");
  CHECK(applied.tool == "golang-migrate");
  CHECK(applied.table == "public.schema_migrations");
  CHECK(applied.owner == "postgres");
  CHECK((applied.applied == Places{0, 1} && applied.pending == Places{2} && applied.version == "2"));
  ledger.database.execute("UPDATE schema_migrations SET dirty = true");
  applied = ledger.read(three(".up.sql"), "golang-migrate");
  CHECK((applied.applied == Places{0} && applied.failed == Names{"2"}));
  ledger.database.execute("UPDATE schema_migrations SET version = 7, dirty = false");
  applied = ledger.read(three(".up.sql"), "golang-migrate");
  CHECK((applied.applied == Places{0, 1, 2} && applied.unknown == Names{"7"}));
}

TEST_CASE("a directory recognised by looking is matched with the ledger that is there") {
  Ledger ledger(
      "CREATE TABLE _sqlx_migrations (version bigint, description text, success boolean, checksum bytea)");
  ledger.database.execute("INSERT INTO _sqlx_migrations VALUES (1, 'a', true, '\\x" +
                          sha384_hex("SELECT 1;\n") +
                          "'), (2, 'b', true, '\\x00'), (3, 'c', false, '\\x00')");
  const Applied applied = ledger.read(three(".up.sql"), "");
  CHECK(applied.tool == "sqlx");
  CHECK((applied.applied == Places{0, 1} && applied.failed == Names{"3"} && applied.edited == Places{1}));
}

TEST_CASE("two tools' ledgers are an error when nobody said which") {
  Ledger ledger(
      "CREATE TABLE _sqlx_migrations (version bigint, success boolean, checksum bytea);"
      "CREATE TABLE migrations_history (version bigint, direction text, status text, dirty bool, tstamp "
      "timestamp)");
  CHECK_THAT(error_of([&] { ledger.read(three(".up.sql"), ""); }), Contains("sqlx") && Contains("concourse"));
  CHECK(ledger.read(three(".up.sql"), "sqlx").tool == "sqlx");
}

TEST_CASE("a ledger is found in any schema; two of them need a word in the configuration") {
  Ledger ledger(
      "CREATE SCHEMA auth; CREATE TABLE auth.schema_migrations (version text); INSERT INTO "
      "auth.schema_migrations "
      "VALUES ('1')");
  CHECK(ledger.read(three_with("-- migrate:up"), "").table == "auth.schema_migrations");
  ledger.database.execute(
      "CREATE SCHEMA \"Odd one\"; CREATE TABLE \"Odd one\".schema_migrations (version text);"
      "INSERT INTO \"Odd one\".schema_migrations VALUES ('1'), ('2')");
  CHECK_THAT(error_of([&] { ledger.read(three_with("-- migrate:up"), ""); }),
             Contains("two ledgers of dbmate") && Contains("ledger_table"));
  MigrationOptions options;
  options.ledger_table = "\"Odd one\".schema_migrations";
  const auto directory = load(three_with("-- migrate:up"));
  CHECK(ledger.read(directory, options).applied == Places{0, 1});
  options.ledger_table = "nowhere.at_all";
  CHECK_THAT(error_of([&] { ledger.read(directory, options); }), Contains("two ledgers"));
}

TEST_CASE("what poses as a ledger is not read until the configuration names it") {
  const std::string trap =
      "CREATE FUNCTION trap() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'it runs'; END$$;";
  struct Trick {
    const char *sql, *said;
  };
  const Trick tricks[] = {
      {"CREATE VIEW schema_migrations AS SELECT trap() AS version", "is a view"},
      {"CREATE FOREIGN DATA WRAPPER w; CREATE SERVER away FOREIGN DATA WRAPPER w;"
       "CREATE FOREIGN TABLE schema_migrations (version text) SERVER away",
       "is a foreign table"},
      {"CREATE TABLE schema_migrations (version text); ALTER TABLE schema_migrations OWNER TO "
       "plumbline_nobody",
       "belongs to the role"},
  };
  for (const Trick& trick : tricks) {
    INFO(trick.sql);
    Ledger ledger(
        "DO $$BEGIN CREATE ROLE plumbline_nobody; EXCEPTION WHEN duplicate_object THEN NULL; END$$;" + trap);
    ledger.database.execute(trick.sql);
    CHECK_THAT(error_of([&] { ledger.read(three_with("-- migrate:up"), ""); }),
               Contains(trick.said) && Contains("ledger_table = \"public.schema_migrations\"") &&
                   !Contains("it runs"));
    // Beside the true one it counts for nothing.
    ledger.database.execute("CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version text)");
    CHECK(ledger.read(three_with("-- migrate:up"), "").table == "app.schema_migrations");
  }
}

TEST_CASE("a configured ledger under another name is used when its columns fit") {
  Ledger ledger(
      "CREATE TABLE my_versions (version text); INSERT INTO my_versions VALUES ('1'); CREATE TABLE "
      "foreign_one (a int)");
  MigrationOptions options;
  options.ledger_table = "my_versions";
  const auto directory = load(three_with("-- migrate:up"));
  CHECK(ledger.read(directory, options).applied == Places{0});
  options.ledger_table = "foreign_one";
  CHECK_THAT(error_of([&] { ledger.read(directory, options); }), Contains("is no ledger of dbmate"));
}

TEST_CASE("versions without a file are reported unless they are known to be missing") {
  Ledger ledger(
      "CREATE TABLE schema_migrations (version text); INSERT INTO schema_migrations VALUES ('1'), ('03'), "
      "('9')");
  const auto directory = load(three_with("-- migrate:up"));
  const Applied applied = ledger.read(directory, {});
  CHECK((applied.applied == Places{0, 2} && applied.pending == Places{1} && applied.unknown == Names{"9"}));
  MigrationOptions options;
  options.missing_versions = {"9_code.go"};
  CHECK(ledger.read(directory, options).unknown.empty());
}

TEST_CASE("a ledger that may not be read is an error with the GRANT that helps") {
  Ledger ledger("CREATE SCHEMA hidden; CREATE TABLE hidden.schema_migrations (version text)");
  server().make_login_role("ledger_stranger");
  const auto stranger =
      connect({.conninfo = with_parameter(ledger.database.conninfo(), "user", "ledger_stranger")});
  const auto directory = load(three_with("-- migrate:up"));
  CHECK_THAT(error_of([&] { read_ledger(*stranger, directory, {}); }),
             Contains("may not read the ledger \"hidden.schema_migrations\"") &&
                 Contains("GRANT SELECT ON hidden.schema_migrations TO ledger_stranger"));
}

TEST_CASE("flyway's rows: failed, undone, deleted, repeatable and edited") {
  Ledger ledger(
      flyway_table +
      "(1, '1', 'a', 'SQL', 'V1__a.sql', -1, true), (2, '2', 'b', 'SQL', 'V2__b.sql', NULL, true),"
      "(3, '2', 'b', 'UNDO_SQL', 'U2__b.sql', NULL, true), (4, '3', 'c', 'SQL', 'V3__c.sql', NULL, "
      "false), (5, NULL, 'all views', 'SQL', 'R__all_views.sql', NULL, true),"
      "(6, '4.0', 'd', 'JDBC', 'x', NULL, true), (7, '5', 'e', 'SQL', 'V5__e.sql', NULL, true), (8, '5', "
      "'e', 'DELETE', 'V5__e.sql', NULL, true)");
  const Applied applied = ledger.read(
      files_named({"V1__a.sql", "V2__b.sql", "V3__c.sql", "V5__e.sql", "R__all_views.sql", "R__new.sql"}),
      "");
  CHECK(applied.tool == "flyway");
  CHECK(applied.applied == Places{0, 4});
  CHECK(applied.pending == Places{1, 2, 3, 5});
  CHECK(applied.failed == Names{"3"});
  CHECK(applied.unknown == Names{"4.0"});
  CHECK(applied.edited == Places{0});
}

TEST_CASE("a flyway baseline covers what is before it and needs no file") {
  Ledger ledger(
      flyway_table +
      "(1, '2', '<< Flyway Baseline >>', 'BASELINE', 'x', NULL, true), (2, '3.0', 'c', 'SQL', 'x', NULL, "
      "true)");
  const Applied applied = ledger.read(files_named({"V1__a.sql", "V3__c.sql", "V4__d.sql"}), "");
  CHECK((applied.applied == Places{0, 1} && applied.pending == Places{2} && applied.unknown.empty()));
}

TEST_CASE("prisma's rows count when finished and not rolled back") {
  Ledger ledger(
      "CREATE TABLE _prisma_migrations (migration_name text, checksum text, finished_at timestamptz, "
      "rolled_back_at "
      "timestamptz, started_at timestamptz)");
  ledger.database.execute(
      "INSERT INTO _prisma_migrations VALUES ('1_a', 'x', NULL, now(), '2024-01-01'), ('1_a', '" +
      sha256_hex("SELECT 1;\n") +
      "', now(), NULL, '2024-01-02'), ('2_b', 'x', NULL, NULL, '2024-01-03'), ('3_c', 'x', now(), NULL, "
      "'2024-01-04')");
  const Applied applied =
      ledger.read(files_named({"1_a/migration.sql", "2_b/migration.sql", "3_c/migration.sql"}), "");
  CHECK((applied.applied == Places{0, 2} && applied.failed == Names{"2_b"} && applied.edited == Places{2}));
}

TEST_CASE("goose counts the last row of a version, its own zero is no migration") {
  Ledger ledger(
      "CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied boolean, tstamp timestamp "
      "DEFAULT now());"
      "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, "
      "false)");
  const Applied applied = ledger.read(three_with("-- +goose Up"), "");
  CHECK((applied.tool == "goose" && applied.applied == Places{0} && applied.unknown.empty()));
}

TEST_CASE("drizzle's rows are found by time, else by hash") {
  Ledger ledger(
      "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at "
      "bigint)");
  ledger.database.execute(
      "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('x', 100), ('" +
      sha256_hex("SELECT 2") + "', 999), ('y', 998)");
  const Applied applied = ledger.read(
      {{"0_a.sql", "SELECT 1"},
       {"1_b.sql", "SELECT 2"},
       {"2_c.sql", "SELECT 3"},
       {"meta/_journal.json",
        R"({"entries":[{"tag":"0_a","when":100},{"tag":"1_b","when":200},{"tag":"2_c","when":300}]})"}},
      "");
  CHECK((applied.applied == Places{0, 1} && applied.pending == Places{2} && applied.unknown == Names{"998"}));
  CHECK(applied.edited == Places{0});
  CHECK(applied.objects == Names{"drizzle.__drizzle_migrations", "drizzle.*"});
}

TEST_CASE("plumbline's own states") {
  const std::string bytes = "-- === UP MIGRATION ===\nSELECT 1;";
  const auto directory = load({{"20240101_000000_a.sql", bytes},
                               {"20240102_000000_b.sql", bytes},
                               {"20240103_000000_c.sql", bytes},
                               {"20240104_000000_d.sql", bytes}});
  Ledger ledger(
      "CREATE SCHEMA plumbline; CREATE TABLE plumbline.schema_migrations (version text, state text, checksum "
      "text);"
      "INSERT INTO plumbline.schema_migrations VALUES ('20240101_000000', 'applied', '" +
      directory.migrations[0].checksum +
      "'), ('20240102_000000', 'running', ''), ('20240103_000000', 'rolled_back', ''), ('20240104_000000', "
      "'applied', "
      "'other')");
  const Applied applied = ledger.read(directory, {});
  CHECK((applied.applied == Places{0, 3} && applied.pending == Places{1, 2}));
  CHECK((applied.failed == Names{"20240102_000000"} && applied.edited == Places{3}));
}

TEST_CASE("the other tools' ledgers, first and second of three migrations applied") {
  struct Example {
    std::string convention, sql;
    std::vector<SourceFile> files;
  };
  const std::string versions_1_2 = " VALUES ('1'), ('2')";
  const std::vector<Example> examples = {
      {"dbmate",
       "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations" +
           versions_1_2,
       three_with("-- migrate:up")},
      {"diesel",
       "CREATE TABLE __diesel_schema_migrations (version varchar, run_on timestamp); INSERT INTO "
       "__diesel_schema_migrations "
       "(version) VALUES ('20240101000000'), ('20240102000000')",
       files_named(
           {"2024-01-01-000000_a/up.sql", "2024-01-02-000000_b/up.sql", "2024-01-03-000000_c/up.sql"})},
      {"hasura",
       "CREATE TABLE schema_migrations (migration_id text); INSERT INTO schema_migrations VALUES ('0'), "
       "('1'), ('2')",
       files_named({"1_a/up.sql", "2_b/up.sql", "3_c/up.sql"})},
      {"hasura",
       "CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.hdb_version (cli_state jsonb); INSERT INTO "
       "hdb_catalog.hdb_version "
       R"(VALUES ('{"migrations": {"default": {"1": false, "2": false}}}'))",
       files_named({"1_a/up.sql", "2_b/up.sql", "3_c/up.sql"})},
      {"pop",
       "CREATE TABLE schema_migration (version varchar(14)); INSERT INTO schema_migration" + versions_1_2,
       three(".up.sql")},
      {"concourse",
       "CREATE TABLE migrations_history (version bigint, tstamp timestamptz, direction varchar, status "
       "varchar, dirty boolean);"
       "INSERT INTO migrations_history VALUES (1, '2024-01-01', 'up', 'passed', false), (2, '2024-01-02', "
       "'up', 'passed', false),"
       "(3, '2024-01-03', 'up', 'passed', false), (3, '2024-01-04', 'down', 'passed', false)",
       three(".up.sql")},
      {"morph",
       "CREATE TABLE db_migrations (version bigint, name text); INSERT INTO db_migrations VALUES (1, 'a'), "
       "(2, 'b')",
       three(".up.sql")},
      {"rails",
       "CREATE TABLE schema_migrations (version varchar); INSERT INTO schema_migrations" + versions_1_2,
       three(".sql")},
      {"numbered",
       "CREATE TABLE schema_migrations (version varchar); INSERT INTO schema_migrations" + versions_1_2,
       three(".sql")},
      {"supabase",
       "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text, "
       "statements text[], "
       "name text); INSERT INTO supabase_migrations.schema_migrations" +
           versions_1_2,
       three(".sql")},
      {"atlas",
       "CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions "
       "(version varchar, "
       "description varchar, type bigint, applied bigint, total bigint, error text); INSERT INTO "
       "atlas_schema_revisions.atlas_schema_revisions VALUES ('.atlas_cloud_identifier', '', 2, 0, 0, NULL), "
       "('1', 'a', 1, 0, 0, "
       "NULL), ('2', 'b', 2, 3, 3, '')",
       three(".sql")},
      {"postgres-migrations",
       "CREATE TABLE migrations (id int, name text, hash text, executed_at timestamp); INSERT INTO "
       "migrations VALUES (0, "
       "'create-migrations-table', 'x'), (1, 'a', '" +
           sha1_hex("1_a.sqlSELECT 1;\n") + "'), (2, 'b', '" + sha1_hex("2_b.sqlSELECT 1;\n") + "')",
       three(".sql")},
      {"graphile-worker",
       "CREATE SCHEMA graphile_worker; CREATE TABLE graphile_worker.migrations (id int, ts timestamptz, "
       "breaking boolean); INSERT INTO "
       "graphile_worker.migrations VALUES (1), (2)",
       three(".sql")},
      {"graphile-migrate",
       "CREATE SCHEMA graphile_migrate; CREATE TABLE graphile_migrate.migrations (hash text, previous_hash "
       "text, filename text, date "
       "timestamptz); INSERT INTO graphile_migrate.migrations VALUES ('x', NULL, '000001.sql'), ('y', 'x', "
       "'000002-b.sql')",
       files_named({"committed/000001.sql", "committed/000002-b.sql", "committed/000003.sql"})},
      {"sql-migrate",
       "CREATE TABLE gorp_migrations (id text, applied_at timestamptz); INSERT INTO gorp_migrations VALUES "
       "('1_a.sql'), ('2_b.sql')",
       three_with("-- +migrate Up")},
      {"node-pg-migrate",
       "CREATE TABLE pgmigrations (id serial, name text, run_on timestamp); INSERT INTO pgmigrations (name) "
       "VALUES ('1_a'), ('2_b')",
       three_with("-- Up Migration")},
      {"db-migrate",
       "CREATE TABLE migrations (id serial, name varchar, run_on timestamp); INSERT INTO migrations (name) "
       "VALUES "
       "('/20240101000000-a'), ('/20240102000000-b')",
       files_named({"20240101000000-a-up.sql", "20240102000000-b-up.sql", "20240103000000-c-up.sql"})},
      {"postgrator",
       "CREATE TABLE schemaversion (version bigint, name text, md5 text); INSERT INTO schemaversion VALUES "
       "(0), (1), (2)",
       files_named({"001.do.a.sql", "002.do.b.sql", "003.do.c.sql"})},
      {"play-evolutions",
       "CREATE TABLE play_evolutions (id int, hash text, apply_script text, state text); INSERT INTO "
       "play_evolutions "
       "(id, state) VALUES (1, 'applied'), (2, 'applied')",
       {{"1.sql", "# --- !Ups"}, {"2.sql", "# --- !Ups"}, {"3.sql", "# --- !Ups"}}},
      {"tern", "CREATE TABLE schema_version (version int); INSERT INTO schema_version VALUES (2)",
       three(".sql")},
      {"sourcegraph",
       "CREATE TABLE migration_logs (id serial, version int, up boolean, success boolean); INSERT INTO "
       "migration_logs (version, up, "
       "success) VALUES (1, true, true), (2, true, false), (2, true, true), (3, true, true), (3, false, "
       "true)",
       files_named({"1_a/up.sql", "2_b/up.sql", "3_c/up.sql"})},
      {"sqitch",
       "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text, change text, committed_at "
       "timestamptz); INSERT INTO "
       "sqitch.changes VALUES ('x', 'a', '2024-01-01'), ('y', 'b', '2024-01-02')",
       {{"sqitch.plan", "a\nb\n@v1\nb\n"},
        {"deploy/a.sql", ""},
        {"deploy/b@v1.sql", ""},
        {"deploy/b.sql", ""}}},
  };
  for (const Example& example : examples) {
    CAPTURE(example.convention);
    Ledger ledger(example.sql);
    const Applied applied = ledger.read(example.files, example.convention);
    CHECK(applied.tool == (example.convention == "numbered" ? "numbered" : example.convention));
    CHECK(applied.applied == Places{0, 1});
    CHECK(applied.pending == Places{2});
    CHECK(applied.unknown.empty());
    CHECK(applied.failed.empty());
    CHECK(applied.edited.empty());
  }
}

TEST_CASE("a custom ledger is read by its table, or by its query") {
  Ledger ledger(
      "CREATE SCHEMA m; CREATE TABLE m.log (version int, done boolean, what text); INSERT INTO m.log VALUES "
      "(1, true, 'a'), "
      "(2, false, 'b')");
  MigrationOptions options;
  options.path = "db";
  options.convention = "custom";
  options.custom.file_pattern = R"((?<version>\d+)_.*\.sql)";
  options.custom.ledger_table = "m.log";
  const auto directory = load_migrations(options, three(".sql"));
  CHECK(ledger.read(directory, options).applied == Places{0, 1});
  options.custom.ledger_query = "SELECT version FROM {table} WHERE done";
  const Applied applied = ledger.read(directory, options);
  CHECK((applied.applied == Places{0} && applied.table == "m.log" && applied.objects == Names{"m.log"}));
  options.custom.ledger_table.clear();
  options.custom.ledger_query = "SELECT version, CASE WHEN done THEN 'applied' ELSE 'failed' END FROM m.log";
  CHECK(ledger.read(directory, options).failed == Names{"2"});
  options.custom.ledger_query = "SELECT versoin FROM m.log";
  CHECK_THAT(error_of([&] { ledger.read(directory, options); }),
             Contains("reading the ledger") && Contains("versoin"));
}
