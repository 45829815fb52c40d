#include <catch2/catch.hpp>

#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Names = std::vector<std::string>;

TEST_CASE("each convention is recognised by what its files show") {
  struct Example {
    std::string convention;
    std::vector<SourceFile> files;
  };
  const std::vector<Example> examples = {
      {"plumbline", files_named({"20250121_093000_schema_add_users.sql"})},
      {"plumbline", {{"20250121_093000_x.sql", "-- ===== UP MIGRATION =====\nSELECT 1;"}}},
      {"dbmate", {{"20240131120000_a.sql", "-- migrate:up\nSELECT 1;"}}},
      {"golang-migrate", files_named({"0001_a.up.sql", "0001_a.down.sql"})},
      {"flyway", files_named({"V1__a.sql", "R__views.sql"})},
      {"flyway", files_named({"common/V2024.01_2__a.sql"})},
      {"goose", {{"00001_a.sql", "-- +goose Up\nSELECT 1;"}}},
      {"diesel", files_named({"00000000000000_diesel_initial_setup/up.sql"})},
      {"diesel", files_named({"2024-01-31-120000_a/up.sql", "2024-01-31-120000_a/down.sql"})},
      {"sqlx", {{"20240131120000_a.sql", "-- no-transaction\nVACUUM;"}}},
      {"prisma", files_named({"20240131120000_a/migration.sql"})},
      {"drizzle",
       {{"0000_a.sql", "SELECT 1"}, {"meta/_journal.json", R"({"entries":[{"tag":"0000_a","when":5}]})"}}},
      {"numbered", files_named({"001_a.sql", "2.sql"})},
      {"sqitch",
       {{"deploy/a.sql", "SELECT 1"},
        {"sqitch.plan", "%project=x\n\na 2024-01-01T00:00:00Z x <x@y.z> # n\n"}}},
      {"graphile-migrate",
       {{"committed/000001-a.sql", "--! Previous: -\nSELECT 1"}, {"current.sql", "SELECT 2"}}},
      {"graphile-worker", {{"000001.sql", "CREATE TABLE :GRAPHILE_WORKER_SCHEMA.t ();"}}},
      {"sourcegraph", {{"100_a/up.sql", "SELECT 1"}, {"100_a/metadata.yaml", "name: a\nparents: []\n"}}},
      {"hasura", files_named({"1_a/up.sql", "1_a/down.sql"})},
      {"hasura", files_named({"1700000000000_a/up.sql"})},
      {"pop", {{"00_a.up.sql", "CREATE TABLE {{ index .Options \"Namespace\" }}.t ();"}}},
      {"postgres-migrations", {{"0001-a.sql", "-- postgres-migrations disable-transaction\nSELECT 1"}}},
      {"concourse", {{"1510262030_a.up.sql", "-- NO_TRANSACTION\nSELECT 1"}}},
      {"sql-migrate", {{"1_a.sql", "-- +migrate Up\nSELECT 1"}}},
      {"node-pg-migrate", {{"1700000000000_a.sql", "-- Up Migration\nSELECT 1"}}},
      {"db-migrate", files_named({"sqls/20240131120000-a-up.sql", "sqls/20240131120000-a-down.sql"})},
      {"postgrator", files_named({"001.do.a.sql", "001.undo.a.sql"})},
      {"play-evolutions", {{"1.sql", "# --- !Ups\nSELECT 1;\n# --- !Downs\nSELECT 2;"}}},
      {"tern", {{"001_a.sql", "SELECT 1;\n---- create above / drop below ----\nSELECT 2"}}},
      {"atlas", {{"20240131120000_a.sql", "SELECT 1"}, {"atlas.sum", "h1:x"}}},
  };
  for (const Example& example : examples) {
    CAPTURE(example.convention, example.files.front().path);
    const MigrationDirectory directory = load(example.files);
    CHECK(directory.convention == example.convention);
    CHECK(directory.migrations.at(0).up.size() == 1);
  }
}

TEST_CASE("every convention can be named") {
  for (const std::string& name : convention_names()) {
    CAPTURE(name);
    CHECK_THAT(error_of([&] { load(files_named({"picture.png"}), name); }), !Contains("unknown convention"));
  }
}

