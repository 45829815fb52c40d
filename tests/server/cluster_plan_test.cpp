#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "catchup/plan.h"
#include "catchup/proof.h"
#include "catchup/section.h"
#include "diff/compare.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

constexpr const char* cluster_state = R"sql(
CREATE ROLE cluster_app LOGIN CREATEDB CONNECTION LIMIT 5 VALID UNTIL '2030-01-01';
CREATE ROLE cluster_group NOINHERIT;
COMMENT ON ROLE cluster_group IS 'a group''s';
GRANT cluster_group TO cluster_app WITH ADMIN OPTION;
ALTER ROLE cluster_app SET search_path TO public, "Odd name";
ALTER ROLE ALL SET work_mem = '5MB';
DO $$ BEGIN
  EXECUTE format('ALTER ROLE cluster_app IN DATABASE %I SET statement_timeout = ''1s''', current_database());
  EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''3s''', current_database());
  EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 50', current_database());
  EXECUTE format('COMMENT ON DATABASE %I IS ''100%% mine''', current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO cluster_app', current_database());
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL);
COMMENT ON TYPE t IS 'a row';
COMMENT ON TYPE t[] IS 'rows';
ALTER TABLE t OWNER TO cluster_app;
)sql";

constexpr const char* cluster_other_state = R"sql(
CREATE ROLE cluster_app SUPERUSER;
CREATE ROLE cluster_gone;
GRANT cluster_gone TO cluster_app;
ALTER ROLE cluster_app SET search_path TO public;
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t OWNER TO cluster_gone;
)sql";

struct Cluster {
  Cluster(int major, const std::string& sql) : server(major), database(server.fresh_database()) {
    database.execute(sql);
    if (major >= 15) database.execute("GRANT SET ON PARAMETER log_statement TO cluster_app");
    if (major >= 18) database.execute("ALTER TABLE t RENAME CONSTRAINT t_a_not_null TO named");
  }

  Snapshot snapshot(SymbolTable& symbols) {
    const ReadTransaction transaction(database.connection());
    CaptureOptions options;
    options.cluster = options.dependencies = true;
    return capture(database.connection(), symbols, options);
  }

  TestServer server;
  TestDatabase database;
};

// Everything that `from` needs to become as `to`, proven and run.
void check_that_it_becomes(Cluster& from, Cluster& to) {
  SymbolTable symbols;
  const Snapshot actual = from.snapshot(symbols), expected = to.snapshot(symbols);
  const CatchUpPlan made =
      plan(actual, expected, compare(actual, expected), {.creator = from.database.connection().user()});
  CHECK(made.refusals.empty());
  ShadowOptions options;
  options.major = from.server.version();
  options.cache_directory = test_cache();
  CHECK(join(prove({actual, expected, write_section(made), symbols, made.refused(), true}, options), "\n") ==
        "");
  for (const Statement& statement : made.statements) from.database.execute(statement.sql);
  const Snapshot after = from.snapshot(symbols);
  for (const Difference& left : compare(after, expected)) FAIL_CHECK(describe(left.id));
}

}  // namespace

TEST_CASE("what lives outside the database is repaired, proven and run like the rest") {
  for (const int version : available_versions()) {
    if (version != 15 && version != 18) continue;
    INFO("server " << version);
    Cluster one(version, cluster_state), other(version, cluster_other_state);
    Cluster bare(version, "CREATE ROLE cluster_app; CREATE TABLE t (a int PRIMARY KEY)");
    check_that_it_becomes(bare, other);
    check_that_it_becomes(other, one);
    Cluster simple(version,
                   "CREATE ROLE cluster_app VALID UNTIL 'infinity'; CREATE TABLE t (a int PRIMARY KEY)");
    check_that_it_becomes(one, simple);
  }
}

TEST_CASE("what no statement can bring is said and not pretended") {
  Cluster one(15, "CREATE ROLE cluster_app PASSWORD 'x' VALID UNTIL '2030-01-01'; CREATE TABLE t (a int)");
  Cluster other(15, "CREATE ROLE cluster_app; CREATE TABLE t (a int)");
  SymbolTable symbols;
  const Snapshot with = one.snapshot(symbols), without = other.snapshot(symbols);
  const auto refusals = [](const Snapshot& from, const Snapshot& to) {
    std::vector<std::string> why;
    for (const Refusal& refusal : plan(from, to, compare(from, to), {.creator = "postgres"}).refusals)
      why.push_back(refusal.why);
    return join(why, "\n");
  };
  CHECK(refusals(without, with) ==
        "the password of role cluster_app is in no snapshot; set it by hand, with \\password");
  CHECK(refusals(with, without) ==
        "role cluster_app cannot go back to having no VALID UNTIL; 'infinity' means the same");
}
