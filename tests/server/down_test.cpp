// What down VERSION rolls back, and what it refuses to: later migrations that need it.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

// Three of which the later two have nothing to do with the first.
void three_tables(const Migrated& live) {
  live.migration(1, "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a CASCADE;");
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;");
}

std::string tables(Migrated& live) {
  return live.value(
      "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE "
      "relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')");
}

// A second migration that needs the first, whose down would succeed, and lose what the second one made.
void check_needs(const std::string& second, const std::string& why) {
  Migrated live;
  three_tables(live);
  live.migration(2, second, "SELECT 1;");
  live.ok({"up"});
  const std::string before = tables(live);
  check_refused(live.run({"down", Migrated::version(1)}),
                {"20250101_000000_step.sql) cannot be rolled back by itself", why,
                 "plumbline down 20250101_000000 --with-dependents"});
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied");
  CHECK(tables(live) == before);
}

}  // namespace

TEST_CASE("an emergency rollback rolls back the version that is named, and no other") {
  Migrated live;
  three_tables(live);
  live.ok({"up"});
  CHECK_THAT(live.ok({"down", Migrated::version(3)}), Contains("rolled back 20250103_000000"));
  CHECK(live.ledger() == "1 applied, 2 applied, 3 rolled_back");
  live.ok({"up"});
  const ProgramResult middle = live.run({"down", Migrated::version(2), "--reason", "it is slow"});
  CHECK(middle.exit_code == 0);
  CHECK_THAT(middle.err, Contains("will be pending and older than 20250103_000000") &&
                             Contains("plumbline up --out-of-order"));
  CHECK(live.ledger() == "1 applied, 2 rolled_back, 3 applied");
  CHECK(tables(live) == "a c");
  check_refused(live.run({"up"}), {"--out-of-order"});
  live.ok({"up", "--out-of-order"});
  CHECK(tables(live) == "a b c");
  CHECK(live.run({"check"}).exit_code == 0);
}

TEST_CASE("down is never silent about a version that is not applied") {
  Migrated live;
  three_tables(live);
  check_refused(live.run({"down", Migrated::version(1)}), {"is not applied: it is pending"});
  live.ok({"up", "--target", Migrated::version(2)});
  check_refused(live.run({"down", Migrated::version(3)}),
                {"20250103_000000_step.sql) is not applied: it is pending", "20250102_000000"});
  check_refused(live.run({"down", "--to", Migrated::version(3)}), {"is not applied: it is pending"});
  check_refused(live.run({"down", "20300101_000000"}), {"has the version \"20300101_000000\""});
  check_refused(live.run({"down", "0"}), {"has the version \"0\"", "plumbline down --to 0"});
  check_refused(live.run({"down", "head"}), {"has the version \"head\"", "Applied last is 20250102_000000"});
  live.ok({"down", Migrated::version(2)});
  check_refused(live.run({"down", Migrated::version(2)}), {"is not applied: it is rolled back"});
  CHECK_THAT(live.ok({"down", "--to", Migrated::version(1)}), Contains("nothing to do"));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"down"},
                                                {"down", Migrated::version(1), "--steps", "1"},
                                                {"down", "--to", "0", "--steps", "1"},
                                                {"down", "--steps", "1", "--with-dependents"}})
    CHECK(live.run(wrong).exit_code == 64);
}

TEST_CASE("down --to rolls back all that came after") {
  Migrated live;
  three_tables(live);
  live.ok({"up"});
  live.ok({"down", "--to", Migrated::version(1)});
  CHECK(live.ledger() == "1 applied, 2 rolled_back, 3 rolled_back");
  live.ok({"down", "--to", "0"});
  CHECK(tables(live).empty());
}

TEST_CASE("a migration stays while a later one names it as its dependency") {
  Migrated live;
  three_tables(live);
  live.migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;",
                 "-- Dependencies: [\"20250102_000000_step\"]\n");
  live.ok({"up"});
  check_refused(live.run({"down", Migrated::version(2)}), {"20250103_000000", "its header names"});
  CHECK_THAT(live.ok({"down", Migrated::version(2), "--with-dependents"}),
             Contains("rolled back 20250103_000000") && Contains("rolled back 20250102_000000"));
  CHECK(live.ledger() == "1 applied, 2 rolled_back, 3 rolled_back");
}