TEST_CASE("plumbline files carry a header and two sections") {
  const auto directory = load({{"20250121_093000_security_add_users.sql",
                                "-- Migration: Add user profiles\n"
                                "-- Version: 20250121_093000\n"
                                "-- Description: Adds tables\n"
                                "-- Dependencies: [\"20250120_140000_initial\", \"20250119_000000\"]\n"
                                "-- Phase: expand\n"
                                "-- ============= UP MIGRATION =============\n"
                                "CREATE TABLE u ();\n"
                                "-- ============= DOWN MIGRATION ============\n"
                                "DROP TABLE u;\n"},
                               {"20250120_140000_initial.sql", "SELECT 1;"}});
  REQUIRE(versions(directory) == Names{"20250120_140000", "20250121_093000"});
  const Migration& migration = directory.migrations[1];
  CHECK(migration.name == "Add user profiles");
  CHECK(migration.type == "security");
  CHECK(migration.description == "Adds tables");
  CHECK(migration.phase == "expand");
  CHECK(migration.dependencies == Names{"20250120_140000_initial", "20250119_000000"});
  CHECK(texts(migration.up) == Names{"CREATE TABLE u ()"});
  CHECK(migration.up[0].line == 7);
  CHECK(texts(migration.down) == Names{"DROP TABLE u"});
  CHECK((migration.has_down && migration.down[0].line == 9));
  REQUIRE(directory.warnings.size() == 1);
  CHECK_THAT(directory.warnings[0], Contains("20250119_000000") && Contains("does not exist"));
}

TEST_CASE("a plumbline header that contradicts the file name is an error") {
  CHECK_THAT(error_of([] {
               load({{"20250121_093000_a.sql", "-- Version: 20250121_093001\nSELECT 1;"}});
             }),
             Contains("header says version"));
}

TEST_CASE("dbmate files need an up section and say when they run outside a transaction") {
  const auto directory =
      load({{"2_b.sql", "-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"},
            {"10_a.sql", "-- a title\nSELECT 0;\n-- migrate:up\nSELECT 3;\n"}});
  CHECK(versions(directory) == Names{"10", "2"});  // dbmate sorts versions as text
  CHECK(texts(directory.migrations[0].up) == Names{"SELECT 3"});
  CHECK(directory.migrations[0].transactional);
  CHECK_FALSE(directory.migrations[0].has_down);
  CHECK_FALSE(directory.migrations[1].transactional);
  CHECK(texts(directory.migrations[1].down) == Names{"SELECT 2"});
  CHECK_THAT(error_of([] {
               load({{"1_a.sql", "-- migrate:up\n"}, {"2_b.sql", "SELECT 1;"}});
             }),
             Contains("db/2_b.sql:1:1:") && Contains("up section"));
}

TEST_CASE("golang-migrate sorts by number and its ledger knows numbers") {
  const auto directory = load(files_named({"9_a.up.sql", "10_b.up.sql", "0011_c.up.sql", "0011_c.down.sql"}));
  CHECK(versions(directory) == Names{"9", "10", "11"});
  CHECK(directory.migrations[2].down_file == "0011_c.down.sql");
}

TEST_CASE("flyway merges folders, compares versions part by part, and puts repeatable files last") {
  const auto directory = load(files_named({"a/V1.10__x.sql", "b/V1.9__x.sql", "a/V20201207_10523__x.sql",
                                           "a/V20201207__x.sql", "a/R__views.sql", "b/R__all_functions.sql",
                                           "U1.9__x.sql", "a/beforeMigrate.sql", "b/V30000000__x.java"}));
  CHECK(file_names(directory) == Names{"b/V1.9__x.sql", "a/V1.10__x.sql", "a/V20201207__x.sql",
                                       "a/V20201207_10523__x.sql", "b/R__all_functions.sql",
                                       "a/R__views.sql"});
  CHECK(directory.migrations[3].version == "20201207.10523");
  CHECK(directory.migrations[0].down_file == "U1.9__x.sql");
  CHECK(directory.migrations[4].repeatable);
  CHECK(directory.migrations[4].version == "all functions");
  CHECK(directory.code_versions == Names{"30000000"});
}

