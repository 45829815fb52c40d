#include "tests/server/project.h"

#include <catch2/catch.hpp>

#include "tests/server/full_disk.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> one_table{"CREATE TABLE orders (id int);\n"};

// A project whose live database has the migrations.
void applied(Project& project, const std::vector<std::string>& up) {
  project.migrations(up);
  std::string all;
  for (const std::string& sql : up) all += sql.starts_with("\xEF\xBB\xBF") ? sql.substr(3) : sql;
  project.live(all, static_cast<int>(up.size()));
}

}  // namespace

TEST_CASE("a host that nobody listens at is named, with the question whether the server runs") {
  const Project project;
  project.migrations(one_table);
  check_refused(project.run({"check", "--migrations", "db", "--url", "postgres://reader@127.0.0.1:1/shop"}),
                {"cannot connect", "127.0.0.1", "port 1", "Is the server running"});
  check_refused(project.run({"check", "--migrations", "db", "--url", "postgres://no-such-host.invalid/shop"}),
                {"cannot connect", "no-such-host.invalid", "Check the host in the URL."});
}

TEST_CASE("a database that does not exist says which name to check") {
  Project project;
  project.migrations(one_table);
  const std::string nowhere = with_parameter(project.database().conninfo(), "dbname", "no_such_database");
  check_refused(project.run({"check", "--migrations", "db", "--url", nowhere}),
                {"database \"no_such_database\" does not exist", "Check the name of the database"});
}

TEST_CASE("a migrations directory that is missing, empty or a file is refused before anything is asked") {
  const Project project;
  check_refused(project.check(), {"there is no migrations directory \"db\"", "--migrations"});
  project.write("db", "a file");
  check_refused(project.check(), {"\"db\" is no directory"});
  fs::remove(project.path() / "db");
  fs::create_directory(project.path() / "db");
  check_refused(project.check(), {"\"db\""});
}

TEST_CASE("an unknown convention is refused with the known ones") {
  const Project project;
  project.migrations(one_table);
  check_refused(project.check({"--convention", "sailboat"}), {"\"sailboat\"", "golang-migrate", "flyway"});
}

TEST_CASE("two files with one version are refused by name") {
  const Project project;
  project.migrations(one_table);
  project.write("db/1_other.up.sql", "CREATE TABLE other (id int);\n");
  check_refused(project.check(), {"000001_step.up.sql", "1_other.up.sql"});
}

TEST_CASE("broken SQL in file 7 of 12 is told with its place, and nothing is left of the throw-away server") {
  Project project;
  std::vector<std::string> up;
  for (int i = 1; i <= 12; ++i) up.push_back("CREATE TABLE t" + std::to_string(i) + " (id int);\n");
  project.live("", 12);

  SECTION("what the server does not know") {
    up[6] = "CREATE TABLE t7 (id int);\n\nCREATE VIEW v AS\n  SELECT \xC3\xA4rger\n  FROM t7;\n";
    project.migrations(up);
    check_refused(project.check(), {"db/000007_step.up.sql:4:10: column \"\xC3\xA4rger\" does not exist",
                                    "statement: CREATE VIEW v AS SELECT \xC3\xA4rger FROM t7"});
  }
  SECTION("what no server can parse") {
    up[6] = "CREATE TABLE t7 (id int);\nCREATE TABEL t (id int);\n";
    project.migrations(up);
    check_refused(project.check(), {"db/000007_step.up.sql:2:8: syntax error at or near \"TABEL\"",
                                    "statement: CREATE TABEL t (id int)"});
  }
  SECTION("a string that does not end") {
    up[6] = "CREATE TABLE t7 (id int);\nINSERT INTO t7 VALUES ('1);\n";
    project.migrations(up);
    check_refused(project.check(), {"db/000007_step.up.sql:2:24: "});
  }
  CHECK(entries(project.servers()) == 0);
}

TEST_CASE("a missing down section is no trouble for a check") {
  Project project;
  project.write("db/20250101_090000_orders.sql",
                "-- Migration: orders\n-- Version: 20250101_090000\n"
                "-- ============= UP MIGRATION =============\nCREATE TABLE orders (id int);\n");
  const ProgramResult result = project.check({"--at", "head"});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.out, Contains("missing table public.orders") && Contains("20250101_090000_orders.sql:4"));
}