TEST_CASE("a migration stays while the catalogue says that a later one needs it") {
  SECTION("a view") { check_needs("CREATE VIEW v AS SELECT id FROM a;", "view public.v needs"); }
  SECTION("a foreign key") { check_needs("CREATE TABLE b (a int REFERENCES a);", "needs"); }
  SECTION("a column") {
    check_needs("ALTER TABLE a ADD COLUMN more int;", "column public.a.more is a part of table public.a");
  }
  SECTION("an index") { check_needs("CREATE INDEX later ON a ((id + 1));", "public.a"); }
  SECTION("a privilege") { check_needs("GRANT SELECT ON a TO PUBLIC;", "table public.a is changed by both"); }
  SECTION("rows") { check_needs("INSERT INTO a VALUES (1);", "it changes rows of public.a"); }
  SECTION("an extension") {
    Migrated live;
    live.migration(1, "CREATE EXTENSION citext;", "DROP EXTENSION citext CASCADE;");
    live.migration(2, "CREATE TABLE t (c citext);", "DROP TABLE t;");
    live.ok({"up"});
    check_refused(live.run({"down", Migrated::version(1)}), {"20250102_000000", "extension citext"});
  }
  SECTION("a function of a trigger") {
    Migrated live;
    live.migration(
        1,
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TABLE x ();",
        "DROP FUNCTION f CASCADE; DROP TABLE x;");
    live.migration(2, "CREATE TABLE t (); CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f();",
                   "DROP TABLE t;");
    live.ok({"up"});
    check_refused(live.run({"down", Migrated::version(1)}), {"20250102_000000", "f()"});
  }
  SECTION("a rename") {
    check_needs("ALTER TABLE a RENAME TO renamed;", "table public.a is changed by both");
  }
  SECTION("a partition") {
    Migrated live;
    live.migration(1, "CREATE TABLE a (id int) PARTITION BY LIST (id);", "DROP TABLE a;");
    live.migration(2, "CREATE TABLE b PARTITION OF a FOR VALUES IN (1);", "DROP TABLE b;");
    live.ok({"up"});
    check_refused(live.run({"down", Migrated::version(1)}), {"20250102_000000", "table public.a"});
  }
  SECTION("what is in its schema") {
    Migrated live;
    live.migration(1, "CREATE SCHEMA s;", "DROP SCHEMA s CASCADE;");
    live.migration(2, "CREATE TABLE s.t (id int);", "DROP TABLE s.t;");
    live.ok({"up"});
    check_refused(live.run({"down", Migrated::version(1)}), {"20250102_000000", "schema s"});
    CHECK(live.value("SELECT to_regclass('s.t') IS NOT NULL") == "t");
  }
  SECTION("a column of a type") {
    Migrated live;
    live.migration(1, "CREATE TYPE mood AS ENUM ('good');", "DROP TYPE mood CASCADE;");
    live.migration(2, "CREATE TABLE t (m mood);", "DROP TABLE t;");
    live.ok({"up"});
    check_refused(live.run({"down", Migrated::version(1)}), {"20250102_000000", "public.mood"});
  }
}

TEST_CASE("what needs what needs it goes back first, and nothing else does") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "CREATE VIEW v AS SELECT id FROM a;", "DROP VIEW v;");
  live.migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;");
  live.migration(4, "CREATE VIEW w AS SELECT id FROM v;", "DROP VIEW w;");
  live.ok({"up"});
  check_refused(live.run({"down", Migrated::version(1)}), {"20250102_000000_step.sql): view public.v needs",
                                                           "20250104_000000_step.sql): view public.w"});
  check_refused(live.run({"down", Migrated::version(1), "--dry-run"}), {"--with-dependents"});
  const std::string out = live.ok({"down", Migrated::version(1), "--with-dependents"});
  CHECK(out.find("20250104") < out.find("20250102"));
  CHECK(out.find("20250102") < out.find("20250101"));
  CHECK(live.ledger() == "1 rolled_back, 2 rolled_back, 3 applied, 4 rolled_back");
}

TEST_CASE("changes beside each other do not hold each other") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "ALTER TABLE a ADD COLUMN x int; COMMENT ON TABLE a IS 'x';",
                 "ALTER TABLE a DROP COLUMN x; COMMENT ON TABLE a IS NULL;");
  live.migration(3, "ALTER TABLE a ADD COLUMN y int; CREATE VIEW v AS SELECT id, y FROM a;",
                 "DROP VIEW v; ALTER TABLE a DROP COLUMN y;");
  live.migration(4, "ALTER TABLE a SET (fillfactor = 50);", "ALTER TABLE a RESET (fillfactor);");
  live.ok({"up"});
  live.ok({"down", Migrated::version(2)});
  CHECK(live.value("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
                   "'a'::regclass AND attnum > 0 AND NOT attisdropped") == "id y");
}

TEST_CASE("a later migration that is half-way down is in the way") {
  Migrated live;
  three_tables(live);
  live.migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;\nVACUUM b;\nSELECT 1 / 0;");
  live.ok({"up"});
  CHECK(live.run({"down", Migrated::version(3)}).exit_code == 1);
  const std::string before = live.ledger();
  check_refused(live.run({"down", Migrated::version(2)}),
                {"the down of migration 20250103_000000 stopped half-way", "down --resume"});
  CHECK(live.ledger() == before);
}

TEST_CASE("without a throw-away server the latest one goes back, and an older one only with all behind it") {
  Migrated live;
  three_tables(live);
  live.ok({"up"});
  const Environment none{{"PLUMBLINE_PG_BIN", live.path().string()}};
  const ProgramResult refused = live.run({"down", Migrated::version(2)}, none);
  check_refused(refused, {"cannot determine which later migrations need 20250102_000000",
                          "plumbline down --to 20250101_000000"});
  CHECK(live.run({"down", Migrated::version(3)}, none).exit_code == 0);
}

TEST_CASE("what no file has any more is in the way of what is older") {
  Migrated live;
  three_tables(live);
  live.ok({"up"});
  std::filesystem::remove(live.path() / "db" / (Migrated::version(3) + "_step.sql"));
  for (const std::vector<std::string>& way : {std::vector<std::string>{"down", "--steps", "1"},
                                              {"down", Migrated::version(2)},
                                              {"down", "--to", Migrated::version(1)},
                                              {"down", Migrated::version(3)}}) {
    check_refused(live.run(way), {"20250103_000000", "Check out the revision that was deployed last"});
  }
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied");
}
