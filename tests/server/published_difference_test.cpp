#include "expected/published_difference.h"

#include <catch2/catch.hpp>

#include "cli/witness.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "tests/server/all_sorts.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

InformationSchema published(const std::string& conninfo) {
  const std::unique_ptr<Connection> connection = connect({.conninfo = conninfo});
  const ReadTransaction transaction(*connection);
  return read_information_schema(*connection);
}

struct Sides {
  std::string actual, expected;
  int actual_version = 0, expected_version = 0;
  std::string role = {};  // who reads the actual side; empty: a superuser
};

PublishedDifference difference(const Sides& sides, const PublishedComparison& options = {}) {
  TestServer &here = server(sides.actual_version), &there = server(sides.expected_version);
  TestDatabase one = here.fresh_database(), other = there.fresh_database();
  for (const char* role : {"witness_reader", "witness_owner"}) {
    here.make_login_role(role);
    there.make_login_role(role);
  }
  one.execute(sides.actual);
  other.execute(sides.expected);
  const std::string conninfo =
      sides.role.empty() ? one.conninfo() : with_parameter(one.conninfo(), "user", sides.role);
  return compare_published(published(conninfo), published(other.conninfo()), options);
}

std::string said(const std::string& actual, const std::string& expected,
                 const PublishedComparison& options = {}) {
  return join(difference({actual, expected}, options).lines, "\n");
}

const std::string schema =
    "CREATE SCHEMA s; CREATE TABLE s.t (a int, b varchar(3) DEFAULT 'x', CONSTRAINT c CHECK (a > 0));"
    "CREATE VIEW s.v AS SELECT a FROM s.t; CREATE SEQUENCE s.q; CREATE DOMAIN s.d AS int;"
    "CREATE FUNCTION s.f(a int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a'; GRANT SELECT ON s.t TO "
    "PUBLIC;";

}  // namespace

TEST_CASE("the second reader tells what information_schema shows of one side only") {
  const auto change = [](const std::string& sql) { return said(schema + sql, schema); };
  CHECK(change("") == "");
  CHECK_THAT(change("ALTER TABLE s.t ALTER a SET NOT NULL"),
             Contains("- columns s.t.a: is_nullable YES\n+ columns s.t.a: is_nullable NO"));
  CHECK(change("ALTER TABLE s.t ALTER b TYPE varchar(4)") ==
        "- columns s.t.b: character_maximum_length 3\n+ columns s.t.b: character_maximum_length 4\n"
        "- columns s.t.b: character_octet_length 12\n+ columns s.t.b: character_octet_length 16");
  CHECK(change("ALTER TABLE s.t ALTER b SET DEFAULT 'y'") ==
        "- columns s.t.b: column_default 'x'::character varying\n"
        "+ columns s.t.b: column_default 'y'::character varying");
  CHECK_THAT(change("CREATE TABLE s.missed ()"), Contains("+ tables s.missed"));
  CHECK_THAT(change("DROP VIEW s.v"), Contains("- views s.v"));
  CHECK_THAT(change("CREATE OR REPLACE VIEW s.v AS SELECT a FROM s.t WHERE a > 1"),
             Contains("+ views s.v: view_definition"));
  CHECK_THAT(change("ALTER TABLE s.t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 1)"),
             Contains("+ check_constraints s.c: check_clause ((a > 1))") || Contains("check_clause (a > 1)"));
  CHECK_THAT(change("REVOKE SELECT ON s.t FROM PUBLIC"),
             Contains("- table_privileges s.t.postgres.PUBLIC.SELECT"));
  CHECK_THAT(change("GRANT SELECT ON s.t TO witness_reader WITH GRANT OPTION"),
             Contains("+ table_privileges s.t.postgres.witness_reader.SELECT"));
  CHECK_THAT(change("ALTER SEQUENCE s.q CYCLE"), Contains("+ sequences s.q: cycle_option YES"));
  CHECK_THAT(change("CREATE OR REPLACE FUNCTION s.f(a int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT 2'"),
             Contains("+ routines s.f(integer): routine_definition SELECT 2") &&
                 Contains("+ parameters s.f(integer).1: parameter_default 2"));
  CHECK_THAT(change("REVOKE EXECUTE ON FUNCTION s.f FROM PUBLIC"),
             Contains("- routine_privileges s.f(integer).postgres.PUBLIC"));
}

