// Two schemas, each planned into the other on a real server: what no single kind can get right by itself.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "catchup/plan.h"
#include "diff/compare.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

struct Pair {
  const char* what;
  const char* one;
  const char* other;
  int since = 0;
};

constexpr Pair pairs[] = {
    {"new columns come in their order", "CREATE TABLE f (v text)",
     "CREATE TABLE f (v text, zz int, aa int, mm int GENERATED ALWAYS AS (aa + 1) STORED, bb int DEFAULT 5)"},
    {"new columns whose types and defaults are new come in their order", "CREATE TABLE f (v text)",
     "CREATE DOMAIN d AS int; CREATE SEQUENCE s; CREATE FUNCTION n() RETURNS int LANGUAGE sql AS 'SELECT 1';"
     "CREATE TABLE f (v text, z d, \"y, 1\" int DEFAULT n(), x bigint DEFAULT nextval('s'), w int, a d)"},
    {"new attributes of a type come in their order", "CREATE TYPE c AS (v text)",
     "CREATE TYPE c AS (v text, z int, a int)"},
    {"a materialized view without data stays so",
     "CREATE TABLE f (v text);"
     "CREATE MATERIALIZED VIEW m AS SELECT v, 1 / 0 AS boom FROM f WITH NO DATA; INSERT INTO f VALUES ('a')",
     "CREATE TABLE f (v varchar(9));"
     "CREATE MATERIALIZED VIEW m AS SELECT v, 1 / 0 AS boom FROM f WITH NO DATA"},
    {"materialized views are filled in the order in which they read each other", "CREATE TABLE f (v text)",
     "CREATE TABLE f (v text); CREATE MATERIALIZED VIEW z AS SELECT v FROM f;"
     "CREATE VIEW v AS SELECT * FROM z; CREATE MATERIALIZED VIEW a AS SELECT * FROM v"},
    {"what has been emptied is filled again", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a",
     "CREATE MATERIALIZED VIEW m AS SELECT 2 AS a; CREATE UNIQUE INDEX i ON m (a)"},
};

Snapshot read(TestDatabase& database, SymbolTable& symbols) {
  const ReadTransaction transaction(database.connection());
  CaptureOptions options;
  options.dependencies = true;
  return capture(database.connection(), symbols, options);
}

CatchUpPlan plan_for(TestDatabase& database, const Snapshot& from, const Snapshot& to) {
  return plan(from, to, compare(from, to), {.creator = database.connection().user()});
}

std::string text_of(const CatchUpPlan& made) {
  std::vector<std::string> lines = made.refusals;
  for (const Statement& statement : made.statements) lines.push_back(statement.sql + ";");
  return join(lines, "\n");
}

// Makes the database, which is as `from`, what `to` is.
void check_that_it_becomes(TestDatabase& database, const Snapshot& from, const Snapshot& to,
                           SymbolTable& symbols) {
  const CatchUpPlan made = plan_for(database, from, to);
  INFO(text_of(made));
  CHECK(made.refusals.empty());
  for (const Statement& statement : made.statements) REQUIRE_NOTHROW(database.execute(statement.sql));
  const Snapshot now = read(database, symbols);
  for (const Difference& left : compare(now, to)) FAIL_CHECK(describe(left.id) << " differs");
}

void check_both_ways(const Pair& pair, int version) {
  SymbolTable symbols;
  TestDatabase one = server(version).fresh_database(), other = server(version).fresh_database();
  one.execute(pair.one);
  other.execute(pair.other);
  const Snapshot first = read(one, symbols), second = read(other, symbols);
  {
    INFO("there");
    check_that_it_becomes(one, first, second, symbols);
  }
  INFO("back");
  check_that_it_becomes(other, second, first, symbols);
}

}  // namespace

TEST_CASE("schemas are made into each other, both ways") {
  const Pair& pair = GENERATE(from_range(std::begin(pairs), std::end(pairs)));
  for (const int version : available_versions()) {
    if (pair.since > version) continue;
    INFO("server " << version << ": " << pair.what);
    check_both_ways(pair, version);
  }
}

TEST_CASE("that a job has filled a materialized view is no drift, and that it is empty is") {
  TestDatabase database = server().fresh_database();
  SymbolTable symbols;
  database.execute("CREATE MATERIALIZED VIEW m AS SELECT 1 AS a WITH NO DATA");
  const Snapshot without = read(database, symbols);
  database.execute("REFRESH MATERIALIZED VIEW m");
  const Snapshot with = read(database, symbols);
  CHECK(compare(with, without).empty());
  CHECK(compare(without, with).size() == 1);
  CHECK_THAT(text_of(plan_for(database, without, with)), Contains("REFRESH MATERIALIZED VIEW public.m"));
}

TEST_CASE("a query that reads elsewhere is left to somebody who can reach it") {
  TestDatabase database = server().fresh_database();
  SymbolTable symbols;
  database.execute(
      "CREATE EXTENSION postgres_fdw; CREATE SERVER r FOREIGN DATA WRAPPER postgres_fdw;"
      "CREATE FOREIGN TABLE f (a int) SERVER r; CREATE VIEW v AS SELECT a FROM f");
  const Snapshot before = read(database, symbols);
  database.execute(
      "CREATE MATERIALIZED VIEW m AS SELECT a FROM v WITH NO DATA;"
      "UPDATE pg_class SET relispopulated = true WHERE oid = 'm'::regclass");
  const Snapshot after = read(database, symbols);
  const CatchUpPlan made = plan_for(database, before, after);
  CHECK_THAT(join(made.refusals, "\n"), Contains("materialized view public.m reads foreign tables"));
  for (const Statement& statement : made.statements) CHECK_THAT(statement.sql, !Contains("REFRESH"));
}
