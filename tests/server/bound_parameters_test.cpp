// Statements with $1, $2, ...: what is bound comes back as it was, and what cannot be bound says why.
#include <catch2/catch.hpp>
#include <vector>

#include "postgres/connection.h"
#include "postgres/error.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

Error error_of(Connection& connection, std::string_view sql, std::initializer_list<Parameter> parameters) {
  try {
    connection.execute(sql, parameters);
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no error: " + std::string(sql));
}

}  // namespace

TEST_CASE("what is bound comes back as it was") {
  TestDatabase database = server(15).fresh_database();
  Connection& connection = database.connection();
  const std::string texts[] = {"",      "'",         "''; DROP TABLE t; --",
                               "\\",    "\\'",       "E'\\n'",
                               "a\tb",  "line\nend", "$1 $2 $$ $x$",
                               "ä€😀",   "\"x\"",     "NULL",
                               "\\N",   "%s %L",     std::string(5'000'000, 'x'),
                               "{a,b}", "\x01\x7f",  " "};
  for (const std::string& text : texts) {
    CHECK(connection.value("SELECT $1::text", {text}) == text);
    CHECK(connection.value("SELECT octet_length($1)", {text}) == std::to_string(text.size()));
  }
}

TEST_CASE("NULL is bound as NULL") {
  TestDatabase database = server(15).fresh_database();
  std::vector<std::string> rows;
  database.connection().query("SELECT $1::text, $2::text, $3::int IS NULL, $1",
                              {std::nullopt, "", std::nullopt}, [&](const Row& row) {
                                CHECK(row.is_null(0));
                                CHECK_FALSE(row.is_null(1));
                                CHECK(row[2] == "t");
                                CHECK(row.is_null(3));
                                rows.emplace_back(row[1]);
                              });
  CHECK(rows == std::vector<std::string>{""});
}

TEST_CASE("what is bound is read as the type that is expected there") {
  TestDatabase database = server(15).fresh_database();
  Connection& connection = database.connection();
  database.execute(
      "CREATE TABLE t (id int PRIMARY KEY, name text, at timestamptz, tags text[], body jsonb, ok bool)");
  connection.execute("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)",
                     {"7", "it's", "2026-11-30 00:00+00", R"({a,"b c"})", R"({"k": [1, null]})", "true"});
  CHECK(connection.value("SELECT tags[2] || (body -> 'k' ->> 0) FROM t WHERE id = $1 AND ok = $2",
                         {"7", "t"}) == "b c1");
  CHECK(connection.value("UPDATE t SET name = $2 WHERE id = $1 RETURNING name", {"7", std::nullopt}) == "");
  CHECK(connection.value("SELECT name IS NULL FROM t WHERE id = $1", {"7"}) == "t");
  CHECK_FALSE(connection.value("SELECT 1 FROM t WHERE id = $1", {"8"}));
}