TEST_CASE("the second reader is silent about order, history, extensions and access lists spelled out") {
  const std::string other =
      "CREATE SCHEMA s; CREATE DOMAIN s.d AS int; CREATE FUNCTION s.f(a int DEFAULT 1) RETURNS int LANGUAGE "
      "sql AS"
      " 'SELECT a'; CREATE TABLE s.t (gone int, b varchar(3) DEFAULT 'x'); ALTER TABLE s.t DROP gone, ADD a "
      "int,"
      " ADD CONSTRAINT c CHECK (a > 0); CREATE SEQUENCE s.q; CREATE VIEW s.v AS SELECT a FROM s.t;"
      "CREATE EXTENSION pg_trgm SCHEMA s; GRANT SELECT ON s.t TO PUBLIC; GRANT USAGE ON SEQUENCE s.q TO "
      "witness_reader;"
      "REVOKE USAGE ON SEQUENCE s.q FROM witness_reader; GRANT SELECT ON s.v TO witness_reader;"
      "REVOKE SELECT ON s.v FROM witness_reader; REVOKE EXECUTE ON FUNCTION s.f FROM PUBLIC;"
      "GRANT EXECUTE ON FUNCTION s.f TO PUBLIC";
  CHECK(said(other, schema) == "");
}

TEST_CASE("expressions may be spelled in two ways as often as it is known that they mean the same") {
  const std::string one = "CREATE TABLE t (a text CHECK (a IN ('x', 'y')))";
  const std::string other = "CREATE TABLE t (a text CHECK (a = 'x' OR a = 'y'))";
  CHECK_THAT(said(one, other), Contains("check_constraints public.t_a_check: check_clause"));
  CHECK(said(one, other, {{}, 1}) == "");
}

TEST_CASE("the second reader leaves out what rules hide and all that mentions it") {
  const std::string more =
      schema +
      "CREATE TABLE s.ledger (v int PRIMARY KEY CHECK (v > 0), t int);"
      "CREATE VIEW s.last AS SELECT max(v) AS v FROM s.ledger;"
      "ALTER TABLE s.ledger ADD FOREIGN KEY (t) REFERENCES s.ledger;"
      "CREATE SCHEMA tool; CREATE TABLE tool.x (a int CHECK (a > 1)); CREATE FUNCTION tool.f() RETURNS int"
      " LANGUAGE sql AS 'SELECT 1'";
  CHECK_THAT(said(more, schema, {{{"s", "ledger"}, {"s", "last"}}}), Contains("tool.x"));
  CHECK_THAT(said(more, schema, {{{"tool", "*"}}}), Contains("s.ledger"));
  CHECK(said(more, schema, {{{"tool", "*"}, {"s", "ledger"}, {"s", "last"}}}) == "");
}

TEST_CASE("a role with few rights is told less, and the second reader says how much it was not shown") {
  const std::string rights =
      "GRANT USAGE ON SCHEMA s TO witness_reader; GRANT SELECT ON s.t TO witness_reader;";
  const auto as_reader = [&](const std::string& change) {
    return difference({schema + rights + change, schema + rights, 0, 0, "witness_reader"});
  };
  const PublishedDifference same = as_reader("");
  CHECK(join(same.lines, "\n") == "");
  CHECK_THAT(join(same.not_compared, "\n"),
             Contains("that the role \"witness_reader\" is not shown on the actual side"));
  CHECK(same.rows > 0);
  // What it may not see it does not tell, ...
  CHECK(join(as_reader("DROP VIEW s.v; CREATE VIEW s.v AS SELECT a + 1 AS a FROM s.t").lines, "\n") == "");
  // ... what it sees it does, ...
  CHECK_THAT(join(as_reader("ALTER TABLE s.t ALTER b TYPE varchar(4)").lines, "\n"),
             Contains("columns s.t.b"));
  // ... and that something is not there at all is nobody's secret.
  CHECK_THAT(join(as_reader("DROP SEQUENCE s.q").lines, "\n"), Contains("- sequences s.q"));
}

