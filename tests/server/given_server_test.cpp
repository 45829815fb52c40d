#include <catch2/catch.hpp>

#include "expected/shadow.h"
#include "postgres/error.h"
#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

const char* const count_of_ours =
    "SELECT count(*) FROM pg_database WHERE datname LIKE 'plumbline\\_shadow\\_%'";

ShadowOptions given(const std::string& url) {
  ShadowOptions options;
  options.url = url;
  return options;
}

// The server of the test run as a user of it sees it, who has the rights named ("CREATEDB CREATEROLE").
std::string url_for_user(const TestDatabase& database, const std::string& user, const std::string& rights) {
  server().make_login_role(user);
  server().shadow().connect("postgres")->execute("ALTER ROLE " + user + " NOSUPERUSER " + rights);
  return with_parameter(database.conninfo(), "user", user);
}

// A program that makes a database and a role on that server, and is killed before it can tidy up.
void leave_something_behind(const std::string& url) {
  const Holder holder([&] {
    static std::unique_ptr<Shadow> shadow;
    shadow = start_shadow(given(url));
    shadow->create_database("left");
    shadow->create_role("left_role");
    return std::string("ready");
  });
  REQUIRE(holder.told() == "ready");
}

}  // namespace

TEST_CASE("on a given server the database has a name of its own and is dropped afterwards") {
  TestDatabase database = server().fresh_database();
  {
    const auto shadow = start_shadow(given(database.conninfo()));
    CHECK(shadow->version() == server().version());
    CHECK(shadow->role() == "postgres");
    shadow->create_database("expected");
    shadow->connect("expected")->execute("CREATE TABLE t (a int)");
    shadow->create_database("second", "expected");
    CHECK(shadow->connect("second")->value("SELECT count(*) FROM t") == "0");
    CHECK(shadow->connect("second")->value(
              "SELECT current_database() ~ '^plumbline_shadow_[0-9]+_[0-9]+_second$'") == "t");
    shadow->create_role("role_for_a_while");
    CHECK(database.connection().value(count_of_ours) == "2");
    shadow->drop_database("second");
    CHECK(database.connection().value(count_of_ours) == "1");
    CHECK_FALSE(shadow->save("anywhere"));
    CHECK_THROWS_AS(shadow->conninfo(database.name()), Error);
  }
  CHECK(database.connection().value(count_of_ours) == "0");
  CHECK_FALSE(database.connection().value("SELECT 1 FROM pg_roles WHERE rolname = 'role_for_a_while'"));
}

TEST_CASE(
    "what a killed program left on a given server is dropped by the next one, what a living one holds is "
    "not") {
  TestDatabase database = server().fresh_database();
  leave_something_behind(database.conninfo());
  CHECK(database.connection().value(count_of_ours) == "1");
  const auto living = start_shadow(given(database.conninfo()));
  CHECK(database.connection().value(count_of_ours) == "0");
  CHECK_FALSE(database.connection().value("SELECT 1 FROM pg_roles WHERE rolname = 'left_role'"));
  living->create_database("expected");
  living->create_role("living_role");
  start_shadow(given(database.conninfo()));
  CHECK(database.connection().value(count_of_ours) == "1");
  CHECK(database.connection().value("SELECT 1 FROM pg_roles WHERE rolname = 'living_role'") == "1");
}

TEST_CASE("a user of a given server who may not create databases is told so") {
  const TestDatabase database = server().fresh_database();
  try {
    start_shadow(given(url_for_user(database, "poor", "NOCREATEDB NOCREATEROLE")));
    FAIL("no error");
  } catch (const Error& e) {
    CHECK_THAT(e.message(), Catch::Contains("\"poor\"") && Catch::Contains("may not create databases"));
    CHECK_THAT(e.hint(), Catch::Contains("ALTER ROLE poor CREATEDB"));
  }
}

TEST_CASE("a user of a given server who may not create roles is told so when a migration needs one") {
  TestDatabase database = server().fresh_database();
  {
    const auto shadow = start_shadow(given(url_for_user(database, "maker", "CREATEDB NOCREATEROLE")));
    CHECK(shadow->role() == "maker");
    shadow->create_database("expected");
    shadow->create_role("postgres");  // is there
    try {
      shadow->create_role("web_anon");
      FAIL("no error");
    } catch (const Error& e) {
      CHECK_THAT(e.message(), Catch::Contains("may not create the role \"web_anon\""));
      CHECK_THAT(e.hint(), Catch::Contains("CREATEROLE"));
    }
    CHECK(shadow->connect("expected")->value("SELECT 1") == "1");
  }
  CHECK(database.connection().value(count_of_ours) == "0");
}

TEST_CASE(
    "a role that something else depends on by now stays on a given server, with a warning to nobody's harm") {
  TestDatabase database = server().fresh_database();
  {
    const auto shadow = start_shadow(given(database.conninfo()));
    shadow->create_role("settler");
    database.execute("CREATE TABLE t (a int); ALTER TABLE t OWNER TO settler");
  }
  CHECK(database.connection().value("SELECT 1 FROM pg_roles WHERE rolname = 'settler'") == "1");
  database.execute("DROP TABLE t");
  start_shadow(given(database.conninfo()));
  CHECK_FALSE(database.connection().value("SELECT 1 FROM pg_roles WHERE rolname = 'settler'"));
}
