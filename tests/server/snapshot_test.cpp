#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "snapshot/capture.h"
#include "snapshot/json.h"
#include "tests/server/server.h"
#include "tests/support/golden.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

// Something of most kinds, with names and texts that need quoting.
constexpr const char* rich = R"sql(
CREATE EXTENSION citext;
CREATE SCHEMA "Sales ""dept""";
SET search_path = "Sales ""dept""", public;
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE DOMAIN price AS numeric(12,2) DEFAULT 0 CHECK (VALUE >= 0);
CREATE TYPE pair AS (a int, b text);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE SEQUENCE ticket INCREMENT 5 OWNED BY NONE;
CREATE TABLE "Customer" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name citext NOT NULL UNIQUE,
  "the mood" mood DEFAULT 'sad', doubled int GENERATED ALWAYS AS (1 + 1) STORED);
CREATE TABLE orders (id bigint, customer int REFERENCES "Customer" ON DELETE CASCADE DEFERRABLE, total price,
  day date NOT NULL, PRIMARY KEY (id, day), CONSTRAINT "total > 0" CHECK (total > 0)) PARTITION BY RANGE (day);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON orders (customer) INCLUDE (total) WHERE total > 10;
CREATE TABLE kept (LIKE orders INCLUDING ALL) WITH (fillfactor = 70);
CREATE UNLOGGED TABLE scratch () INHERITS ("Customer");
CREATE VIEW totals WITH (security_barrier) AS SELECT customer, sum(total) AS total FROM orders GROUP BY 1;
CREATE MATERIALIZED VIEW best AS SELECT * FROM totals WHERE total > 100;
CREATE FUNCTION add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT a
       + b -- "quoted", \ and 
$$;
CREATE PROCEDURE nothing() LANGUAGE plpgsql AS 'BEGIN END';
CREATE AGGREGATE product(int) (SFUNC = int4mul, STYPE = int, INITCOND = '1');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER touched BEFORE UPDATE OF name ON "Customer" FOR EACH ROW WHEN (old.name <> new.name)
  EXECUTE FUNCTION touch();
CREATE RULE keep AS ON DELETE TO scratch DO ALSO NOTHING;
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON kept FOR SELECT USING (customer > 0);
CREATE STATISTICS both_columns ON customer, total FROM kept;
CREATE PUBLICATION everything FOR TABLE ONLY "Customer";
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'far.example.org');
CREATE FOREIGN TABLE distant (id int) SERVER far;
COMMENT ON TABLE "Customer" IS E'caf\u00E9 \\ "x"\nsecond line';
COMMENT ON COLUMN orders.total IS 'in €';
GRANT SELECT, INSERT (name) ON "Customer" TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
)sql";

std::string captured(Connection& connection, SymbolTable& symbols, bool helped = false) {
  const ReadTransaction transaction(connection);
  CaptureOptions options;
  if (helped) options.more = [&] { return server().shadow().connect(connection.database()); };
  std::ostringstream out;
  write_json(capture(connection, symbols, options), out);
  return out.str();
}

std::string violations(const Json& file) {
  const Json published = Json::parse(read_text(std::string(PLUMBLINE_SOURCE) + "/docs/snapshot.schema.json"));
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(published), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, Adapter(file), &results);
  std::string text;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    for (const std::string& part : error.context) text += part;
    text += ": " + error.description + "\n";
  }
  return text;
}

void collect_kinds(const Json& kinds, std::set<std::string>& names) {
  for (const auto& [kind, objects] : kinds.items()) {
    names.insert(kind);
    for (const Json& object : objects) {
      if (object.contains("children")) collect_kinds(object["children"], names);
    }
  }
}

}  // namespace

TEST_CASE("a snapshot of a rich schema is as the published schema says, and reads back to the byte") {
  TestDatabase database = server().fresh_database();
  database.execute(rich);
  SymbolTable symbols;
  const std::string text = captured(database.connection(), symbols);
  const Json file = Json::parse(text);
  CHECK(violations(file) == "");
  std::set<std::string> kinds;
  collect_kinds(file["objects"], kinds);
  CHECK(kinds.size() >= 29);

  SymbolTable others;
  std::istringstream in(text);
  const Snapshot back = read_json(in, others, "live.json");
  std::ostringstream again;
  write_json(back, again);
  CHECK(again.str() == text);
}

TEST_CASE("the published schema refuses what is no snapshot") {
  TestDatabase database = server().fresh_database();
  database.execute("CREATE TABLE t (a int)");
  SymbolTable symbols;
  Json file = Json::parse(captured(database.connection(), symbols));
  SECTION("another version") { file["version"] = 2; }
  SECTION("a field too many") { file["oid"] = 4711; }
  SECTION("a field too few") { file.erase("objects"); }
  SECTION("a number for a text") { file["objects"]["table"][0]["owner"] = 10; }
  SECTION("an object without a name") { file["objects"]["table"][0].erase("name"); }
  SECTION("an empty attribute") { file["objects"]["table"][0]["comment"] = ""; }
  SECTION("a column without a name") { file["objects"]["table"][0]["children"]["column"][0].erase("name"); }
  CHECK(violations(file) != "");
}

TEST_CASE("the same schema gives the same bytes, in whatever order it was made and however it is read") {
  TestDatabase one = server().fresh_database(), other = server().fresh_database();
  one.execute(
      "CREATE TABLE a (x int, y int); CREATE TABLE b (z text); CREATE INDEX b_z ON b (z);"
      "CREATE INDEX a_x ON a (x); GRANT SELECT ON a TO PUBLIC; GRANT INSERT ON a TO PUBLIC");
  other.execute(
      "CREATE TABLE gone (); DROP TABLE gone; CREATE TABLE b (dropped int, z text);"
      "ALTER TABLE b DROP dropped; CREATE TABLE a (x int, y int); CREATE INDEX a_x ON a (x);"
      "CREATE INDEX b_z ON b (z); GRANT INSERT ON a TO PUBLIC; GRANT SELECT ON a TO PUBLIC");
  SymbolTable symbols, others;
  const std::string text = captured(one.connection(), symbols);
  CHECK(captured(one.connection(), others) == text);
  CHECK(captured(other.connection(), others) == text);
}

TEST_CASE("two connections read the same bytes as one") {
  TestDatabase database = server().fresh_database();
  database.execute(
      "DO $$ BEGIN FOR i IN 1..1600 LOOP EXECUTE format('CREATE TABLE t_%s (a int)', i);"
      " END LOOP; END $$; CREATE VIEW v AS SELECT a FROM t_1");
  SymbolTable symbols, others;
  CHECK(captured(database.connection(), symbols, true) == captured(database.connection(), others));
}