TEST_CASE("flyway files run outside a transaction by .conf, or when one statement refuses it") {
  const auto directory = load({{"V1__a.sql", "SELECT 1;"},
                               {"V1__a.sql.conf", "# x\nexecuteInTransaction=false\n"},
                               {"V2__b.sql", "SET lock_timeout = 1; DROP INDEX CONCURRENTLY i;"},
                               {"V3__c.sql", "SELECT 1;"}});
  CHECK_FALSE(directory.migrations[0].transactional);
  CHECK_FALSE(directory.migrations[1].transactional);
  CHECK(directory.migrations[2].transactional);
}

TEST_CASE("a flyway baseline stands for files that are gone") {
  CHECK(file_names(load(files_named({"B5__base.sql", "V6__a.sql"}))) == Names{"B5__base.sql", "V6__a.sql"});
  CHECK(file_names(load(files_named({"B5__base.sql", "V5__a.sql", "V6__a.sql"}))) ==
        Names{"V5__a.sql", "V6__a.sql"});
}

TEST_CASE("goose sections are cut at their comments, statement blocks are no matter") {
  const auto directory =
      load({{"00002_b.sql",
             "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() "
             "RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql;\n-- +goose StatementEnd\n"
             "SELECT 2;\n-- +goose Down\nDROP FUNCTION f();\n"},
            {"00003_c.go", ""}});
  REQUIRE(directory.migrations.size() == 1);
  CHECK(directory.migrations[0].version == "2");
  CHECK(directory.migrations[0].up.size() == 2);
  CHECK(texts(directory.migrations[0].down) == Names{"DROP FUNCTION f()"});
  CHECK_FALSE(directory.migrations[0].transactional);
  CHECK(directory.code_versions == Names{"00003"});
}

TEST_CASE("diesel versions have no dashes, and metadata.toml switches the transaction off") {
  const auto directory = load({{"2024-01-31-120000_b/up.sql", "SELECT 1;"},
                               {"2024-01-31-120000_b/metadata.toml", "run_in_transaction = false # why\n"},
                               {"20240130110000_a/up.sql", "SELECT 1;"},
                               {"2024-02-01-130000-0000_c/up.sql", "SELECT 1;"},
                               {"README.md", "x"},
                               {"stray.sql", "SELECT 1;"}});
  CHECK(versions(directory) == Names{"20240130110000", "20240131120000", "202402011300000000"});
  CHECK_FALSE(directory.migrations[1].transactional);
  CHECK(directory.warnings.size() == 1);
}

TEST_CASE("prisma's version is the folder, the order that of the names") {
  const auto directory = load(files_named({"20240131120000_a/migration.sql", "0_init/migration.sql"}));
  CHECK(versions(directory) == Names{"0_init", "20240131120000_a"});
  CHECK(directory.migrations[1].name == "a");
}

TEST_CASE("drizzle follows its journal and cuts at breakpoints") {
  const std::string journal =
      R"({"entries":[{"idx":0,"tag":"0001_b","when":100},{"idx":1,"tag":"0000_a","when":200}]})";
  const auto directory =
      load({{"0000_a.sql", "SELECT 1\n--> statement-breakpoint\nSELECT 2;--> statement-breakpoint\n"},
            {"0001_b.sql", "SELECT 3"},
            {"0002_c.sql", "SELECT 4"},
            {"meta/_journal.json", journal}});
  CHECK(versions(directory) == Names{"100", "200"});
  CHECK(texts(directory.migrations[1].up) == Names{"SELECT 1", "SELECT 2"});
  CHECK(directory.migrations[1].up[1].line == 3);
  REQUIRE(directory.not_understood().size() == 1);
  CHECK(directory.not_understood()[0].path == "0002_c.sql");
}

TEST_CASE("a drizzle journal that is broken or names a missing file is an error") {
  CHECK_THAT(error_of([] {
               load({{"0000_a.sql", "x"}, {"meta/_journal.json", "{"}});
             }),
             Contains("no drizzle journal"));
  CHECK_THAT(
      error_of([] {
        load({{"0000_a.sql", "x"}, {"meta/_journal.json", R"({"entries":[{"tag":"0001_b","when":1}]})"}});
      }),
      Contains("0001_b"));
}