TEST_CASE("many values are bound") {
  TestDatabase database = server(15).fresh_database();
  std::vector<Parameter> parameters;
  std::string sum = "SELECT 0";
  for (int i = 1; i <= 1600; ++i) {
    parameters.emplace_back(std::to_string(i));
    sum += " + $" + std::to_string(i) + "::int";
  }
  CHECK(database.connection().value(sum, parameters) == std::to_string(1600 * 1601 / 2));
  parameters.assign(70'000, "x");
  CHECK_THROWS_WITH(database.connection().value("SELECT 1", parameters), Contains("between 0 and 65535"));
  CHECK(database.connection().value("SELECT 'alive'") == "alive");
}

TEST_CASE("what cannot be bound says why") {
  TestDatabase database = server(15).fresh_database();
  Connection& connection = database.connection();
  const Error too_few = error_of(connection, "SELECT $1::int + $2::int", {"1"});
  CHECK_THAT(too_few.message(),
             Contains("bind message supplies 1 parameters, but prepared statement \"\" requires 2"));
  CHECK(too_few.sqlstate() == "08P01");
  CHECK(error_of(connection, "SELECT 1", {"1"}).sqlstate() == "08P01");
  const Error no_number = error_of(connection, "SELECT 1 + $1", {"one"});
  CHECK(no_number.message() == "invalid input syntax for type integer: \"one\"");
  CHECK_THAT(no_number.report().context, Contains("unnamed portal parameter $1"));
  CHECK(error_of(connection, "SELECT missing, $1::int", {"1"}).report().position == 8);
  CHECK(error_of(connection, "SELECT $1::int; SELECT 2", {"1"}).sqlstate() == "42601");
  CHECK(error_of(connection, "SELECT $1::text", {"\xff"}).sqlstate() == "22021");
  CHECK(error_of(connection, "SELECT $1::text", {std::string("a\0b", 3)}).message() ==
        "a value holds a zero byte");
  CHECK(connection.value("SELECT 'alive'") == "alive");
}

TEST_CASE("a statement with bound parameters that fails fails its transaction") {
  TestDatabase database = server(15).fresh_database();
  Connection& connection = database.connection();
  connection.execute("BEGIN");
  CHECK(error_of(connection, "SELECT 1 / $1::int", {"0"}).sqlstate() == "22012");
  CHECK(connection.in_transaction());
  CHECK(error_of(connection, "SELECT $1::int", {"0"}).sqlstate() == "25P02");
  connection.execute("ROLLBACK");
  CHECK_FALSE(connection.in_transaction());
}

TEST_CASE("a listener may refuse rows and ask for others meanwhile") {
  TestDatabase database = server(15).fresh_database();
  Connection& connection = database.connection();
  CHECK_THROWS_AS(connection.query("SELECT generate_series(1, $1::int)", {"9"}, [](const Row&) { throw 1; }),
                  int);
  std::string seen;
  connection.query("SELECT generate_series(1, $1::int)", {"3"}, [&](const Row& row) {
    seen += connection.value("SELECT $1 || '.'", {std::string(row[0])}).value();
    CHECK_THROWS_AS(connection.execute("SELECT 1/0"), Error);
  });
  CHECK(seen == "1.2.3.");
}

TEST_CASE("a connection that is lost while parameters are bound says so") {
  TestDatabase database = server(15).fresh_database();
  const auto connection = connect({.conninfo = database.conninfo()});
  const Error lost = error_of(*connection, "SELECT pg_terminate_backend(pg_backend_pid()), $1::int", {"1"});
  CHECK(lost.sqlstate() == "08006");
  CHECK_THAT(lost.message(), Contains("terminating connection due to administrator command"));
  CHECK(error_of(*connection, "SELECT $1::int", {"1"}).sqlstate() == "08006");
}

// The driver that was libpq alone took the first two for a lost connection, and waited for ever in the other
// two.
TEST_CASE("a COPY that was left in the middle does not stand in the way") {
  TestDatabase database = server(15).fresh_database();
  Connection& connection = database.connection();
  connection.execute("CREATE TABLE t (a int)");
  const auto refuse = [](const Row&) { throw 1; };
  CHECK_THROWS_AS(connection.stream("SELECT generate_series(1, 100000)", refuse), int);
  std::string seen;
  connection.stream("SELECT 5", [&](const Row& row) { seen += row[0]; });
  CHECK_THROWS_AS(connection.stream("SELECT generate_series(1, 100000)", refuse), int);
  connection.copy_in("COPY t FROM STDIN", "1\n");
  connection.execute("COPY t FROM STDIN");
  connection.stream("SELECT * FROM t", [&](const Row& row) { seen += row[0]; });
  CHECK_THROWS_WITH(connection.copy_in("COPY (SELECT 1) TO STDOUT", "1\n"),
                    "the server did not start a COPY");
  connection.copy_in("SELECT 1; COPY t FROM STDIN", "2\n");
  CHECK(connection.value("SELECT string_agg(a::text, ' ' ORDER BY a) FROM t") == "1 2");
  CHECK(seen == "51");
}
