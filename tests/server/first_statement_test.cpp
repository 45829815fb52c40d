// What a migration may do between its BEGIN and its first query. Whatever we ask in between would be that
// first query, and SET TRANSACTION must come before it; whatever we set or save must not be in its way.
#include <catch2/catch.hpp>

#include "postgres/text.h"
#include "tests/server/migrated.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

// Each stands behind BEGIN; "t" is what the migration makes afterwards, "orders" is there before.
const std::vector<std::string> firsts{
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE, NOT DEFERRABLE;",
    "-- a comment\nSET LOCAL transaction_isolation = 'serializable';",
    "SET LOCAL lock_timeout = '3s'; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "SET LOCAL search_path = public, pg_temp; SHOW search_path; RESET work_mem;\n"
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "SET LOCAL statement_timeout = '4s'; SET LOCAL idle_in_transaction_session_timeout = '10s';",
    "SET LOCAL ROLE NONE; SET LOCAL SESSION AUTHORIZATION DEFAULT; SET TRANSACTION ISOLATION LEVEL "
    "SERIALIZABLE;",
    "SET CONSTRAINTS ALL DEFERRED; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;",
    "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "LISTEN news; NOTIFY news, 'x'; UNLISTEN news; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "CHECKPOINT; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "SAVEPOINT a; RELEASE SAVEPOINT a; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "SAVEPOINT a; ROLLBACK TO SAVEPOINT a; RELEASE a; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "COMMIT AND CHAIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "ROLLBACK AND CHAIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
    "DECLARE c NO SCROLL CURSOR FOR SELECT generate_series(1, 3) AS g; FETCH 1 FROM c; MOVE 1 IN c; CLOSE c;",
    "SELECT pg_advisory_xact_lock(1); SELECT set_config('my.own', 'x', true);",
    "PREPARE p AS SELECT 1; EXECUTE p; DEALLOCATE p;",
    "DEALLOCATE ALL;",
    "INSERT INTO children VALUES (1, 7);\nINSERT INTO parents VALUES (7) ON CONFLICT DO NOTHING;",
    "CREATE TEMPORARY TABLE passing (id int) ON COMMIT DROP; INSERT INTO passing VALUES (1);"};

const std::vector<std::string> begins{"BEGIN;", "START TRANSACTION;",
                                      "BEGIN ISOLATION LEVEL REPEATABLE READ;"};

std::string prelude() {
  return "CREATE TABLE orders (id int);\nCREATE TABLE parents (id int PRIMARY KEY);\n"
         "CREATE TABLE children (id int, parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);";
}

std::string table(std::size_t number) { return "t" + std::to_string(number); }

// With a BEGIN of the file's own, and with the one that comes from us.
std::size_t write_all(const Migrated& live) {
  std::size_t number = 0;
  live.write("plumbline.toml", "[runner]\nschema_versions = \"off\"\n");
  live.migration(1, prelude(), "DROP TABLE children, parents, orders;");
  const auto add = [&](const std::string& up, const std::string& down) {
    ++number;
    const std::string version = std::to_string(20250200 + number / 24) + "_" +
                                std::to_string(1000000 + number % 24 * 10000).substr(1);
    live.write("db/" + version + "_step.sql", "-- ============= UP MIGRATION =============\n" + up +
                                                  "\n-- ============= DOWN MIGRATION ============\n" + down +
                                                  "\n");
  };
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    const std::string rows = " DELETE FROM children; DELETE FROM parents;";
    const std::string& begin = begins[i % begins.size()];
    const bool levels_clash = begin.find("ISOLATION") != std::string::npos;
    const std::string made = "CREATE TABLE " + table(number + 1) + " (id int);";
    add((levels_clash ? begins[0] : begin) + "\n" + firsts[i] + "\n" + made + "\nCOMMIT;",
        "BEGIN;\n" + firsts[i] + rows + "\nDROP TABLE " + table(number + 1) + ";\nCOMMIT;");
    if (firsts[i].find("AND CHAIN") != std::string::npos) continue;
    const std::string again = "CREATE TABLE " + table(number + 1) + " (id int);";
    add(firsts[i] + "\n" + again, firsts[i] + rows + "\nDROP TABLE " + table(number + 1) + ";");
  }
  add("BEGIN;\nSET TRANSACTION READ ONLY;\nSELECT count(*) FROM orders;\nCOMMIT;\nCREATE TABLE last (id "
      "int);",
      "DROP TABLE last;");
  add("SET default_transaction_read_only = on;\nSELECT 1;", "SELECT 1;");
  return number;
}

}  // namespace

TEST_CASE("what must come first in a transaction does, in up, in the replay and in the proof of downs") {
  Migrated live;
  const std::size_t count = write_all(live);
  const std::string applied = live.ok({"up"});
  CHECK_THAT(applied, Contains(std::to_string(count + 1) + " migrations"));
  CHECK_THAT(live.ok({"check"}), Contains("no drift"));
  const ProgramResult proof = run_plumbline(
      {"prove", "--migrations", "db"}, {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  INFO(proof.err << proof.out);
  CHECK(proof.exit_code == 0);
  live.ok({"down", "--steps", std::to_string(count + 1)});
  CHECK(live.value("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'") == "0");
}

TEST_CASE("what is made behind such a statement is still told by its line") {
  for (const std::string& first : firsts) {
    INFO(first);
    Migrated live;
    live.write("plumbline.toml", "[runner]\nschema_versions = \"off\"\n");
    live.migration(1, prelude());
    live.migration(
        2, "BEGIN;\n" + first + "\nCREATE TABLE made (id int);\nCOMMIT;\nCREATE TABLE more (id int);");
    live.ok({"up"});
    live.execute("DROP TABLE made; DROP TABLE more");
    const ProgramResult check = live.run({"check", "--format", "json"});
    INFO(check.err);
    CHECK(check.exit_code == 2);
    const std::string made = std::to_string(3 + std::count(first.begin(), first.end(), '\n') + 1);
    const std::string more = std::to_string(3 + std::count(first.begin(), first.end(), '\n') + 3);
    CHECK_THAT(check.out, Contains("\"line\": " + made) && Contains("\"line\": " + more));
  }
}

TEST_CASE("a repair is proven on a history of such migrations") {
  Migrated live;
  write_all(live);
  live.ok({"up"});
  live.execute("DROP TABLE last; ALTER TABLE orders ADD COLUMN more int");
  const ProgramResult repair = live.run({"catchup", "--revert", "--allow-hazards", "DELETES_DATA"});
  INFO(repair.err);
  CHECK(repair.exit_code == 0);
  CHECK_THAT(repair.out, Contains("CREATE TABLE"));
}

TEST_CASE("what runs at the commit finds the role and the search_path of its migration") {
  Migrated live;
  server().make_login_role("first_statement_owner");
  live.execute("CREATE SCHEMA apart; GRANT ALL ON SCHEMA apart TO first_statement_owner");
  live.migration(1, R"sql(
SET LOCAL search_path = apart, pg_catalog;
CREATE TABLE noted (who text, path text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO noted VALUES (current_user, current_setting(''search_path'')); RETURN NULL; END';
CREATE TABLE rows (id int);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON rows DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION note();
GRANT ALL ON rows, noted TO first_statement_owner;
SET LOCAL ROLE first_statement_owner;
INSERT INTO rows VALUES (1);)sql",
                 "SELECT 1;");
  live.ok({"up"});
  CHECK(live.value("SELECT who || ' ' || path FROM apart.noted") ==
        "first_statement_owner apart, pg_catalog");
  CHECK(live.ledger() == "1 applied");
}
