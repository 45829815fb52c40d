#include <catch2/catch.hpp>
#include <string>

#include "catchup/plan.h"
#include "diff/compare.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

Snapshot captured(TestDatabase& database, SymbolTable& symbols) {
  const ReadTransaction transaction(database.connection());
  CaptureOptions options;
  options.dependencies = true;
  return capture(database.connection(), symbols, options);
}

// Each is taken from PostgreSQL's own regression tests, where one plain rule was not enough.
constexpr const char* corners[] = {
    "CREATE PROCEDURE p(OUT a int, IN b int, IN c int) LANGUAGE sql AS 'SELECT b - c';"
    "CREATE PROCEDURE p(IN a int, IN b int, IN c int) LANGUAGE sql AS 'SELECT a + b - c';"
    "COMMENT ON PROCEDURE p(OUT int, int, int) IS 'two'; COMMENT ON PROCEDURE p(IN int, IN int, IN int) IS "
    "'three'",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET local_preload_libraries = 'a', '', \"B c\" AS 'SELECT "
    "1'",
    "CREATE TABLE whole (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF whole FOR VALUES IN "
    "(1);"
    "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER t AFTER INSERT ON whole FOR EACH ROW EXECUTE FUNCTION g(); ALTER TABLE part DISABLE "
    "TRIGGER t",
    "CREATE TABLE logged (a int GENERATED ALWAYS AS IDENTITY); ALTER SEQUENCE logged_a_seq SET UNLOGGED;"
    "CREATE UNLOGGED TABLE unlogged (a int GENERATED ALWAYS AS IDENTITY); ALTER SEQUENCE unlogged_a_seq SET "
    "LOGGED",
    "CREATE TABLE was_serial (id serial); ALTER TABLE was_serial ALTER id DROP DEFAULT;"
    "ALTER TABLE was_serial ALTER id ADD GENERATED ALWAYS AS IDENTITY",
    "CREATE TABLE above (a int, b int GENERATED ALWAYS AS (a * 2) STORED);"
    "CREATE TABLE below (a int, b int GENERATED ALWAYS AS (a * 2) STORED); ALTER TABLE below INHERIT above",
    "CREATE TABLE above (a int); CREATE TABLE below () INHERITS (above);"
    "ALTER TABLE below ADD CONSTRAINT positive CHECK (a > 0); "
    "ALTER TABLE above ADD CONSTRAINT positive CHECK (a > 0) NOT VALID",
    "CREATE TABLE whole (a int) PARTITION BY RANGE (a);"
    "CREATE TABLE whole2 PARTITION OF whole FOR VALUES FROM (1) TO (9) PARTITION BY RANGE (a);"
    "CREATE TABLE whole21 PARTITION OF whole2 FOR VALUES FROM (1) TO (5);"
    "CREATE INDEX whole_i ON ONLY whole (a); CREATE INDEX whole2_i ON ONLY whole2 (a);"
    "ALTER INDEX whole_i ATTACH PARTITION whole2_i",
    "GRANT SELECT (prosrc) ON pg_proc TO PUBLIC",
    "CREATE TYPE money_of_sorts;"
    "CREATE FUNCTION sorts_in(cstring) RETURNS money_of_sorts LANGUAGE internal IMMUTABLE STRICT AS 'int4in';"
    "CREATE FUNCTION sorts_out(money_of_sorts) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS "
    "'int4out';"
    "CREATE TYPE money_of_sorts (INPUT = sorts_in, OUTPUT = sorts_out, LIKE = int4);"
    "CREATE TABLE purse (content money_of_sorts DEFAULT '4')",
    "CREATE TYPE shell_only",
    "CREATE TABLE whole (a int NOT NULL, b int NOT NULL) PARTITION BY LIST (a);"
    "CREATE TABLE part PARTITION OF whole FOR VALUES IN (1);"
    "ALTER TABLE ONLY whole ADD CONSTRAINT whole_key PRIMARY KEY (a, b)",
    "CREATE TABLE counted (a int GENERATED ALWAYS AS IDENTITY); ALTER SEQUENCE counted_a_seq AS bigint",
    "CREATE TABLE whole (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF whole FOR VALUES IN "
    "(1);"
    "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER t AFTER INSERT ON whole FOR EACH ROW EXECUTE FUNCTION g(); COMMENT ON TRIGGER t ON part "
    "IS 'c'",
    "CREATE TABLE r (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES r); ALTER TABLE t DISABLE TRIGGER "
    "ALL;"
    "ALTER TABLE r DISABLE TRIGGER ALL",
    "REVOKE USAGE ON TYPE jsonb FROM PUBLIC; ALTER SCHEMA public OWNER TO postgres",
    "CREATE TABLE p (a int); CREATE TABLE q (a int); CREATE TABLE c (a int);"
    "ALTER TABLE c INHERIT q; ALTER TABLE c INHERIT p",
};

}  // namespace

TEST_CASE("what is written from empty is what was read, in the corners too") {
  const std::string sql = GENERATE(from_range(std::begin(corners), std::end(corners)));
  CAPTURE(sql);
  TestDatabase source = server(15).fresh_database(), target = server(15).fresh_database();
  source.execute(sql);
  SymbolTable symbols;
  const Snapshot wanted = captured(source, symbols), empty = captured(target, symbols);
  const CatchUpPlan made = plan(empty, wanted, compare(empty, wanted), {.creator = "postgres"});
  CHECK(made.refusals.empty());
  for (const auto& statement : made.statements) target.execute(statement.sql);
  const Snapshot written = captured(target, symbols);
  for (const Difference& left : compare(written, wanted)) FAIL_CHECK(describe(left.id));
}
