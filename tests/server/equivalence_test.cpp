#include <catch2/catch.hpp>
#include <string>

#include "expected/dump.h"
#include "postgres/text.h"
#include "tests/server/dumps.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

// Each expression is printed in another way once its own print has been read again.
constexpr const char* spelled_twice = R"sql(
CREATE TABLE t (s varchar(10) CHECK (s IN ('a', 'b')), d boolean DEFAULT ('x'::varchar IN ('a', 'b')),
  g boolean GENERATED ALWAYS AS (s IN ('a', 'b')) STORED,
  EXCLUDE USING btree (s WITH =) WHERE (s IN ('a', 'b')));
CREATE INDEX t_s ON t (s) WHERE s IN ('a', 'b');
CREATE VIEW v AS SELECT s FROM t WHERE s IN ('a', 'b');
CREATE MATERIALIZED VIEW m AS SELECT s FROM t WHERE s IN ('a', 'b');
CREATE RULE r AS ON UPDATE TO t WHERE new.s IN ('a', 'b') DO INSTEAD NOTHING;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (s IN ('a', 'b')) WITH CHECK (s IN ('c', 'd'));
CREATE DOMAIN dom AS varchar(10) CHECK (VALUE IN ('a', 'b'));
CREATE FUNCTION "F (x"(a boolean DEFAULT 'x'::varchar IN ('a', 'b')) RETURNS boolean
  LANGUAGE sql RETURN a AND 'x'::varchar IN ('a', 'b');
CREATE PROCEDURE pr(s varchar, b boolean DEFAULT 'x'::varchar IN ('a', 'b')) LANGUAGE sql
  BEGIN ATOMIC SELECT s IN ('a', 'b') FROM t; END;
CREATE TABLE parts (s varchar(10), k int) PARTITION BY LIST ((s IN ('a', 'b')));
CREATE TABLE part PARTITION OF parts (s DEFAULT 'x') FOR VALUES IN (true);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER g BEFORE INSERT ON parts FOR EACH ROW WHEN (new.s IN ('a', 'b')) EXECUTE FUNCTION f();
CREATE STATISTICS st ON (s IN ('a', 'b')), g FROM t;
)sql";

}  // namespace

TEST_CASE("two live databases that only spell their expressions differently do not differ") {
  const int version = newest_with_dump();
  if (version == 0) return skip_without_dump();
  TestServer& here = server(version);
  TestDatabase before = here.fresh_database(), after = here.fresh_database();
  before.execute(spelled_twice);
  const std::string dump = dump_schema(choose_pg_dump(version), before.conninfo());
  const std::vector<std::string> refused = restore_schema(here.shadow(), after.name(), dump);
  CHECK(join(refused, "\n") == "");

  const ProgramResult result = run_plumbline({"diff", before.conninfo(), after.conninfo()});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("no difference"));

  after.execute("ALTER TABLE t DROP CONSTRAINT t_s_check, ADD CONSTRAINT t_s_check CHECK (s IN ('a', 'c'))");
  const ProgramResult other = run_plumbline({"diff", before.conninfo(), after.conninfo()});
  INFO(other.out << other.err);
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.out, Catch::Contains("t_s_check"));
}

TEST_CASE("without anybody to ask two spellings count as a difference, and the report says so") {
  TestDatabase before = server().fresh_database(), after = server().fresh_database();
  before.execute("CREATE TABLE t (s varchar(10), CONSTRAINT c CHECK (s IN ('a', 'b')))");
  after.execute(
      "CREATE TABLE t (s varchar(10), CONSTRAINT c CHECK (s::text = ANY (ARRAY['a'::varchar, "
      "'b']::text[])))");
  const TemporaryDirectory nothing;
  const ProgramResult result =
      run_plumbline({"diff", before.conninfo(), after.conninfo()},
                    {{"PLUMBLINE_PG_BIN", nothing.path()}, {"PATH", nothing.path()}});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.out, Catch::Contains("1 differing texts may mean the same"));
  CHECK_THAT(result.out, Catch::Contains("no server could be asked"));
}
