#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/server/migrated.h"
#include "tests/server/project.h"
#include "tests/support/golden.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::vector<std::string> orders{
    "CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE lines (id int "
    "REFERENCES orders);"};

}  // namespace

TEST_CASE("with --previous only what is new fails") {
  Project project;
  project.migrations(orders);
  project.live(orders[0] + "ALTER TABLE orders ADD note text;", 1);
  const std::vector<std::string> flags{"--previous", "last.json", "--output",  "last.json",
                                       "--output",   "-",         "--fail-on", "new"};
  const ProgramResult first = project.check(flags);
  CHECK(first.exit_code == 2);
  CHECK(contains(first.err, "this is the first run"));
  const ProgramResult second = project.check(flags);
  CHECK(second.exit_code == 0);
  CHECK(contains(second.out, "known since"));
  project.database().execute("ALTER TABLE lines ADD note text; ALTER TABLE orders DROP note");
  const ProgramResult third = project.check(flags);
  CHECK(third.exit_code == 2);
  CHECK(contains(third.out, "1 new, 1 fixed"));
}

TEST_CASE("the report of another database is no silent measure") {
  Project project;
  project.migrations(orders);
  project.live(orders[0], 1);
  CHECK(project.check({"--output", "last.json"}).exit_code == 0);
  const ProgramResult same = project.check({"--previous", "last.json"});
  CHECK_FALSE(contains(same.out, "another database"));
  std::string text = content(project.path() / "last.json");
  const std::string named = "\"state\": \"live database ";
  text.insert(text.find(named) + named.size(), "staging on ");
  std::ofstream(project.path() / "last.json") << text;
  CHECK(contains(project.check({"--previous", "last.json"}).out,
                 "warning: the run before was of another database"));
  std::ofstream(project.path() / "half.json") << text.substr(0, 200);
  const ProgramResult half = project.check({"--previous", "half.json"});
  CHECK(half.exit_code == 1);
  CHECK(contains(half.err, "Remove the file to begin anew"));
}

TEST_CASE("news of nothing is wrong usage, and so are two memories") {
  Project project;
  project.migrations(orders);
  CHECK(project.check({"--record", "--previous", "x.json"}).exit_code == 64);
  CHECK(project.check({"--fail-on", "new"}).exit_code == 64);
  CHECK(project.check({"--fail-on", "new,dreadful", "--previous", "x.json"}).exit_code == 64);
}

TEST_CASE("a page shows what differs with its neighbours, and what each migration did") {
  Project project;
  project.migrations({orders[0], "CREATE VIEW numbers AS SELECT id FROM orders;"});
  project.live(orders[0] + "ALTER TABLE orders ADD note text; CREATE VIEW numbers AS SELECT id FROM orders;",
               2);
  CHECK(project.check({"--output", "page.html", "--output", "page.json"}).exit_code == 2);
  const std::string page = content(project.path() / "page.html"),
                    json = content(project.path() / "page.json");
  for (const char* node : {"public.orders", "public.lines", "public.numbers"}) {
    CHECK(contains(json, "\"name\": \"" + std::string(node) + "\""));
    CHECK(contains(page, ">" + std::string(node) + "</text>"));
  }
  CHECK(contains(page, "db/000002_step.up.sql") == contains(json, "db/000002_step.up.sql"));
  CHECK(contains(json, "\"file\": \"000002_step.up.sql\""));
}

TEST_CASE("a page says what its drawing has no room for") {
  Project project;
  project.migrations({"SELECT 1;"});
  std::string tables;
  for (int i = 0; i < 35; ++i) tables += "CREATE TABLE t" + std::to_string(i) + " (id int);";
  project.live(tables, 1);
  CHECK(project.check({"--output", "page.html", "--output", "page.json"}).exit_code == 2);
  CHECK(contains(content(project.path() / "page.json"), "\"left_out\": 5"));
  CHECK(contains(content(project.path() / "page.html"), "5 more objects had no room here"));
}

TEST_CASE("with --record the ledger keeps each state of drift once") {
  Migrated project;
  project.migration(1, "CREATE TABLE orders (id int)");
  project.ok({"up"});
  const std::string rows =
      "SELECT count(*) || ' ' || coalesce(string_agg(findings || (resolved_at IS NULL)::text, ' ' ORDER BY "
      "id), '') "
      "FROM plumbline.schema_drift_alerts WHERE report IS NOT NULL";
  const std::vector<std::string> check{"check", "--record", "--fail-on", "new"};
  CHECK(project.run(check).exit_code == 0);
  CHECK(project.value(rows) == "0 ");
  project.execute("ALTER TABLE orders ADD note text");
  CHECK(project.run(check).exit_code == 2);
  CHECK(project.run(check).exit_code == 0);
  CHECK(project.value(rows) == "1 1true");
  project.execute("ALTER TABLE orders DROP note");
  const ProgramResult repaired = project.run(check);
  CHECK(repaired.exit_code == 0);
  CHECK(contains(repaired.out, "1 fixed"));
  CHECK(project.value(rows) == "2 1false 0false");
}

TEST_CASE("recording needs a ledger of plumbline, and brings none about") {
  Project project;
  project.migrations(orders);
  project.live(orders[0], 1);
  check_refused(project.check({"--record"}), {"there is no ledger of plumbline", "--previous"});
}

TEST_CASE("an older ledger is brought up to date by the next run") {
  Migrated project;
  project.migration(1, "CREATE TABLE orders (id int)");
  const std::string made_by_0_1 =
      read_text(std::string(PLUMBLINE_SOURCE) + "/tests/golden/ledger/version-2.sql");
  project.execute(made_by_0_1 +
                  "CREATE TABLE orders (id int); INSERT INTO plumbline.schema_migrations (version, state) "
                  "VALUES ('" +
                  Migrated::version(1) + "', 'applied')");
  CHECK(project.run({"check", "--record"}).exit_code == 0);
  project.execute(
      "ALTER TABLE plumbline.schema_drift_alerts DROP COLUMN report;"
      "CREATE OR REPLACE FUNCTION plumbline.ledger_version() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  const ProgramResult refused = project.run({"check", "--record"});
  CHECK(refused.exit_code == 1);
  CHECK(contains(refused.err, "has version 1"));
  CHECK(contains(refused.err, "though nothing is pending"));
  project.ok({"up"});
  CHECK(project.run({"check", "--record"}).exit_code == 0);
}
