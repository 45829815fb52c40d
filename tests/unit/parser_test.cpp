#include "migrations/parser.h"

#include <catch2/catch.hpp>

using namespace plumbline;

TEST_CASE("a statement that parses has the name of its node") {
  const ParsedStatement statement = parse_statement("CREATE TABLE t (a int)");
  CHECK(statement.parsed);
  CHECK(statement.node == "CreateStmt");
  CHECK(statement.changes_schema);
}

TEST_CASE("a parse error stands at a character, not at a byte") {
  const ParsedStatement statement = parse_statement("SELECT 'æøå' FROM WHERE");
  CHECK_FALSE(statement.parsed);
  CHECK(statement.error == "syntax error at or near \"WHERE\"");
  CHECK(statement.error_character == 19);
}

TEST_CASE("only statements that surely leave the schema alone are said to") {
  for (const char* sql :
       {"SELECT 1", "BEGIN", "SET search_path = a", "VACUUM t", "SELECT 1 + 2 AS \"FuncCall\""}) {
    CAPTURE(sql);
    CHECK_FALSE(parse_statement(sql).changes_schema);
  }
  for (const char* sql :
       {"SELECT f()", "SELECT 1 INTO t", "SELECT a FROM v", "INSERT INTO t VALUES (1)", "SELECT a FRM t"}) {
    CAPTURE(sql);
    CHECK(parse_statement(sql).changes_schema);
  }
}

TEST_CASE("transaction control is recognised even where the rest does not parse") {
  for (const char* sql :
       {"BEGIN", "start transaction", "COMMIT", "/* x */ ROLLBACK TO a", "SAVEPOINT a", "END"}) {
    CHECK(parse_statement(sql).transaction_control);
  }
  CHECK_FALSE(parse_statement("CREATE TABLE begin (a int)").transaction_control);
}

TEST_CASE("statements of any length and depth end in an answer") {
  std::string chain = "SELECT 1";
  for (int i = 0; i < 100'000; ++i) chain += "+1";
  CHECK(parse_statement(chain).error.find("too long a chain") != std::string::npos);
  std::string allowed = "SELECT 1";
  for (int i = 0; i < 19'000; ++i) allowed += "||1";
  CHECK(parse_statement(allowed).parsed);
  CHECK_FALSE(parse_statement("SELECT " + std::string(200'000, '(') + "1").parsed);
  CHECK_FALSE(parse_statement(std::string_view("SELECT 1\0;", 10)).parsed);
}

TEST_CASE("what may not run in a transaction is known by its words") {
  for (const char* sql : {"CREATE INDEX CONCURRENTLY i ON t (a)",
                          "create unique index /* x */ concurrently on t (a)",
                          "DROP INDEX CONCURRENTLY IF EXISTS i",
                          "REINDEX TABLE CONCURRENTLY t",
                          "REINDEX (VERBOSE, CONCURRENTLY) TABLE t",
                          "REINDEX DATABASE d",
                          "REINDEX (VERBOSE) SCHEMA s",
                          "VACUUM FULL t",
                          "CREATE DATABASE d",
                          "DROP DATABASE d",
                          "CREATE TABLESPACE s LOCATION '/x'",
                          "DROP TABLESPACE s",
                          "ALTER SYSTEM SET a = 1",
                          "ALTER TABLE p DETACH PARTITION c CONCURRENTLY",
                          "ALTER DATABASE d SET TABLESPACE s",
                          "CLUSTER",
                          "CLUSTER VERBOSE",
                          "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
                          "DROP SUBSCRIPTION s",
                          "DISCARD ALL"}) {
    CAPTURE(sql);
    CHECK(refuses_transaction(sql));
  }
}

TEST_CASE("what may run in a transaction is not taken for what may not") {
  for (const char* sql :
       {"CREATE INDEX i ON t (a)", "CREATE INDEX \"concurrently\" ON t (a)",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v", "ALTER TYPE e ADD VALUE 'x'",
        "ALTER TABLE p DETACH PARTITION c", "CLUSTER t USING i", "CLUSTER (VERBOSE) t", "REINDEX TABLE t",
        "ANALYZE t", "SELECT 'VACUUM'", "DISCARD PLANS", "ALTER DATABASE d SET a = 1", "DROP INDEX i",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)", "",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ VACUUM $$"}) {
    CAPTURE(sql);
    CHECK_FALSE(refuses_transaction(sql));
  }
}

TEST_CASE("normalised texts are equal when only comments and layout differ") {
  CHECK(normalised("CREATE TABLE t(a int) -- x") == normalised("CREATE  TABLE t ( a\n int /* y */ )"));
  CHECK(normalised("SELECT 'a  b'") != normalised("SELECT 'a b'"));
  CHECK(normalised("SELECT a") != normalised("SELECT A"));
  CHECK(normalised("SELECT ab") != normalised("SELECT a b"));
}
