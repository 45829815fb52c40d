#include "expected/expected.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <numeric>
#include <sstream>

#include "expected/attribution_json.h"
#include "expected/dependencies_json.h"
#include "postgres/error.h"
#include "snapshot/json.h"
#include "tests/server/project.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;

// A history that no run before has replayed.
MigrationDirectory fresh_history() {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return load({{"1_a.sql", "CREATE TABLE orders (id int PRIMARY KEY, note text DEFAULT 'none');\n"},
               {"2_b.sql", "COMMENT ON TABLE orders IS '" + std::to_string(now) + "';\n"}});
}

struct Outcome {
  std::string snapshot, attribution, dependencies, key;
  bool from_cache = false;
  std::vector<std::string> warnings;
};

Outcome outcome_of(const MigrationDirectory& directory, const ReplayOptions& replay = {}) {
  ExpectedOptions options;
  options.shadow.cache_directory = test_cache();
  options.replay = replay;
  options.dependencies = true;
  std::vector<std::size_t> places(directory.migrations.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  SymbolTable symbols;
  const Expected expected(directory, places, symbols, options);
  std::ostringstream snapshot, attribution, dependencies;
  write_json(expected.snapshot(), snapshot);
  write_json(expected.attribution(), attribution);
  write_dependencies(expected.snapshot(), dependencies);
  return {snapshot.str(), attribution.str(),     dependencies.str(),
          expected.key(), expected.from_cache(), expected.warnings()};
}

fs::path entry_of(const Outcome& outcome) { return test_cache() / "expected" / outcome.key; }

// The tables with their schemas that a history makes, on a database of its own.
std::string tables_of(const std::vector<SourceFile>& files, const ReplayOptions& options = {},
                      const std::vector<SessionSetting>& settings = {}) {
  TestDatabase database = server().fresh_database();
  MigrationDirectory directory = load(files);
  directory.settings = settings;
  std::vector<std::size_t> places(directory.migrations.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  SymbolTable symbols;
  replay(server().shadow(), database.name(), {directory, places}, symbols, options);
  return database.connection()
      .value(
          "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY tablename) FROM pg_tables"
          " WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'")
      .value();
}

}  // namespace

TEST_CASE("what comes from the cache is what a replay would say, to the byte") {
  const MigrationDirectory directory = fresh_history();
  const Outcome miss = outcome_of(directory), hit = outcome_of(directory);
  CHECK_FALSE(miss.from_cache);
  CHECK(hit.from_cache);
  CHECK(hit.snapshot == miss.snapshot);
  CHECK(hit.attribution == miss.attribution);
  CHECK(hit.dependencies == miss.dependencies);
  CHECK(hit.dependencies.size() > 10);
  CHECK(hit.warnings.empty());
  fs::remove_all(entry_of(hit));
}

TEST_CASE("a damaged cache entry is remade with a warning") {
  const MigrationDirectory directory = fresh_history();
  const Outcome first = outcome_of(directory);
  for (const char* name : {"snapshot.json", "attribution.json", "dependencies.json"}) {
    const fs::path file = entry_of(first) / name;
    for (const std::string& damage : {std::string("cut"), std::string("{}"), std::string("\0\0\0\0", 4)}) {
      if (damage == "cut") {
        fs::resize_file(file, fs::file_size(file) / 2);
      } else {
        std::ofstream(file, std::ios::binary) << damage;
      }
      const Outcome again = outcome_of(directory);
      INFO(name << " " << damage);
      CHECK_FALSE(again.from_cache);
      REQUIRE(again.warnings.size() == 1);
      CHECK_THAT(again.warnings[0], Contains("cached snapshot could not be read and was made anew"));
      CHECK(again.snapshot == first.snapshot);
      CHECK(again.attribution == first.attribution);
      CHECK(again.dependencies == first.dependencies);
      CHECK(outcome_of(directory).from_cache);
    }
  }
  fs::remove_all(entry_of(first));
}

TEST_CASE("each thing that the result depends on has an entry of its own") {
  const MigrationDirectory directory = fresh_history();
  const std::string key = outcome_of(directory).key;
  const auto differs = [&](const MigrationDirectory& other, const ReplayOptions& options = {}) {
    const Outcome outcome = outcome_of(other, options);
    CHECK_FALSE(outcome.from_cache);
    CHECK(outcome.key != key);
    fs::remove_all(entry_of(outcome));
  };
  SECTION("the text of a migration") {
    MigrationDirectory other = directory;
    other.migrations[0].up[0].text += " ";
    differs(other);
  }
  SECTION("the line of a statement") {
    MigrationDirectory other = directory;
    ++other.migrations[1].up[0].line;
    differs(other);
  }
  SECTION("a setting of the session") {
    MigrationDirectory other = directory;
    other.settings = {{"app.mode", "other"}};
    differs(other);
  }
  SECTION("the search path") {
    differs(directory, {.prelude = "", .search_path = "public, pg_catalog", .progress = {}});
  }
  SECTION("the prelude's content") {
    const TemporaryDirectory folder;
    differs(directory, {.prelude = folder.write("p.sql", "SELECT 1"), .search_path = "", .progress = {}});
  }
  fs::remove_all(test_cache() / "expected" / key);
}

TEST_CASE("a database with the expected schema can be asked, though the snapshot came from the cache") {
  const MigrationDirectory directory = fresh_history();
  const Outcome first = outcome_of(directory);
  ExpectedOptions options;
  options.shadow.cache_directory = test_cache();
  SymbolTable symbols;
  const std::vector<std::size_t> places{0, 1};
  Expected expected(directory, places, symbols, options);
  CHECK(expected.from_cache());
  CHECK(expected.connection().value("SELECT count(*) FROM orders") == "0");
  fs::remove_all(entry_of(first));
}

TEST_CASE("search_path and settings hold for every file, and nothing that a file sets for the next") {
  ReplayOptions options;
  options.search_path = "app, public";
  CHECK(tables_of({{"1_a.sql", "CREATE SCHEMA app;\nCREATE TABLE one ();\nSET search_path = public;\n"},
                   {"2_b.sql", "CREATE TABLE two ();\nSET SESSION AUTHORIZATION pg_monitor;\n"},
                   {"3_c.sql", "CREATE TABLE three ();\n"}},
                  options) == "app.one app.three app.two");
  const std::vector<SourceFile> reads_setting{
      {"1_a.sql",
       "DO $$ BEGIN EXECUTE format('CREATE TABLE %I ()', current_setting('app.name')); END $$;\n"}};
  CHECK(tables_of(reads_setting, {}, {{"app.name", "it's mine"}}) == "public.it's mine");
  CHECK_THROWS_WITH(tables_of(reads_setting), Contains("app.name"));
}

TEST_CASE("a role that is missing is made, and the file goes on where nothing is lost or done twice") {
  CHECK(tables_of({{"1_a.sql",
                    "CREATE TABLE one ();\nGRANT SELECT ON one TO expected_reader;\n"
                    "ALTER TABLE one OWNER TO \"Expected Owner\";\n"},
                   {"2_b.sql",
                    "CREATE TABLE two (a int);\nCREATE INDEX CONCURRENTLY ON two (a);\n"
                    "INSERT INTO two VALUES (1);\nCREATE POLICY p ON two TO expected_other USING (true);\n"
                    "DO $$ BEGIN ASSERT (SELECT count(*) FROM two) = 1; END $$;\n"}}) ==
        "public.one public.two");
  CHECK(server()
            .shadow()
            .connect("postgres")
            ->value(
                "SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles WHERE rolname ~* '^expected'"
                " AND NOT rolcanlogin AND NOT rolsuper") ==
        "Expected Owner, expected_other, expected_reader");
}

TEST_CASE("migrations may go on as another role, who may read less than we have to") {
  CHECK(
      tables_of({{"1_a.sql",
                  "GRANT CREATE ON SCHEMA public TO PUBLIC;\nSET ROLE expected_maker;\nCREATE TABLE one ();\n"
                  "DROP TABLE IF EXISTS nothing;\n"},
                 {"2_b.sql",
                  "SET SESSION AUTHORIZATION expected_maker;\nCREATE TABLE two ();\nSELECT 1;\n"
                  "CREATE INDEX CONCURRENTLY ON one ((1));\nDO $$ BEGIN ASSERT current_user ="
                  " 'expected_maker'; END $$;\n"}}) == "public.one public.two");
}

TEST_CASE("migrations that live does not have yet are pending, not drift") {
  Project project;
  project.migrations(
      {"CREATE TABLE one (id int);\n", "CREATE TABLE two (id int);\n", "CREATE TABLE three ();\n"});
  project.live("CREATE TABLE one (id int)", 1);
  const ProgramResult applied = project.check();
  INFO(applied.out << applied.err);
  CHECK(applied.exit_code == 0);
  CHECK_THAT(applied.out, Contains("pending: 2 migrations\n  000002_step.up.sql\n  000003_step.up.sql\n"));

  const ProgramResult head = project.check({"--at", "head"});
  CHECK(head.exit_code == 2);
  CHECK_THAT(head.out, Contains("drift: 2 findings") && Contains("missing table public.two") &&
                           Contains("missing table public.three") && !Contains("pending"));
  const ProgramResult second = project.check({"--at", "2"});
  CHECK(second.exit_code == 2);
  CHECK_THAT(second.out, Contains("drift: 1 finding ") && Contains("missing table public.two") &&
                             Contains("created in 000002_step.up.sql:1") &&
                             Contains("pending: 1 migration\n  000003_step.up.sql\n"));
  check_refused(project.check({"--at", "7"}), {"\"7\"", "head"});
}

TEST_CASE("a check constraint that is spelled otherwise is no finding, one that says otherwise is") {
  Project project;
  project.migrations(
      {"CREATE TABLE t (s varchar(9) CONSTRAINT known CHECK (s IN ('a', 'b')), n int CHECK (n > 0));\n"});
  SECTION("the same") {
    project.live(
        "CREATE TABLE t (s varchar(9), n int CHECK ((n) > (0)), CONSTRAINT known CHECK (((s)::text = ANY"
        " ((ARRAY['a'::character varying, 'b'::character varying])::text[]))))",
        1);
    const ProgramResult result = project.check();
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Contains("1 text spelled differently but equivalent"));
    // The answer is kept: the second time no server is started, so it is no matter that none could be.
    const ProgramResult again = project.check({}, {{"PLUMBLINE_TMPDIR", "/nowhere"}});
    INFO(again.out << again.err);
    CHECK(again.exit_code == 0);
    CHECK_THAT(again.out, Contains("1 text spelled differently but equivalent"));
  }
  SECTION("another") {
    project.live(
        "CREATE TABLE t (s varchar(9), n int CHECK (n > 0), CONSTRAINT known CHECK (((s)::text = ANY"
        " ((ARRAY['a'::character varying, 'c'::character varying])::text[]))))",
        1);
    const ProgramResult result = project.check();
    INFO(result.out << result.err);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.out, Contains("drift: 1 finding ") && Contains("constraint public.t.known"));
  }
}

