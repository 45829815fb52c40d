#include <catch2/catch.hpp>

#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

TEST_CASE("each test has a database of its own, which its URL leads to") {
  TestDatabase database = server().fresh_database();
  database.execute("CREATE TABLE t (a int)");
  CHECK(connect({.conninfo = database.url()})->value("SELECT current_database()") == database.name());
  CHECK(connect({.conninfo = database.conninfo()})->value("SELECT count(*) FROM t") == "0");
  TestDatabase other = server().fresh_database();
  CHECK(other.name() != database.name());
  CHECK(other.connection().value("SELECT to_regclass('t') IS NULL") == "t");
}

TEST_CASE("the program that was built runs and says its version") {
  const ProgramResult result = run_plumbline({"--version"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains(PLUMBLINE_VERSION));
  CHECK(result.err.empty());
  CHECK(run_plumbline({"no such command"}).exit_code == 64);
}
