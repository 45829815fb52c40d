// diff --sql between all sorts of sides.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

// Names stand in the wrong order for all that needs another.
constexpr const char* tangled = R"sql(
CREATE TABLE z (id int PRIMARY KEY, n text); CREATE VIEW av AS SELECT * FROM z; CREATE VIEW aa AS SELECT * FROM av;
CREATE FUNCTION ff(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i';
CREATE FUNCTION ab(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.ff(i); END';
CREATE TABLE b (x int DEFAULT ff(1), g int GENERATED ALWAYS AS (ab(x)) STORED, CHECK (ab(x) > 0));
CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS e; CREATE TABLE c (m d, k int REFERENCES z);
CREATE INDEX ix ON b (ab(x)); CREATE MATERIALIZED VIEW am AS SELECT * FROM aa;
CREATE TRIGGER tt BEFORE INSERT ON z FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE SEQUENCE s; CREATE TABLE q (a int DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY q.a;
CREATE TABLE inh () INHERITS (z); CREATE POLICY p ON z USING (id = ff(1));
CREATE TABLE pp (a int) PARTITION BY LIST (a); CREATE TABLE aa1 PARTITION OF pp FOR VALUES IN (1);
CREATE INDEX ON pp (a); CREATE RULE r AS ON INSERT TO av DO INSTEAD NOTHING;
)sql";

void run_by_psql(const TestDatabase& database, const std::string& sql) {
  const TemporaryDirectory folder;
  folder.write("script.sql", sql);
  const std::string psql =
      "psql -X -q -d '" + database.url() + "' -f " + (folder.path() / "script.sql").string();
  REQUIRE(std::system(psql.c_str()) == 0);
}

}  // namespace

TEST_CASE("a schema that was read from a file is made in its order, and unmade") {
  const Project project;
  TestDatabase source = server().fresh_database(), empty = server().fresh_database();
  source.execute(tangled);
  const std::string file = (project.path() / "schema.json").string();
  REQUIRE(project.run({"snapshot", source.url(), "--output", file}).exit_code == 0);

  const ProgramResult made = project.run({"diff", "empty", file, "--sql"});
  INFO(made.err);
  CHECK(made.exit_code == 0);
  run_by_psql(empty, made.out);
  CHECK(project.run({"diff", empty.url(), source.url()}).exit_code == 0);

  const ProgramResult unmade =
      project.run({"diff", file, "empty", "--sql", "--allow-hazards", "DELETES_DATA,CORRECTNESS"});
  INFO(unmade.err);
  CHECK(unmade.exit_code == 0);
  run_by_psql(empty, unmade.out);
  CHECK(project.run({"diff", empty.url(), "empty"}).exit_code == 0);
}

// What somebody altered of an extension is altered back, and no other member is looked at.
TEST_CASE("members of extensions are repaired, both ways") {
  const char* setup =
      "CREATE EXTENSION pg_trgm; CREATE EXTENSION earthdistance CASCADE; CREATE SCHEMA s2;"
      "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1';"
      "CREATE TABLE conf (k text, v text); ALTER EXTENSION pg_trgm ADD TABLE conf; INSERT INTO conf VALUES "
      "('a', 'b')";
  const char* change = GENERATE(
      "ALTER FUNCTION similarity(text, text) VOLATILE",
      "ALTER FUNCTION similarity(text, text) OWNER TO app_x",
      "REVOKE EXECUTE ON FUNCTION similarity(text, text) FROM PUBLIC",
      "GRANT EXECUTE ON FUNCTION similarity(text, text) TO app_x",
      "ALTER EXTENSION pg_trgm ADD FUNCTION mine()", "ALTER EXTENSION pg_trgm DROP FUNCTION show_limit()",
      "ALTER FUNCTION show_limit() SET SCHEMA s2", "COMMENT ON FUNCTION similarity(text, text) IS 'touched'",
      "CREATE OR REPLACE FUNCTION sec_to_gc(float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL "
      "SAFE"
      " AS 'SELECT $1'",
      "CREATE INDEX conf_k ON conf (k)", "ALTER TABLE conf ADD extra int NOT NULL DEFAULT 3",
      "ALTER EXTENSION pg_trgm DROP TABLE conf; DROP TABLE conf");
  CAPTURE(change);
  const Project project;
  TestDatabase before = server().fresh_database(), after = server().fresh_database();
  for (TestDatabase* one : {&before, &after}) one->execute(setup);
  after.execute("DO $$ BEGIN CREATE ROLE app_x; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  after.execute(change);
  const auto sql = [&](TestDatabase& from, TestDatabase& to) {
    return project.run({"diff", from.url(), to.url(), "--sql", "--allow-hazards",
                        "DELETES_DATA,CORRECTNESS,AUTHZ_UPDATE,INDEX_DROPPED,"
                        "ACQUIRES_ACCESS_EXCLUSIVE_LOCK,ACQUIRES_SHARE_LOCK"});
  };
  const ProgramResult there = sql(before, after), back = sql(after, before);
  INFO(there.out << there.err << back.out << back.err);
  REQUIRE(there.exit_code == 0);
  REQUIRE(back.exit_code == 0);
  run_by_psql(before, there.out);
  CHECK(project.run({"diff", before.url(), after.url()}).exit_code == 0);
  run_by_psql(before, back.out);
  CHECK(project.run({"diff", before.url(), after.url()}).exit_code == 2);
}

TEST_CASE("the index of a partitioned table and those of its partitions that it takes up are one unit") {
  const Project project;
  TestDatabase before = server().fresh_database(), after = server().fresh_database();
  const std::string tables =
      "CREATE TABLE p (id int, k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN "
      "(1);";
  before.execute(tables + "CREATE INDEX i1 ON p1 (id); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)");
  after.execute(tables +
                "CREATE INDEX i1 ON p1 (id); CREATE INDEX i ON p (id);"
                "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)");
  for (const std::string one : {"public.p.i", "public.p1.i1", "public.p2.p2_id_idx"}) {
    CAPTURE(one);
    const ProgramResult sql = project.run({"diff", before.url(), after.url(), "--sql", "--only", one,
                                           "--allow-hazards", "ACQUIRES_SHARE_LOCK,INDEX_BUILD,SCANS_TABLE"});
    CHECK(sql.exit_code == 0);
    CHECK_THAT(sql.out, Contains("CREATE INDEX i ON public.p ") && Contains("Proven"));
  }
}

TEST_CASE("rows elsewhere are not read to see that a table has none here") {
  const Project project;
  TestDatabase before = server().fresh_database(), after = server().fresh_database();
  const std::string setup = "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER r FOREIGN DATA WRAPPER w;";
  const std::string partitions =
      "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE FOREIGN TABLE pf PARTITION OF p DEFAULT "
      "SERVER r;";
  before.execute(setup + "CREATE TABLE p (k int, c int) PARTITION BY LIST (k);" + partitions);
  after.execute(setup + "CREATE TABLE p (k int) PARTITION BY LIST (k);" + partitions);
  const ProgramResult sql = project.run({"diff", before.url(), after.url(), "--sql"});
  INFO(sql.out << sql.err);
  REQUIRE(sql.exit_code == 0);
  before.execute("INSERT INTO p1 VALUES (1)");
  CHECK_THROWS_WITH(before.execute(sql.out.substr(sql.out.find("BEGIN;\n\n"))), Contains("has rows by now"));
  before.execute("ROLLBACK; TRUNCATE p1");
  run_by_psql(before, sql.out);
  CHECK(project.run({"diff", before.url(), after.url()}).exit_code == 0);
}
