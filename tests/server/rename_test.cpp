// Renames by hand: one finding, and what else happened is not hidden by it.
#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "postgres/text.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

const std::string rename_schema =
    "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL DEFAULT 'x' UNIQUE CHECK (email <> ''), "
    "name text);\n"
    "CREATE INDEX users_by_email ON users (lower(email));\n"
    "CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int REFERENCES users, mail text REFERENCES users "
    "(email));\n"
    "CREATE VIEW mails AS SELECT id, email FROM users WHERE email IS NOT NULL;\n"
    "CREATE MATERIALIZED VIEW counts AS SELECT user_id, count(*) FROM orders JOIN users u ON u.id = user_id "
    "GROUP BY 1;\n"
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY;\n"
    "CREATE POLICY own ON users USING (email = current_user);\n";

// "renamed column public.users.mail" of each finding of check, by its JSON.
std::vector<std::string> told_after(Project& project, const std::string& sql) {
  project.migrations({rename_schema});
  project.live(rename_schema + sql, 1);
  const ProgramResult text = project.check();
  UNSCOPED_INFO(text.out << text.err);
  REQUIRE(text.exit_code == 2);
  const auto json = nlohmann::json::parse(project.check({"--format", "json"}).out);
  std::vector<std::string> told;
  for (const auto& one : json["findings"]) {
    std::string line = one["verb"].get<std::string>() + " " + one["label"].get<std::string>() + " " +
                       one["object"].get<std::string>();
    for (const auto& change : one["changes"]) {
      if (one["verb"] == "changed") line += " [" + change["attribute"].get<std::string>() + "]";
    }
    for (const auto& implied : one["implied"]) line += " + " + implied.get<std::string>();
    told.push_back(line);
  }
  return told;
}

}  // namespace

TEST_CASE("a column that was renamed by hand is one finding, whatever was on it") {
  Project project;
  const auto told = told_after(project, "ALTER TABLE users RENAME email TO mail;");
  UNSCOPED_INFO(join(told, "\n"));
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Contains("changed column public.users.mail [name] + ") && Contains("policy") &&
                          Contains("view public.mails") && Contains("index"));
  CHECK_THAT(project.check().out, Contains("renamed column public.users.mail, expected email") &&
                                      Contains("--rename public.users.mail=public.users.email"));
}

TEST_CASE("a table that was renamed by hand is one finding") {
  Project project;
  const auto told = told_after(project, "ALTER TABLE users RENAME TO people;");
  UNSCOPED_INFO(join(told, "\n"));
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Contains("changed table public.people [name]"));
}

TEST_CASE("what was done beside a rename is a finding of its own") {
  Project project;
  SECTION("in another table") {
    const auto told =
        told_after(project, "ALTER TABLE users RENAME email TO mail; ALTER TABLE orders DROP mail;");
    CHECK_THAT(join(told, "\n"), Contains("missing column public.orders.mail") &&
                                     Contains("missing constraint public.orders.orders_mail_fkey"));
  }
  SECTION("to the policy") {
    const auto told = told_after(
        project, "ALTER TABLE users RENAME email TO mail; ALTER POLICY own ON users USING (true);");
    UNSCOPED_INFO(join(told, "\n"));
    REQUIRE(told.size() == 2);
    CHECK((told[0] + told[1]).find("changed policy") != std::string::npos);
  }
  SECTION("row security") {
    const auto told = told_after(
        project, "ALTER TABLE users RENAME TO people; ALTER TABLE people DISABLE ROW LEVEL SECURITY;");
    UNSCOPED_INFO(join(told, "\n"));
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0], Contains("[name] [row_security]"));
    CHECK_THAT(project.check().out, Contains("critical"));
  }
  SECTION("a policy of the renamed table is gone") {
    const auto told = told_after(project, "ALTER TABLE users RENAME TO people; DROP POLICY own ON people;");
    UNSCOPED_INFO(join(told, "\n"));
    CHECK(told.size() >= 2);
  }
}

TEST_CASE("a renamed view, function, type, sequence, constraint and schema are one finding each") {
  const std::string schema =
      "CREATE SCHEMA app; CREATE TABLE app.t (id int CONSTRAINT positive CHECK (id > 0)); CREATE INDEX t_i "
      "ON app.t (id);"
      "CREATE VIEW app.v AS SELECT id + 1 AS n FROM app.t; CREATE TYPE app.mood AS ENUM ('good', 'bad');"
      "CREATE FUNCTION app.f(i int) RETURNS int LANGUAGE sql AS 'SELECT 7 * i'; CREATE SEQUENCE app.s "
      "INCREMENT 7;";
  const std::string rename =
      GENERATE(as<std::string>(), "ALTER VIEW app.v RENAME TO w", "ALTER TYPE app.mood RENAME TO humour",
               "ALTER FUNCTION app.f RENAME TO g", "ALTER SEQUENCE app.s RENAME TO counter",
               "ALTER TABLE app.t RENAME CONSTRAINT positive TO above_zero",
               "ALTER INDEX app.t_i RENAME TO t_j", "ALTER SCHEMA app RENAME TO shop");
  Project project;
  project.migrations({schema});
  project.live(schema + rename, 1);
  const ProgramResult result = project.check();
  CHECK(result.exit_code == 2);
  UNSCOPED_INFO(rename << "\n" << result.err);
  CHECK_THAT(result.out, Contains("1 finding (") && Contains("renamed "));
}

