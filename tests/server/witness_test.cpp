#include <catch2/catch.hpp>
#include <string>

#include "cli/witness.h"
#include "expected/dump.h"
#include "expected/dump_entries.h"
#include "expected/witness.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "tests/server/dumps.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

constexpr const char* schema = R"sql(
CREATE SCHEMA s;
CREATE TABLE s.t (a int, b text DEFAULT 'x', c varchar(3) CHECK (c IN ('a', 'b')));
CREATE VIEW s.v AS SELECT a, b FROM s.t;
CREATE FUNCTION s.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
GRANT SELECT ON s.t TO PUBLIC;
)sql";

std::string said_by_witness(const std::string& actual, const std::string& expected,
                            const std::vector<HiddenName>& hidden = {}) {
  const int version = newest_with_dump();
  const WitnessOptions options{{.major = version, .url{}, .cache_directory = test_cache(), .data_from{}},
                               hidden};
  TestDatabase one = server(version).fresh_database(), other = server(version).fresh_database();
  one.execute(actual);
  other.execute(expected);
  return join(contradictions(one.conninfo(), other.conninfo(), version, options), "\n");
}

}  // namespace

TEST_CASE("the witness tells what pg_dump sees on one side only") {
  if (newest_with_dump() == 0) return skip_without_dump();
  const auto change = [](const std::string& sql) {
    return said_by_witness(std::string(schema) + sql, schema);
  };
  CHECK(change("") == "");
  CHECK(change("ALTER TABLE s.t ALTER a SET NOT NULL") ==
        "- TABLE s.t\n-         a integer\n"
        "+ TABLE s.t\n+         a integer NOT NULL");
  CHECK(change("COMMENT ON VIEW s.v IS 'seen'") ==
        "+ COMMENT s.VIEW v\n+     COMMENT ON VIEW s.v IS 'seen';");
  CHECK_THAT(change("REVOKE SELECT ON s.t FROM PUBLIC"), Catch::Contains("- ACL s.TABLE t"));
  CHECK_THAT(change("DROP FUNCTION s.f"), Catch::Contains("- FUNCTION s.f(integer)"));
  CHECK_THAT(change("ALTER TABLE s.t OWNER TO pg_monitor"), Catch::Contains("OWNER TO pg_monitor"));
}

TEST_CASE("the witness is silent about the order of things, spellings and what rules hide") {
  if (newest_with_dump() == 0) return skip_without_dump();
  const std::string other_order =
      "CREATE SCHEMA s; CREATE FUNCTION s.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';"
      "CREATE TABLE s.t (c varchar(3) CHECK (c::text = ANY (ARRAY['a'::varchar::text, 'b'::varchar::text])),"
      " b text DEFAULT 'x'::text, a integer); CREATE VIEW s.v AS SELECT a, b FROM s.t; GRANT SELECT ON s.t "
      "TO PUBLIC";
  CHECK(said_by_witness(schema, other_order) == "");
  const std::string more = std::string(schema) +
                           "CREATE TABLE s.ledger (v int); COMMENT ON COLUMN s.ledger.v IS 'x';"
                           "CREATE INDEX ledger_v ON s.ledger (v)";
  CHECK(said_by_witness(more, schema) != "");
  CHECK(said_by_witness(more, schema, {{"s", "ledger"}}) == "");
  const std::string much = std::string(schema) +
                           "CREATE SCHEMA tool; CREATE TABLE tool.x (); CREATE TABLE tool.y ();"
                           "COMMENT ON SCHEMA tool IS 'x'";
  CHECK(said_by_witness(much, schema, {{"tool", "*"}}) == "");
}

TEST_CASE("the witness is silent about the order in which options were set") {
  if (newest_with_dump() == 0) return skip_without_dump();
  CHECK(said_by_witness("CREATE TABLE t (a int) WITH (fillfactor = 70, autovacuum_enabled = off);"
                        "ALTER TABLE t ALTER a SET (n_distinct = 5), ALTER a SET (n_distinct_inherited = 3);"
                        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET work_mem = '64kB' SET search_path "
                        "= x AS 'SELECT 1'",
                        "CREATE TABLE t (a int) WITH (autovacuum_enabled = off, fillfactor = 70);"
                        "ALTER TABLE t ALTER a SET (n_distinct_inherited = 3), ALTER a SET (n_distinct = 5);"
                        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = x SET work_mem = "
                        "'64kB' AS 'SELECT 1'") == "");
}

TEST_CASE("a verdict that pg_dump contradicts is an error with the lines") {
  if (newest_with_dump() == 0) return skip_without_dump();
  TestDatabase one = server(newest_with_dump()).fresh_database(),
               other = server(newest_with_dump()).fresh_database();
  one.execute("CREATE TABLE missed ()");
  Report report;
  report.actual_version = report.expected_version = newest_with_dump();
  Settings settings;
  settings.cache_directory = test_cache();
  const auto call = [&] {
    call_witness(
        report, {}, [&] { return one.conninfo(); }, [&] { return other.conninfo(); }, settings);
  };
  CHECK_NOTHROW(call());
  settings.witness.pg_dump = true;
  CHECK_THROWS_WITH(call(), Catch::Contains("pg_dump did") && Catch::Contains("+ TABLE public.missed"));
  report.findings.emplace_back();
  CHECK_NOTHROW(call());
}

TEST_CASE("check and diff call the witness when they are told to") {
  if (newest_with_dump() == 0) return skip_without_dump();
  TestServer& here = server(newest_with_dump());
  TestDatabase one = here.fresh_database(), other = here.fresh_database();
  one.execute(schema);
  other.execute(schema);
  const ProgramResult same = run_plumbline({"diff", "--witness", one.conninfo(), other.conninfo()});
  INFO(same.out << same.err);
  CHECK(same.exit_code == 0);
  CHECK_THAT(same.err, Catch::Contains("pg_dump sees no difference either"));

  const TemporaryDirectory folder;
  folder.write("s.json", run_plumbline({"snapshot", one.conninfo()}).out);
  const ProgramResult file =
      run_plumbline({"diff", "--witness", one.conninfo(), "s.json"}, {}, {}, folder.path());
  CHECK(file.exit_code == 64);
  CHECK_THAT(file.err, Catch::Contains("needs two databases"));
  const ProgramResult part =
      run_plumbline({"diff", "--witness", "--include", "s.*", one.conninfo(), other.conninfo()});
  CHECK(part.exit_code == 64);
}
