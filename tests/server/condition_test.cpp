#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "snapshot/capture.h"
#include "snapshot/condition.h"
#include "tests/server/server.h"

namespace plumbline::testing {

namespace {

struct ConditionCase {
  std::string_view check, object, setup;
  int since = 0;
};

// The text of each says more; which check finds which object is what has to be right.
const ConditionCase conditions[] = {
    {"invalid_index", "index public.doubled",
     "CREATE TABLE ti (a int); CREATE INDEX doubled ON ti (a);"
     "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'doubled'::regclass"},
    {"partition_without_index", "index public.parent_only",
     "CREATE TABLE tp (a int) PARTITION BY LIST (a); CREATE TABLE tp1 PARTITION OF tp FOR VALUES IN (1);"
     "CREATE INDEX parent_only ON ONLY tp (a)"},
    {"not_valid_constraint", "constraint positive on public.tc",
     "CREATE TABLE tc (a int); ALTER TABLE tc ADD CONSTRAINT positive CHECK (a > 0) NOT VALID"},
    {"not_valid_constraint", "constraint short on public.dc",
     "CREATE DOMAIN dc AS text; ALTER DOMAIN dc ADD CONSTRAINT short CHECK (length(value) < 9) NOT VALID"},
    {"disabled_trigger", "trigger g on public.tg",
     "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE tg (a "
     "int);"
     "CREATE TRIGGER g BEFORE INSERT ON tg FOR EACH ROW EXECUTE FUNCTION g(); ALTER TABLE tg DISABLE TRIGGER "
     "g"},
    {"disabled_trigger", "constraint tr_a_fkey on public.tr",
     "CREATE TABLE tk (a int PRIMARY KEY); CREATE TABLE tr (a int REFERENCES tk);"
     "ALTER TABLE tr DISABLE TRIGGER ALL"},
    {"disabled_trigger", "event trigger e",
     "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
     "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e(); ALTER EVENT TRIGGER e DISABLE"},
    {"sequence_near_end", "sequence public.ts_id_seq",
     "CREATE TABLE ts (id serial); ALTER SEQUENCE ts_id_seq AS bigint; SELECT setval('ts_id_seq', "
     "2000000000)"},
    {"sequence_near_end", "sequence public.falling",
     "CREATE SEQUENCE falling INCREMENT -1 MINVALUE -100; SELECT setval('falling', -90)"},
    {"collation_version", "collation public.co",
     "CREATE COLLATION co (PROVIDER = icu, LOCALE = 'und');"
     "UPDATE pg_collation SET collversion = 'old' WHERE collname = 'co'"},
    {"collation_version", "database ",
     "UPDATE pg_database SET datcollversion = 'old' WHERE datname = current_database()", 15},
    {"extension_version", "extension pg_trgm",
     "CREATE EXTENSION pg_trgm; UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'pg_trgm'"},
};

// What is near to each and wants no looking after.
constexpr std::string_view all_is_well =
    "CREATE TABLE w (a int PRIMARY KEY CHECK (a > 0), b bigserial); CREATE TABLE w2 (a int REFERENCES w);"
    "CREATE TABLE wp (a int) PARTITION BY LIST (a); CREATE TABLE wp1 PARTITION OF wp FOR VALUES IN (1);"
    "CREATE INDEX ON wp (a); SELECT setval('w_b_seq', 2147483647);"
    "CREATE SEQUENCE circling MAXVALUE 10 CYCLE; SELECT setval('circling', 10); CREATE SEQUENCE unused "
    "MAXVALUE 2;"
    "CREATE EXTENSION pg_trgm; CREATE COLLATION wco (PROVIDER = icu, LOCALE = 'und')";

std::vector<Condition> looked_at(Connection& connection) {
  const ReadTransaction transaction(connection);
  return conditions_of(connection);
}

}  // namespace

TEST_CASE("what wants looking after is found by its check, and is no drift") {
  const int version = GENERATE(from_range(available_versions()));
  CAPTURE(version);
  TestDatabase database = server(version).fresh_database();
  for (const ConditionCase& one : conditions) {
    if (one.since <= version) database.execute(one.setup);
  }
  const std::vector<Condition> found = looked_at(database.connection());
  for (const ConditionCase& one : conditions) {
    if (one.since > version) continue;
    INFO(one.check << " of " << one.object);
    CHECK(std::ranges::any_of(found, [&](const Condition& condition) {
      return condition.check == one.check && condition.object.starts_with(one.object) &&
             !condition.hint.empty();
    }));
  }
  const ProgramResult result = run_plumbline({"diff", database.url(), database.url()});
  CHECK(result.exit_code == 0);
  CHECK(result.out.find("operational, no drift: " + std::to_string(found.size())) != std::string::npos);
  CHECK(result.out.find("has used 93 % of its numbers") != std::string::npos);
}

TEST_CASE("where all is well nothing is told, and whoever may connect may look") {
  const int version = GENERATE(from_range(available_versions()));
  CAPTURE(version);
  TestDatabase database = server(version).fresh_database();
  database.execute(all_is_well);
  server(version).make_login_role("condition_reader");
  const auto reader = connect({.conninfo = with_parameter(database.conninfo(), "user", "condition_reader")});
  for (Connection* connection : {&database.connection(), reader.get()}) {
    for (const Condition& one : looked_at(*connection)) FAIL_CHECK(one.object << " " << one.text);
  }
}

}  // namespace plumbline::testing
