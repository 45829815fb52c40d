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