TEST_CASE("whoever migrates on live owns what the migrations make, under whatever name") {
  server().make_login_role("expected_app_owner");
  server().make_login_role("expected_dba");
  Project project;
  project.migrations(
      {"CREATE SCHEMA app;\nCREATE TABLE app.t (id serial PRIMARY KEY);\nCREATE VIEW app.v AS SELECT"
       " id FROM app.t;\nCREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
       "CREATE TYPE app.mood AS ENUM ('sad');\nGRANT SELECT ON app.t TO PUBLIC;\n"});
  const std::string& name = project.database().name();
  project.live(
      "ALTER DATABASE " + name +
          " OWNER TO expected_app_owner;"
          "ALTER TABLE schema_migrations OWNER TO expected_app_owner;"
          "SET ROLE expected_app_owner; CREATE SCHEMA app; CREATE TABLE app.t (id serial PRIMARY KEY);"
          "CREATE VIEW app.v AS SELECT id FROM app.t;"
          "CREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
          "CREATE TYPE app.mood AS ENUM ('sad'); GRANT SELECT ON app.t TO PUBLIC; RESET ROLE",
      1);
  const ProgramResult clean = project.check();
  INFO(clean.out << clean.err);
  CHECK(clean.exit_code == 0);
  project.database().execute("ALTER TABLE app.t OWNER TO expected_dba");
  const ProgramResult other = project.check();
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.out, Contains("changed table app.t") && Contains("expected_dba"));
}

