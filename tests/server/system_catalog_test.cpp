#include <catch2/catch.hpp>
#include <map>

#include "snapshot/kinds/declarations.h"
#include "snapshot/query.h"
#include "tests/server/server.h"

namespace plumbline::testing {

namespace {

// How each row of a kind reads, by its name; the last attribute only says names.
std::map<std::string, std::string> rows_of(Connection& connection, const Kind& kind) {
  std::map<std::string, std::string> result;
  connection.query(kind_query(kind, connection.version()), [&](const Row& row) {
    result[std::string(row[4])] = std::string(row[5]) + " " + std::string(row[6]);
  });
  return result;
}

struct Alteration {
  std::string_view sql;
  int since = 14;
};

constexpr Alteration definitions[] = {
    {"ALTER FUNCTION now() VOLATILE"},
    {"CREATE OR REPLACE FUNCTION information_schema._pg_truetypid(pg_attribute, pg_type) RETURNS oid"
     " LANGUAGE sql AS 'SELECT 0::oid'"},
    {"UPDATE pg_proc SET proargdefaults = NULL WHERE proname = 'json_strip_nulls'", 18},
    {"UPDATE pg_aggregate SET aggmtransfn = 0 WHERE aggfnoid = 'sum(int4)'::regprocedure"},
    {"ALTER OPERATOR = (int4, int4) SET (JOIN = NONE)"},
    {"ALTER DOMAIN information_schema.yes_or_no SET DEFAULT 'YES'"},
    {"ALTER DOMAIN information_schema.yes_or_no DROP CONSTRAINT yes_or_no_check"},
    {"ALTER TABLE information_schema.sql_features ALTER feature_id SET STATISTICS 7"},
    {"ALTER TABLE information_schema.sql_features DROP COLUMN comments"},
    {"ALTER TEXT SEARCH TEMPLATE simple RENAME TO simpler"},
    {"ALTER TEXT SEARCH DICTIONARY english_stem (stopwords)"},
    {"ALTER TEXT SEARCH CONFIGURATION english DROP MAPPING FOR word"},
    {"CREATE OR REPLACE VIEW pg_catalog.pg_group AS SELECT NULL::name AS groname, 0::oid AS grosysid,"
     " NULL::oid[] AS grolist"},
    {"COMMENT ON FUNCTION now() IS 'x'"},
    {"COMMENT ON VIEW pg_catalog.pg_tables IS 'x'"},
    {"COMMENT ON COLUMN information_schema.tables.table_name IS 'x'"},
    {"COMMENT ON SCHEMA information_schema IS 'x'"},
    {"COMMENT ON TEXT SEARCH CONFIGURATION english IS NULL"},
};

constexpr Alteration owners_and_privileges[] = {
    {"GRANT SELECT (relname) ON pg_class TO pg_monitor"},
    {"REVOKE EXECUTE ON FUNCTION now() FROM PUBLIC"},
    {"REVOKE USAGE ON LANGUAGE sql FROM PUBLIC"},
    {"GRANT CREATE ON SCHEMA pg_catalog TO pg_monitor"},
    {"ALTER OPERATOR + (int4, int4) OWNER TO pg_monitor"},
    {"ALTER OPERATOR CLASS int4_ops USING btree OWNER TO pg_monitor"},
    {"ALTER OPERATOR FAMILY integer_ops USING btree OWNER TO pg_monitor"},
    {"ALTER COLLATION \"C\" OWNER TO pg_monitor"},
    {"ALTER CONVERSION iso_8859_1_to_utf8 OWNER TO pg_monitor"},
    {"ALTER TEXT SEARCH DICTIONARY english_stem OWNER TO pg_monitor"},
    {"ALTER TEXT SEARCH CONFIGURATION english OWNER TO pg_monitor"},
};

void each_changes_one(Connection& connection, const Kind& kind, std::span<const Alteration> alterations) {
  const auto before = rows_of(connection, kind);
  for (const Alteration& one : alterations) {
    if (one.since > connection.version()) continue;
    INFO(one.sql);
    connection.execute("BEGIN");
    REQUIRE_NOTHROW(connection.execute(one.sql));
    const auto after = rows_of(connection, kind);
    connection.execute("ROLLBACK");
    CHECK(after != before);
  }
  CHECK(rows_of(connection, kind) == before);
}

}  // namespace

TEST_CASE("whatever is altered of what came with the server is seen") {
  const int version = GENERATE(from_range(available_versions()));
  CAPTURE(version);
  TestDatabase database = server(version).fresh_database();
  Connection& connection = database.connection();
  connection.execute("SET allow_system_table_mods = on");
  each_changes_one(connection, kinds::system_catalog, definitions);
  each_changes_one(connection, kinds::system_object, owners_and_privileges);
}

TEST_CASE("two databases of one server say the same of what came with it, whatever else they hold") {
  const int version = GENERATE(from_range(available_versions()));
  CAPTURE(version);
  TestDatabase plain = server(version).fresh_database(), used = server(version).fresh_database();
  used.execute(
      "CREATE EXTENSION pg_trgm; CREATE TABLE t (a int PRIMARY KEY, b text); COMMENT ON TABLE t IS 'x';"
      "DROP SCHEMA public CASCADE; COMMENT ON EXTENSION plpgsql IS NULL; ANALYZE;"
      "REVOKE EXECUTE ON FUNCTION now() FROM PUBLIC; GRANT EXECUTE ON FUNCTION now() TO PUBLIC;"
      "REVOKE USAGE ON LANGUAGE sql FROM PUBLIC; GRANT USAGE ON LANGUAGE sql TO PUBLIC;"
      "GRANT SELECT (relname) ON pg_class TO pg_monitor; REVOKE SELECT (relname) ON pg_class FROM pg_monitor;"
      "ALTER FUNCTION abs(int) COST 7; ALTER FUNCTION abs(int) COST 1");
  for (const Kind* kind : {&kinds::system_catalog, &kinds::system_object}) {
    CHECK(rows_of(plain.connection(), *kind) == rows_of(used.connection(), *kind));
  }
}

TEST_CASE("a schema public that was made anew has the privileges of one that a restore took them from") {
  const int version = GENERATE(from_range(available_versions()));
  CAPTURE(version);
  TestDatabase anew = server(version).fresh_database(), restored = server(version).fresh_database();
  anew.execute("DROP SCHEMA public; CREATE SCHEMA public");
  restored.execute(
      "ALTER SCHEMA public OWNER TO postgres; COMMENT ON SCHEMA public IS NULL;"
      "REVOKE ALL ON SCHEMA public FROM PUBLIC");
  for (TestDatabase* each : {&anew, &restored}) {
    CHECK(rows_of(each->connection(), kinds::schema)["public"].ends_with(" none"));
  }
}

}  // namespace plumbline::testing