TEST_CASE("Windows line ends and a byte order mark are read, and places are those of the editor") {
  Project project;
  applied(project, {"\xEF\xBB\xBF"
                    "CREATE TABLE orders (id int);\r\n"});
  const ProgramResult clean = project.check();
  INFO(clean.out << clean.err);
  CHECK(clean.exit_code == 0);
  project.migrations(
      {"\xEF\xBB\xBF"
       "CREATE TABLE orders (\r\n  id int,\r\n  day dat);\r\n"});
  check_refused(project.check(), {"db/000001_step.up.sql:3:7: type \"dat\" does not exist"});
}

TEST_CASE("bytes that are no text are told with their place") {
  const Project project;
  project.migrations({"SELECT 1;\n-- caf\xE9\n"});
  check_refused(project.check(), {"db/000001_step.up.sql:2:7: invalid UTF-8", "Save the file as UTF-8"});
  project.migrations({std::string("S\0E\0L\0", 6)});
  check_refused(project.check(), {"000001_step.up.sql:1:2: the file holds a NUL byte", "UTF-16"});
}

TEST_CASE("psql commands that read files are refused with what to write instead") {
  const Project project;
  project.migrations({"CREATE TABLE orders (id int);\n\\i more.sql\n"});
  check_refused(project.check(),
                {"000001_step.up.sql:2:1", "\\i", "Put the statements of the included file here"});
  project.migrations({"CREATE TABLE orders (id int);\n\\copy orders FROM 'orders.csv' CSV\n"});
  check_refused(project.check(), {"000001_step.up.sql:2:1", "\\copy", "COPY ... FROM stdin"});
}

TEST_CASE("a role that migrations name and nobody makes is made on the throw-away server") {
  Project project;
  server().shadow().create_role("bad_input_anon");
  applied(project, {"CREATE TABLE orders (id int);\nGRANT SELECT ON orders TO bad_input_anon;\n"
                    "ALTER DEFAULT PRIVILEGES FOR ROLE bad_input_anon GRANT SELECT ON TABLES TO PUBLIC;\n"});
  const ProgramResult result = project.check();
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
}

TEST_CASE("an extension that is not installed is named, with the Debian package that holds it") {
  const Project project;
  const std::string major = std::to_string(server().version());
  project.migrations({"CREATE TABLE orders (id int);\nCREATE EXTENSION IF NOT EXISTS postgis;\n"});
  check_refused(project.check({"--at", "head"}), {"db/000001_step.up.sql:2:1: ", "\"postgis\"",
                                                  "apt-get install postgresql-" + major + "-postgis-3"});
  project.migrations({"CREATE EXTENSION vector;\n"});
  check_refused(project.check({"--at", "head"}),
                {"\"vector\"", "apt-get install postgresql-" + major + "-pgvector"});
  project.migrations({"CREATE EXTENSION \"our-own\";\n"});
  check_refused(project.check({"--at", "head"}), {"\"our-own\"", "Install the extension", "--shadow-url"});
  CHECK(entries(project.servers()) == 0);
}

TEST_CASE("a ledger that names a version without a file is refused with that version") {
  Project project;
  project.migrations(one_table);
  project.live("CREATE TABLE orders (id int)", 9);
  check_refused(project.check(), {"public.schema_migrations", "9", "\"db\"", "missing_versions"});
}

TEST_CASE("a live database without a ledger is refused, not taken for one where nothing was applied") {
  Project project;
  project.migrations(one_table);
  project.database().execute("DROP TABLE schema_migrations");
  check_refused(project.check(), {"has no ledger", "--at head"});
}

TEST_CASE("a ledger that the role may not read is refused with the GRANT that helps") {
  Project project;
  applied(project, one_table);
  server().make_login_role("bad_input_blind");
  const std::string url = with_parameter(project.database().conninfo(), "user", "bad_input_blind");
  check_refused(project.run({"check", "--migrations", "db", "--url", url}),
                {"\"bad_input_blind\" may not read the ledger \"public.schema_migrations\"",
                 "GRANT SELECT ON public.schema_migrations TO bad_input_blind"});
}