namespace {

// check with a snapshot from before; its findings as one text.
std::string told_with_snapshot(Project& project, const std::string& schema, const std::string& sql) {
  project.migrations({schema});
  project.live(schema, 1);
  const std::string file = (project.path() / "before.json").string();
  REQUIRE(project.run({"snapshot", project.database().url(), "--output", file}).exit_code == 0);
  project.database().execute(sql);
  const ProgramResult result = project.check({"--previous-snapshot", file});
  CHECK(result.exit_code == 2);
  UNSCOPED_INFO(result.out << result.err);
  return result.out + result.err;
}

}  // namespace

TEST_CASE("with a snapshot from before a rename is known, whatever else was changed") {
  Project project;
  const std::string told = told_with_snapshot(
      project, "CREATE TABLE t (id int, email text, note text); CREATE TABLE u (a int, b text)",
      "ALTER TABLE t RENAME email TO age; ALTER TABLE t ALTER age TYPE int USING 1; ALTER TABLE t ADD email2 "
      "text;"
      "ALTER TABLE u RENAME TO w; ALTER TABLE w RENAME b TO x; ALTER TABLE w RENAME a TO y;");
  CHECK_THAT(told, Contains("renamed column public.t.age, expected email") &&
                       Contains("unexpected column public.t.email2") &&
                       Contains("looks like a rename to \"public.w\""));
}

TEST_CASE("with a snapshot from before an object that was dropped and another one that was made are two") {
  Project project;
  const std::string told = told_with_snapshot(
      project, "CREATE TABLE t (id int, email text); CREATE TABLE users (id int, name text)",
      "ALTER TABLE t DROP email; ALTER TABLE t ADD mail text; DROP TABLE users; CREATE TABLE people "
      "(id int, name text)");
  CHECK_THAT(told, Contains("missing column public.t.email") && Contains("unexpected column public.t.mail") &&
                       Contains("missing table public.users") && !Contains("rename"));
}

TEST_CASE("the ledger's snapshot knows what was renamed since the last run") {
  Migrated live;
  live.migration(1, "CREATE TABLE t (id int, email text, note text); CREATE TABLE u (a int, b text);",
                 "DROP TABLE t; DROP TABLE u;");
  live.ok({"up"});
  // One is renamed and changed, the other is another one that looks the same.
  live.execute(
      "ALTER TABLE t RENAME email TO age; ALTER TABLE t ALTER age TYPE int USING 1; ALTER TABLE t DROP note;"
      "ALTER TABLE t ADD note2 text; INSERT INTO t VALUES (1, 1)");
  const ProgramResult result = live.run({"check"});
  CHECK(result.exit_code == 2);
  UNSCOPED_INFO(result.out << result.err);
  CHECK_THAT(result.out, Contains("renamed column public.t.age, expected email") &&
                             Contains("missing column public.t.note") && Contains("public.t.note2"));
  const ProgramResult repair = live.run({"catchup", "--revert"});
  CHECK(repair.exit_code == 2);
  CHECK_THAT(repair.err, Contains("--rename public.t.age=public.t.email"));
  // A view in its place is not asked.
  live.execute(
      "ALTER TABLE plumbline.schema_snapshots RENAME TO kept; CREATE VIEW plumbline.schema_snapshots AS "
      "SELECT "
      "k.*, 1 / 0 AS boom FROM plumbline.kept k");
  CHECK_THAT(live.run({"check"}).out, Contains("missing column public.t.email"));
}

TEST_CASE("what holds rows is not dropped for another name, whatever hazards are allowed") {
  const std::vector<std::array<std::string, 3>> renames{
      {"CREATE SCHEMA app; CREATE TABLE app.t (a int PRIMARY KEY, b text)",
       "INSERT INTO app.t VALUES (1); ALTER SCHEMA app RENAME TO shop", "--rename shop=app"},
      {"CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1); ALTER TABLE t RENAME TO u",
       "--rename public.u=public.t"},
      {"CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1); ALTER TABLE t RENAME b TO c",
       "--rename public.t.c=public.t.b"},
      {"CREATE MATERIALIZED VIEW m AS SELECT 1 AS a", "ALTER MATERIALIZED VIEW m RENAME TO n",
       "--rename public.n=public.m"},
      {"CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p DEFAULT",
       "INSERT INTO p VALUES (1); ALTER TABLE p1 RENAME TO p9", "--rename public.p9=public.p1"},
  };
  for (const auto& [schema, rename, said] : renames) {
    INFO(rename);
    Project project;
    project.migrations({schema});
    project.live(schema, 1);
    project.database().execute(rename);
    const ProgramResult result =
        project.run({"catchup", "--revert", "--migrations", "db", "--url", project.database().conninfo(),
                     "--allow-hazards", "DELETES_DATA,REWRITES_TABLE,CORRECTNESS,MAY_FAIL_ON_ROWS"});
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, Contains(said));
    CHECK_THAT(result.out, !Contains("\nDROP "));
  }
}

TEST_CASE("a snapshot of another database says nothing of renames") {
  Project project, other;
  const std::string schema = "CREATE TABLE t (id int, email text)";
  project.migrations({schema});
  project.live(schema + "; ALTER TABLE t RENAME email TO mail", 1);
  other.live(schema, 1);
  const std::string file = (project.path() / "other.json").string();
  REQUIRE(other.run({"snapshot", other.database().url(), "--output", file}).exit_code == 0);
  ProgramResult result = project.check({"--previous-snapshot", file, "--format", "json"});
  CHECK_THAT(result.out, Contains("is of another database: renames are guessed"));
  REQUIRE(project.run({"snapshot", "db", "--output", file}).exit_code == 0);
  result = project.check({"--previous-snapshot", file, "--format", "json"});
  CHECK_THAT(result.out, Contains("holds no OIDs: renames are guessed"));
}
