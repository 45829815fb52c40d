#include "expected/information_schema.h"

#include <catch2/catch.hpp>

#include "postgres/text.h"
#include "snapshot/capture.h"
#include "tests/server/all_sorts.h"
#include "tests/server/held_promises.h"
#include "tests/server/real_schemas.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

constexpr const char* rights = R"sql(
GRANT SELECT, INSERT ON s.parent TO published_reader; GRANT SELECT (a), UPDATE (b) ON "Odd ""one"""."Child, of" TO published_reader;
GRANT SELECT ON s.v TO PUBLIC; GRANT UPDATE ON s.whole TO published_reader WITH GRANT OPTION;
REVOKE INSERT ON s.heir FROM CURRENT_USER; REVOKE EXECUTE ON FUNCTION s.rows FROM PUBLIC;
GRANT EXECUTE ON FUNCTION s.rows TO published_reader; REVOKE ALL ON FUNCTION s.atomic FROM PUBLIC;
GRANT USAGE ON SEQUENCE s.up TO published_reader WITH GRANT OPTION; REVOKE ALL ON TYPE s.pair FROM PUBLIC;
REVOKE ALL ON DOMAIN s.tag FROM PUBLIC; GRANT USAGE ON DOMAIN s.tag TO published_reader;
GRANT USAGE ON FOREIGN SERVER far TO published_reader;
)sql";

// Some tables to read, some to write to, one column of each of the others.
constexpr const char* some_rights = R"sql(
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT c.oid::regclass AS name, c.oid::int8 % 3 AS sort, (SELECT quote_ident(attname) FROM pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped LIMIT 1) AS first
    FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'f') AND c.oid >= 16384 AND relnamespace::regnamespace::text !~ '^pg_' LOOP
    CASE r.sort WHEN 0 THEN EXECUTE format('GRANT SELECT ON %s TO published_reader', r.name);
      WHEN 1 THEN EXECUTE format('GRANT INSERT, REFERENCES ON %s TO published_reader WITH GRANT OPTION', r.name);
      ELSE IF r.first IS NOT NULL THEN EXECUTE format('GRANT SELECT (%s) ON %s TO published_reader', r.first, r.name); END IF;
    END CASE;
  END LOOP;
END $$)sql";

InformationSchema published(Connection& connection) {
  const ReadTransaction transaction(connection);
  return read_information_schema(connection);
}

InformationSchema published_to(TestServer& on, const TestDatabase& database, const std::string& role) {
  on.make_login_role(role);
  return published(*connect({.conninfo = with_parameter(database.conninfo(), "user", role)}));
}

std::size_t rows_of(const InformationSchema& published) {
  std::size_t count = 0;
  for (const auto& [view, rows] : published.views) count += rows.rows.size();
  return count;
}

// As a superuser, and once more as a role that is shown a part.
void check_held(TestServer& on, TestDatabase& database, const std::string& reader) {
  SymbolTable symbols;
  const Snapshot snapshot = [&] {
    const ReadTransaction transaction(database.connection());
    return capture(database.connection(), symbols);
  }();
  const InformationSchema whole = published(database.connection());
  const Holding held = hold(snapshot, whole);
  std::vector<std::string> unheld;
  for (const auto& [why, count] : held.not_in_snapshot) unheld.push_back(std::to_string(count) + " " + why);
  INFO(held.facts << " facts held; not in a snapshot: " << join(unheld, "; "));
  CHECK(join(held.disagreements, "\n") == "");
  CHECK(held.facts > 500);

  const InformationSchema part = published_to(on, database, reader);
  const Holding seen = hold(snapshot, part);
  INFO(rows_of(part) << " of " << rows_of(whole) << " rows are shown to " << reader);
  CHECK(join(seen.disagreements, "\n") == "");
  CHECK(seen.facts > 50);
  CHECK(rows_of(part) < rows_of(whole));
}

}  // namespace

TEST_CASE(
    "what information_schema publishes is what the snapshot has, for a superuser and for a role with few "
    "rights") {
  for (const int version : available_versions()) {
    DYNAMIC_SECTION("on server " << version) {
      TestServer& on = server(version);
      on.make_login_role("published_reader");
      TestDatabase database = on.fresh_database();
      database.execute(all_sorts);
      database.execute(rights);
      check_held(on, database, "published_reader");
    }
  }
}

TEST_CASE(
    "columns of information_schema that are not read are empty, the same everywhere, or the database's "
    "name") {
  for (const int version : available_versions()) {
    DYNAMIC_SECTION("on server " << version) {
      TestDatabase database = server(version).fresh_database();
      database.execute(all_sorts);
      CHECK(join(wrong_reasons(database.connection()), "\n") == "");
    }
  }
}

TEST_CASE("a view or column that no table of information_schema knows is told") {
  TestDatabase database = server().fresh_database();
  database.execute(
      "SET allow_system_table_mods = on; CREATE VIEW information_schema.moods AS SELECT 1 AS mood;"
      "ALTER VIEW information_schema.domains RENAME COLUMN dtd_identifier TO mood");
  CHECK(join(published(database.connection()).unknown, ", ") == "domains.mood, moods");
}

TEST_CASE("a fact that the snapshot has otherwise is told with the object and both values") {
  TestDatabase one = server().fresh_database(), other = server().fresh_database();
  one.execute("CREATE TABLE t (a int, b varchar(3))");
  other.execute("CREATE TABLE t (a int NOT NULL, b varchar(4), c int)");
  SymbolTable symbols;
  const ReadTransaction transaction(one.connection());
  const std::string said =
      join(hold(capture(one.connection(), symbols), published(other.connection())).disagreements, "\n");
  CHECK_THAT(said,
             Catch::Contains("columns public.t.a: is_nullable is \"NO\", and the snapshot has \"YES\""));
  CHECK_THAT(said,
             Catch::Contains("public.t.b: character_maximum_length is \"4\", and the snapshot has \"3\""));
  CHECK_THAT(said, Catch::Contains("columns public.t.c: is published, and the snapshot does not have it"));
}

TEST_CASE("what information_schema publishes of real schemas is what the snapshot has", "[.real]") {
  if (!has_real_folder()) return;
  struct RealFiles {
    const char* name;
    std::vector<const char*> files;
  };
  const RealFiles schema = GENERATE(values<RealFiles>({{"adventureworks", {"schema.sql"}},
                                                       {"bytebase_latest", {"schema.sql"}},
                                                       {"hatchet_declared", {"schema.sql"}},
                                                       {"pagila", {"schema.sql"}},
                                                       {"pg_regress", {"roles.sql", "schema.sql"}},
                                                       {"sakila", {"schema.sql"}},
                                                       {"yb_omnibus", {"schema-clean.sql"}}}));
  const int version = GENERATE(from_range(available_versions()));
  DYNAMIC_SECTION(schema.name << " on server " << version) {
    TestServer& on = server(version);
    TestDatabase database = on.fresh_database();
    std::vector<std::filesystem::path> files;
    for (const char* file : schema.files) files.push_back(real_folder() / "schemas" / schema.name / file);
    load_files(on, database, files);
    on.make_login_role("published_reader");
    database.execute(some_rights);
    check_held(on, database, "published_reader");
  }
}