TEST_CASE("numbered files are sorted by value, whatever their width and separators") {
  CHECK(file_names(load(files_named({"10-c.sql", "9.sql", "0001_a.sql", "00011 d.sql"}))) ==
        Names{"0001_a.sql", "9.sql", "10-c.sql", "00011 d.sql"});
  CHECK(versions(load(files_named({"2024-01-02-b.sql", "2024-01-02-a.sql", "2023-12-31-z.sql"}))) ==
        Names{"2023-12-31-z", "2024-01-02-a", "2024-01-02-b"});
  CHECK(versions(load(files_named({"2024-01-02-1530-b.sql", "2024-01-02-0900_a.sql"}))) ==
        Names{"2024-01-02-0900", "2024-01-02-1530"});
  CHECK(versions(load(files_named({"1.10_b.sql", "1.9_a.sql"}))) == Names{"1.9", "1.10"});
}

TEST_CASE("sqitch follows its plan, reworked changes keep their old script") {
  const auto directory = load({{"sqitch.plan",
                                "%syntax-version=1.0.0\n%project=x\n\nschema 2024 x <x@y.z> # n\n"
                                "users [schema] 2024 x <x@y.z> # n\n@v1 2024 x <x@y.z> # n\n"
                                "users [users@v1] 2024 x <x@y.z> # n\n"},
                               {"deploy/schema.sql", "BEGIN; SELECT 1; COMMIT;"},
                               {"deploy/users.sql", "SELECT 3"},
                               {"deploy/users@v1.sql", "SELECT 2"},
                               {"deploy/other.sql", "SELECT 4"},
                               {"revert/schema.sql", "SELECT 5"}});
  CHECK(file_names(directory) == Names{"deploy/schema.sql", "deploy/users@v1.sql", "deploy/users.sql"});
  CHECK(versions(directory) == Names{"schema", "users", "users#2"});
  CHECK_FALSE(directory.migrations[0].transactional);
  CHECK(directory.migrations[0].down_file == "revert/schema.sql");
  REQUIRE(directory.not_understood().size() == 1);
  CHECK(directory.not_understood()[0].path == "deploy/other.sql");
}

TEST_CASE("sourcegraph's migrations come after their parents") {
  const auto directory = load({{"100_a/up.sql", "x"},
                               {"100_a/metadata.yaml", "name: 'a'\nparents: [300]\n"},
                               {"200_b/up.sql", "x"},
                               {"200_b/metadata.yaml", "parents: [100, 300]\n"},
                               {"300_c/up.sql", "x"},
                               {"300_c/metadata.yaml", "parents: []\n"}});
  CHECK(versions(directory) == Names{"300", "100", "200"});
}

TEST_CASE("concourse may give two files one version, each has its own down file") {
  const auto directory =
      load(files_named({"5_a.up.sql", "5_b.up.sql", "5_b.down.sql", "5_a.down.sql", "6_c.go"}), "concourse");
  CHECK(file_names(directory) == Names{"5_a.up.sql", "5_b.up.sql"});
  CHECK(directory.migrations[1].down_file == "5_b.down.sql");
}

TEST_CASE("pop takes the file for PostgreSQL where there is one") {
  const auto directory =
      load(files_named({"1_a.up.sql", "1_a.postgres.up.sql", "1_a.mysql.up.sql", "2_b.up.sql"}), "pop");
  CHECK(file_names(directory) == Names{"1_a.postgres.up.sql", "2_b.up.sql"});
}

TEST_CASE("many SQL files of a project that are no migrations are one warning") {
  const auto directory =
      load(files_named({"V1__a.sql", "lib_/a.sql", "lib_/b.sql", "lib_/c.sql", "seed.sql"}));
  REQUIRE(directory.warnings.size() == 1);
  CHECK(directory.warnings[0] ==
        "4 SQL files are no flyway migrations and are left out: \"lib_/a.sql\", \"lib_/b.sql\", "
        "\"lib_/c.sql\", ...");
}