TEST_CASE("default privileges that somebody spelled out are equal to none") {
  Project project;
  const std::string objects =
      "CREATE TABLE t (id int, note text);\nCREATE VIEW v AS SELECT id FROM t;\nCREATE SEQUENCE s;\n"
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\nCREATE SCHEMA app;\n"
      "CREATE TYPE mood AS ENUM ('sad');\nCREATE DOMAIN d AS int;\n";
  project.migrations({objects});
  project.live(objects +
                   "GRANT ALL ON t, v TO CURRENT_USER; GRANT ALL ON SEQUENCE s TO CURRENT_USER;"
                   "GRANT EXECUTE ON FUNCTION f() TO PUBLIC; GRANT ALL ON SCHEMA app TO CURRENT_USER;"
                   "GRANT USAGE ON TYPE mood, d TO PUBLIC;"
                   "GRANT SELECT (id) ON t TO PUBLIC; REVOKE SELECT (id) ON t FROM PUBLIC",
               1);
  const ProgramResult clean = project.check();
  INFO(clean.out << clean.err);
  CHECK(clean.exit_code == 0);
  project.database().execute("REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC; GRANT SELECT ON t TO PUBLIC");
  const ProgramResult other = project.check();
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.out, Contains("drift: 2 findings") && Contains("changed function public.f()") &&
                            Contains("changed table public.t"));
}
