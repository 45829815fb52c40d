#include "expected/shadow.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "expected/sandbox.h"
#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;

TEST_CASE("every installed server version can be a throw-away server") {
  for (const int version : available_versions()) {
    DYNAMIC_SECTION(version) {
      ShadowOptions options = with_cache();
      options.major = version;
      const auto shadow = start_shadow(options);
      CHECK(shadow->version() == version);
      CHECK(shadow->full_version().starts_with(std::to_string(version)));
      shadow->create_database("one");
      const auto connection = shadow->connect("one");
      CHECK(connection->version() == version);
      CHECK(connection->value("SHOW server_encoding") == "UTF8");
      CHECK(connection->value("SHOW listen_addresses") == "");
      CHECK(shadow->warnings().empty() == possible_isolation().whole());
    }
  }
}

TEST_CASE("the role that replays is made as a superuser and owns the databases") {
  ShadowOptions options = with_cache();
  options.role = "App \"Owner\"";
  const auto shadow = start_shadow(options);
  shadow->create_database("shop");
  const auto connection = shadow->connect("shop");
  CHECK(shadow->role() == options.role);
  CHECK(connection->user() == options.role);
  CHECK(connection->value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "t");
  CHECK(connection->value("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'") ==
        options.role);
}

TEST_CASE("a database is made from another one and dropped while somebody is connected") {
  TestServer& test = server();
  const TestDatabase database = test.fresh_database();
  test.shadow().connect(database.name())->execute("CREATE TABLE t (a int)");
  test.shadow().create_database("copy", database.name());
  const auto connection = test.shadow().connect("copy");
  CHECK(connection->value("SELECT count(*) FROM t") == "0");
  test.shadow().drop_database("copy");
  CHECK_FALSE(test.shadow().connect("postgres")->value("SELECT 1 FROM pg_database WHERE datname = 'copy'"));
}

TEST_CASE("a role that migrations name is made once and cannot log in") {
  Shadow& shadow = server().shadow();
  shadow.create_role("web anon");
  shadow.create_role("web anon");
  CHECK(shadow.connect("postgres")->value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'web anon'") ==
        "f");
}

TEST_CASE("PG variables that are meant for live do not lead away from the throw-away server") {
  const Variable address("PGHOSTADDR", "127.0.0.1"), port("PGPORT", "1"),
      options("PGOPTIONS", "-c work_mem=nonsense"), mode("PGSSLMODE", "require"),
      database("PGDATABASE", "nowhere"), user("PGUSER", "nobody_at_all");
  const auto shadow = start_shadow(with_cache());
  shadow->create_database("one");
  CHECK(shadow->connect("one")->value("SELECT inet_server_addr() IS NULL") == "t");
}

TEST_CASE("two throw-away servers live at once and each goes alone") {
  auto first = start_shadow(with_cache());
  const auto second = start_shadow(with_cache());
  const Traces traces = traces_of(*first);
  CHECK(traces.directory != traces_of(*second).directory);
  first.reset();
  CHECK(traces.gone());
  second->create_database("one");
  CHECK(second->connect("one")->value("SELECT 1") == "1");
}

TEST_CASE("as root the server runs as another user, whom PLUMBLINE_SERVER_USER names") {
  if (geteuid() != 0) {
    WARN("skipped: only root runs servers as somebody else");
    return;
  }
  {
    const Variable user("PLUMBLINE_SERVER_USER", "nobody");
    const auto shadow = start_shadow(with_cache());
    CHECK(shadow->connect("postgres")->value("SELECT 1") == "1");
  }
  const Variable user("PLUMBLINE_SERVER_USER", "root");
  CHECK_THAT(error_of(with_cache()).message(),
             Catch::Contains("PLUMBLINE_SERVER_USER names \"root\", which is root"));
}
