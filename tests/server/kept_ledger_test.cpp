// keep_ledger_of: the ledger of the tool whose migrations plumbline applies says the same as plumbline's own.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

// A project of golang-migrate with the first of its migrations applied by the tool and taken over.
class Kept {
 public:
  explicit Kept(const std::string& more = "") {
    live.write("plumbline.toml",
               "[migrations]\nconvention = \"golang-migrate\"\n[runner]\nkeep_ledger_of = "
               "\"golang-migrate\"\n" +
                   more);
    for (const std::string number : {"1", "2", "3"}) {
      live.write("db/" + number + "_t.up.sql", "CREATE TABLE t" + number + " ();");
      live.write("db/" + number + "_t.down.sql", "DROP TABLE t" + number + ";");
    }
    live.execute(
        "CREATE TABLE t1 (); CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean); "
        "INSERT "
        "INTO schema_migrations VALUES (1, false)");
    live.ok({"baseline", "--import"});
  }

  std::string told() {
    return live.value(
        "SELECT coalesce(string_agg(version || ' ' || dirty, ', '), 'nothing') FROM schema_migrations");
  }

  Migrated live;
};

}  // namespace

TEST_CASE("up and down keep the ledger of the tool in step") {
  Kept kept;
  kept.live.ok({"up"});
  CHECK(kept.told() == "3 false");
  kept.live.ok({"down", "--steps", "2"});
  CHECK(kept.told() == "1 false");
  kept.live.ok({"redo", "--steps", "1"});
  CHECK(kept.told() == "1 false");
  kept.live.ok({"down", "--steps", "1"});
  CHECK(kept.told() == "nothing");
  kept.live.ok({"up"});
  CHECK(kept.told() == "3 false");
  kept.live.ok({"history", "--verify"});
  CHECK(kept.live.run({"check"}).exit_code == 0);
}

TEST_CASE("the row of the tool is in the transaction of the migration") {
  Kept kept;
  SECTION("a migration that fails") {
    kept.live.write("db/2_t.up.sql", "CREATE TABLE t2 (); SELECT 1/0;");
    CHECK(kept.live.run({"up"}).exit_code == 1);
    CHECK(kept.told() == "1 false");
  }
  SECTION("a row that is refused") {
    kept.live.execute("ALTER TABLE schema_migrations ADD CHECK (version < 2)");
    const ProgramResult up = kept.live.run({"up"});
    CHECK(up.exit_code == 1);
    CHECK_THAT(up.err, Contains("violates check constraint"));
    CHECK(kept.told() == "1 false");
    CHECK(kept.live.value("SELECT to_regclass('t2') IS NULL") == "t");
    CHECK(kept.live.value("SELECT count(*) FROM plumbline.schema_migrations WHERE status = 'applied'") ==
          "1");
  }
  SECTION("a migration without a transaction") {
    kept.live.execute("CREATE TABLE big (n int)");
    kept.live.write("db/2_t.up.sql", "CREATE INDEX CONCURRENTLY i ON big (n);");
    kept.live.ok({"up", "--target", "2"});
    CHECK(kept.told() == "2 false");
  }
}

TEST_CASE("a migration that is taken back after its health check is taken back in the tool's ledger") {
  Kept kept("health_checks = [\"SELECT to_regclass('t3') IS NULL\"]\n");
  const ProgramResult up = kept.live.run({"up"});
  CHECK(up.exit_code == 1);
  CHECK_THAT(up.err, Contains("rolled back by its down section"));
  CHECK(kept.told() == "2 false");
}

TEST_CASE("what plumbline applied before is written into the tool's ledger first") {
  Kept kept;
  kept.live.ok({"up", "--target", "2"});
  kept.live.execute("UPDATE schema_migrations SET version = 1");
  const ProgramResult up = kept.live.run({"up"});
  CHECK(up.exit_code == 0);
  CHECK_THAT(up.err, Contains("recorded 2 in public.schema_migrations"));
  CHECK(kept.told() == "3 false");
  CHECK(kept.live.value(
            "SELECT details FROM plumbline.migration_history WHERE action = 'recorded_elsewhere'") ==
        "public.schema_migrations");
}

TEST_CASE("a ledger that cannot be kept stops the run before it begins") {
  Kept kept;
  const std::string settings = "[migrations]\nconvention = \"golang-migrate\"\n[runner]\nkeep_ledger_of = ";
  std::vector<std::string> said;
  SECTION("the tool went on by itself") {
    kept.live.execute("UPDATE schema_migrations SET version = 2");
    said = {"has versions that plumbline has not applied: 2", "plumbline baseline VERSION"};
  }
  SECTION("there is none") {
    kept.live.execute("DROP TABLE schema_migrations");
    said = {"has no ledger of golang-migrate", "keep_ledger_of"};
  }
  SECTION("of another tool") {
    kept.live.write("plumbline.toml", settings + "\"dbmate\"\n");
    said = {"keep_ledger_of is \"dbmate\"", "read as those of golang-migrate"};
  }
  SECTION("it says that one in the middle is applied") {
    kept.live.write("db/0_late.up.sql", "CREATE TABLE late ();");
    check_refused(kept.live.run({"up", "--target", "0", "--out-of-order"}),
                  {"has versions that plumbline has not applied: 0"});
    return;
  }
  check_refused(kept.live.run({"up"}), said);
  CHECK(kept.live.value("SELECT to_regclass('t2') IS NULL") == "t");
}

TEST_CASE("without the setting a run says that the tool's ledger stays behind") {
  Kept kept;
  kept.live.write("plumbline.toml", "[migrations]\nconvention = \"golang-migrate\"\n");
  const ProgramResult up = kept.live.run({"up"});
  CHECK(up.exit_code == 0);
  CHECK_THAT(up.err, Contains("the ledger of golang-migrate (public.schema_migrations) is not written") &&
                         Contains("keep_ledger_of = \"golang-migrate\""));
  CHECK(kept.told() == "1 false");
}
