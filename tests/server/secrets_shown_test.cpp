// What somebody mistypes is quoted back to him, but for the password in it; and what is kept is kept for its
// owner.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> mistyped{"postgres:/u:Pa55word@h/shop",
                                        "postgres:u:Pa55word@h/shop",
                                        "postgre://u:Pa55word@h/shop",
                                        "postgresql//u:Pa55word@h/shop",
                                        "postgres://u:Pa55word@h:port/shop",
                                        "postgres://u:Pa55word@[h/shop",
                                        "postgres://u:Pa55word@h/shop?nonsense=1",
                                        "http://u:Pa55word@h/shop",
                                        "jdbc:postgresql://h/shop?user=u&password=Pa55word",
                                        "u:Pa55word@h/shop",
                                        "//u:Pa55word@h",
                                        "host=h pasword=Pa55word",
                                        "host=h password =Pa55word x",
                                        "host=h password='Pa55word",
                                        "PGPASSWORD=Pa55word"};

}  // namespace

TEST_CASE("no message shows the password of a mistyped connection string") {
  const Project project;
  project.migrations({"SELECT 1;\n"});
  for (const std::string& text : mistyped) {
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"check", "--migrations", "db", "--url", text},
             {"check", "--migrations", "db", "--url=" + text},
             {"check", "--migrations", text, "--url", "postgres://127.0.0.1:1/x"},
             {"check", "--ulr=" + text},
             {"check", text},
             {text},
             {"diff", text, "empty"},
             {"diff", "empty", text},
             {"snapshot", text},
             {"check", "--format", text},
             {"check", "--output", text + "=x"},
             {"up", "--migrations", "db", "--url", text, "-v"},
             {"report", text},
             {"doctor", "--migrations", "db", "--url", text},
             {"doctor", "--migrations", "db", "--shadow-url", text}}) {
      const ProgramResult result = project.run(command);
      INFO(command.front() << " " << text << "\n" << result.err << result.out);
      CHECK(result.exit_code != 0);
      CHECK(result.err.find("Pa55word") == std::string::npos);
      CHECK(result.out.find("Pa55word") == std::string::npos);
    }
  }
}

TEST_CASE("cached schemas are for their owner alone, in a folder that was open, too") {
  Project project;
  project.migrations({"CREATE TABLE orders (id int);\n"});
  project.live("CREATE TABLE orders (id int)", 1);
  const TemporaryDirectory cache;
  fs::create_directory(cache.path() / "expected");
  fs::permissions(cache.path() / "expected", fs::perms::all);
  REQUIRE(project.check({"--cache-dir", cache.path()}).exit_code == 0);
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  std::size_t entries = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(cache.path() / "expected")) {
    if (!entry.is_directory()) continue;
    CHECK((entry.status().permissions() & others) == fs::perms::none);
    ++entries;
  }
  CHECK(entries > 0);
  CHECK((fs::status(cache.path() / "expected").permissions() & others) == fs::perms::none);
}

namespace {

// Each fails on the server and holds a secret.
const std::vector<std::string> failing{
    "CREATE ROLE pg_reserved PASSWORD 'Pa55word'",
    "ALTER ROLE nobody_there PASSWORD 'Pa55word'",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER nowhere OPTIONS (user 'u', password 'Pa55word')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 password=Pa55word' PUBLICATION p",
    "CREATE SUBSCRIPTION s CONNECTION 'nonsense Pa55word' PUBLICATION p",
    "CREATE SERVER s FOREIGN DATA WRAPPER nowhere OPTIONS (password 'Pa55word')",
    "SELECT dblink_connect('host=127.0.0.1 port=1 password=Pa55word')",
    "COPY pg_class FROM PROGRAM 'curl https://u:Pa55word@h'",
    "DO $$ BEGIN EXECUTE format('ALTER ROLE nobody_there PASSWORD %L', 'Pa55word'); END $$",
    "CREAT ROLE shop PASSWORD 'Pa55word'",
    "ALTER ROLE CURRENT_USER PASSWORD 'Pa55word' 'Pa55word'",
};

}  // namespace

TEST_CASE("no statement that fails shows the secret in it, on the terminal or in the ledger") {
  for (const std::string& sql : failing) {
    Project project;
    project.database().execute("DROP TABLE schema_migrations");
    project.write("db/20260101_000001_a.sql", "-- migrate:up\n" + sql + ";\n-- migrate:down\nSELECT 1;\n");
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"diff", "db", "empty"},
             {"validate", "--migrations", "db"},
             {"init", "--url", project.database().conninfo()},
             {"up", "--migrations", "db", "--url", project.database().conninfo(), "-v"},
             {"up", "--migrations", "db", "--url", project.database().conninfo(), "--dry-run", "--format",
              "json"},
             {"history", "--migrations", "db", "--url", project.database().conninfo()}}) {
      const ProgramResult result = project.run(command);
      INFO(command.front() << " " << sql << "\n" << result.err << result.out);
      CHECK(result.err.find("Pa55word") == std::string::npos);
      CHECK(result.out.find("Pa55word") == std::string::npos);
      if (command.front() == "up" && command.back() == "-v")
        CHECK(result.err.find("plan: 1 migration") != std::string::npos);
    }
    const std::string kept =
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = "
        "'plumbline' "
        "AND relkind = 'r' AND query_to_xml('SELECT * FROM plumbline.' || quote_ident(relname), true, true, "
        "'')"
        "::text LIKE '%Pa55word%'";
    CHECK(project.database().connection().value(kept) == "0");
  }
}