TEST_CASE("a snapshot file that was cut off, or is none, or is newer, is refused") {
  Project project;
  project.database().execute("CREATE TABLE orders (id int, note text)");
  const std::string whole = project.run({"snapshot", project.database().conninfo()}).out;
  REQUIRE(whole.size() > 200);
  for (std::size_t length = 0; length + 2 < whole.size(); length += whole.size() / 5) {
    project.write("cut.json", whole.substr(0, length));
    check_refused(project.run({"diff", "cut.json", "empty"}),
                  {"\"cut.json\" is no complete JSON file", "cut off"});
  }
  project.write("other.json", "{\"format\": \"plumbline-report\"}");
  check_refused(project.run({"diff", "other.json", "empty"}), {"\"other.json\" is no snapshot of plumbline"});
  std::string newer = whole;
  newer.replace(newer.find("\"version\": 1"), 12, "\"version\": 2");
  project.write("newer.json", newer);
  check_refused(project.run({"diff", "empty", "newer.json"}),
                {"\"newer.json\" has snapshot format 2", "Use the plumbline that wrote it"});
  check_refused(project.run({"diff", "none.json", "empty"}), {"none.json"});
}

TEST_CASE("a cache that cannot be written, or whose disk is full, costs a warning and no verdict") {
  Project project;
  // A snapshot of five megabytes, of which the server keeps little.
  applied(project, {"DO $$ BEGIN EXECUTE format('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS %L',"
                    " 'SELECT 1' || repeat(E'\\n--', 1500000)); END $$;\n"});
  SECTION("a file in its place") {
    project.write("file", "");
    const ProgramResult result = project.check({}, {{"PLUMBLINE_CACHE_DIR", project.path() / "file"}});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Contains("warning: the expected snapshot could not be cached"));
  }
  SECTION("a full disk") {
    const TemporaryDirectory cache;
    const FullDisk full(2 << 20);
    const ProgramResult result = project.check({}, {{"PLUMBLINE_CACHE_DIR", cache.path()}});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Contains("warning: the expected snapshot could not be cached"));
    CHECK(entries(cache.path() / "expected") == 0);
  }
  CHECK(entries(project.servers()) == 0);
}

TEST_CASE("a result that finds the disk full is an error, never a verdict") {
  Project project;
  project.migrations(one_table);
  project.live("", 1);
  if (!fs::exists("/dev/full")) return;
  const std::string command = std::string("PLUMBLINE_CACHE_DIR='") + test_cache().string() + "' " +
                              PLUMBLINE_PROGRAM + " check --migrations db --url \"" +
                              project.database().conninfo() + "\" >/dev/full 2>err";
  const fs::path before = fs::current_path();
  fs::current_path(project.path());
  const int status = std::system(command.c_str());
  fs::current_path(before);
  CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("a machine without server programs is told what to install or to give") {
  Project project;
  applied(project, one_table);
  const TemporaryDirectory empty;
  check_refused(project.check({}, {{"PLUMBLINE_PG_BIN", empty.path()}, {"PATH", empty.path()}}),
                {"found no PostgreSQL server programs", empty.path().string(), "postgresql-",
                 "PLUMBLINE_PG_BIN", "--shadow-url"});
}

TEST_CASE("texts in a live database that are not in its encoding are told, not guessed") {
  Project project;
  project.migrations(one_table);
  server()
      .shadow()
      .connect("postgres")
      ->execute("CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
  const std::string url = with_parameter(project.database().conninfo(), "dbname", "bytes");
  server().shadow().connect("bytes")->execute(
      "CREATE TABLE orders (id int); COMMENT ON TABLE orders IS E'caf\\351'");
  check_refused(project.run({"check", "--migrations", "db", "--url", url, "--at", "head"}),
                {"reading every table", "invalid byte sequence", "Correct the text"});
  check_refused(project.run({"snapshot", url}), {"reading every table", "invalid byte sequence"});
  server().shadow().drop_database("bytes");
}