TEST_CASE("an owner who is no superuser is told all of what is its own") {
  const std::string own =
      "CREATE SCHEMA s; CREATE TABLE s.t (a int, b int); ALTER TABLE s.t OWNER TO witness_owner;";
  const PublishedDifference found = difference({own + "ALTER TABLE s.t DROP b", own, 0, 0, "witness_owner"});
  CHECK_THAT(join(found.lines, "\n"), Contains("- columns s.t.b"));
}

TEST_CASE(
    "between two majors the second reader is silent about one schema, and says what it did not compare") {
  for (const int live : available_versions()) {
    for (const int expected : available_versions()) {
      if (live == expected) continue;
      DYNAMIC_SECTION("live " << live << ", expected " << expected) {
        const PublishedDifference same = difference({all_sorts, all_sorts, live, expected});
        CHECK(join(same.lines, "\n") == "");
        CHECK_THAT(join(same.not_compared, "\n"), Contains("the view check_constraints: up to 17"));
        const PublishedDifference other =
            difference({std::string(all_sorts) + "ALTER TABLE s.parent ALTER y SET NOT NULL", all_sorts, live,
                        expected});
        CHECK_THAT(join(other.lines, "\n"), Contains("+ columns s.parent.y: is_nullable NO"));
      }
    }
  }
}

TEST_CASE("a verdict that information_schema contradicts is an error with the lines") {
  TestDatabase one = server().fresh_database(), other = server().fresh_database();
  one.execute("CREATE TABLE missed ()");
  Report report;
  report.actual_version = report.expected_version = server().version();
  Settings settings;
  const auto call = [&] {
    call_witness(
        report, {}, [&] { return one.conninfo(); }, [&] { return other.conninfo(); }, settings);
  };
  CHECK_NOTHROW(call());
  settings.witness.information_schema = true;
  CHECK_THROWS_WITH(call(), Contains("but information_schema did") && Contains("+ tables public.missed"));
  report.findings.emplace_back();
  CHECK_NOTHROW(call());
}

TEST_CASE("check and diff ask the witness that is named, and warn of what it is not shown") {
  TestServer& here = server();
  here.make_login_role("witness_reader");
  TestDatabase one = here.fresh_database(), other = here.fresh_database();
  one.execute(schema);
  other.execute(schema);
  for (const std::vector<std::string>& flag :
       {std::vector<std::string>{"--witness=information_schema"}, {"--witness", "information_schema"}}) {
    std::vector<std::string> words{"diff", one.conninfo(), other.conninfo()};
    words.insert(words.begin() + 1, flag.begin(), flag.end());
    const ProgramResult same = run_plumbline(words);
    INFO(same.out << same.err);
    CHECK(same.exit_code == 0);
    CHECK_THAT(same.err, Contains("information_schema sees no difference either"));
    CHECK_THAT(same.out, !Contains("is not shown"));
  }
  const std::string as_reader = with_parameter(one.conninfo(), "user", "witness_reader");
  const ProgramResult part =
      run_plumbline({"diff", as_reader, other.conninfo(), "--witness=information_schema"});
  INFO(part.out << part.err);
  CHECK(part.exit_code == 0);
  CHECK_THAT(part.out + part.err, Contains("\"witness_reader\" is not shown on the actual side"));
  CHECK(run_plumbline({"diff", "--witness=nobody", one.conninfo(), other.conninfo()}).exit_code == 64);
}

TEST_CASE("check asks information_schema of live and of what migrations make, from the cache, too") {
  TestDatabase live = server().fresh_database();
  live.execute("CREATE TABLE orders (id int PRIMARY KEY, total numeric(8,2) DEFAULT 0 CHECK (total >= 0))");
  const TemporaryDirectory folder, cache;
  folder.write(
      "m/0001_orders.sql",
      "CREATE TABLE orders (id int PRIMARY KEY, total numeric(8,2) DEFAULT 0 CHECK (total >= 0));\n");
  for (int run = 0; run < 2; ++run) {
    const ProgramResult result =
        run_plumbline({"check", "--witness=information_schema", "--migrations", "m", "--at", "head", "--url",
                       live.conninfo(), "--cache-dir", cache.path().string()},
                      {}, {}, folder.path());
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.err, Contains("information_schema sees no difference either"));
  }
}
