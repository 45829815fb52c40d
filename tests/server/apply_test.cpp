// catchup --revert --apply: it repairs what was proven on the live database it was proven for, or does
// nothing.
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "runner/ledger_schema.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"
#include "tests/server/terminal.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

const std::string two_tables =
    "CREATE TABLE users (id int PRIMARY KEY, name text);\n"
    "CREATE TABLE orders (id int PRIMARY KEY, user_id int, total numeric);\n";

// plumbline migrates it, so that it has a ledger.
void own_ledger(Migrated& live) {
  live.migration(1, two_tables, "DROP TABLE orders; DROP TABLE users;");
  live.ok({"up"});
}

// Another tool does.
void other_ledger(Project& project, const std::string& drift) {
  project.migrations({two_tables});
  project.live(two_tables + drift, 1);
}

std::vector<std::string> apply_with(std::vector<std::string> more) {
  more.insert(more.begin(), {"catchup", "--revert", "--apply"});
  return more;
}

ProgramResult apply(const Project& project, TestDatabase& live, std::vector<std::string> more) {
  more.insert(more.begin(), {"--migrations", "db", "--url", live.conninfo()});
  return project.run(apply_with(more));
}

std::string value(TestDatabase& live, const std::string& sql) {
  return live.connection().value(sql).value_or("none");
}

// A second session of the same database.
std::unique_ptr<Connection> another(TestDatabase& live) { return connect({.conninfo = live.conninfo()}); }

// Until the query returns true; a minute at most.
bool becomes_true(Connection& connection, const std::string& sql) {
  for (int i = 0; i < 1200; ++i) {
    if (connection.value(sql) == "t") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

const std::string somebody_asks_for_the_lock =
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    "pg_backend_pid() AND query LIKE '%pg_try_advisory_lock%')";

// catchup --revert where somebody types this when he is asked; a question ends in `question`.
ProgramResult typing(const Project& project, TestDatabase& live, const std::string& typed,
                     const std::string& flag = "--apply", const std::string& question = "to go on: ") {
  return on_terminal({"catchup", "--revert", flag, "--migrations", "db", "--url", live.conninfo()},
                     {{"PLUMBLINE_CACHE_DIR", test_cache()}, {"PLUMBLINE_TMPDIR", project.servers()}},
                     project.path(), typed, question);
}

}  // namespace

TEST_CASE("--apply repairs live and records it in the ledger") {
  Migrated live;
  own_ledger(live);
  live.execute(
      "CREATE INDEX by_hand ON orders (total); ALTER TABLE users ALTER name SET DEFAULT 'x';"
      "COMMENT ON TABLE users IS 'by hand'");
  const ProgramResult done = live.run(apply_with({"--yes"}));
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK_THAT(done.out, Contains("repaired index public.orders.by_hand") && Contains("findings repaired in"));
  CHECK(live.run({"check"}).exit_code == 0);
  CHECK(live.value("SELECT string_agg(action, ',' ORDER BY id) FROM plumbline.migration_history "
                   "WHERE action LIKE 'catch_up%'") == "catch_up_started,catch_up");
  CHECK(live.value("SELECT details ~ '^live schema [0-9a-f]{64}; [^;]+; afterwards [0-9a-f]{64}$' AND "
                   "statements = statements_done FROM plumbline.migration_history WHERE action = "
                   "'catch_up'") == "t");
  CHECK(live.ok({"history", "--verify"}) != "");
  CHECK(live.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
  const ProgramResult again = live.run(apply_with({"--yes"}));
  CHECK(again.exit_code == 0);
  CHECK_THAT(again.err, Contains("there is nothing to do"));
}

TEST_CASE("without a ledger of plumbline --apply repairs and leaves none") {
  Project project;
  other_ledger(project, "CREATE INDEX by_hand ON orders (total); ALTER TABLE users ADD UNIQUE (name);");
  TestDatabase& live = project.database();
  const ProgramResult done = apply(project, live, {"--yes"});
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK_THAT(done.err, Contains("nothing is recorded"));
  CHECK(value(live, "SELECT to_regnamespace('plumbline') IS NULL") == "t");
  CHECK(project.check().exit_code == 0);
}

TEST_CASE("what is held back stays, the rest is applied, and the exit code is 2") {
  Project project;
  other_ledger(project,
               "ALTER TABLE users ADD COLUMN age int; INSERT INTO users VALUES (1, 'a', 9);"
               "CREATE INDEX by_hand ON orders (total);");
  TestDatabase& live = project.database();
  const ProgramResult done = apply(project, live, {"--yes"});
  INFO(done.err);
  CHECK(done.exit_code == 2);
  CHECK_THAT(done.err, Contains("not repaired: column public.users.age") && Contains("DELETES_DATA"));
  CHECK_THAT(done.out, Contains("repaired index public.orders.by_hand") && !Contains("age"));
  CHECK(value(live, "SELECT to_regclass('by_hand') IS NULL AND (SELECT age = 9 FROM users)") == "t");
  const ProgramResult nothing = apply(project, live, {"--yes"});
  CHECK(nothing.exit_code == 2);
  CHECK_THAT(nothing.err, Contains("nothing can be repaired"));
  const ProgramResult one = apply(project, live, {"--yes", "--allow-hazards", "DELETES_DATA"});
  CHECK(one.exit_code == 0);
  CHECK(project.check().exit_code == 0);
}

TEST_CASE("what is pending is not applied behind the ledger's back") {
  Migrated live;
  own_ledger(live);
  live.migration(2, "CREATE TABLE later (id int);", "DROP TABLE later;");
  check_refused(live.run(apply_with({"--yes", "--at", "head"})),
                {"--at head is not what the ledger of live says is applied", "plumbline up"});
  CHECK(live.value("SELECT to_regclass('later') IS NULL") == "t");
  CHECK(live.run(apply_with({"--yes"})).exit_code == 0);
}

TEST_CASE("--only applies what it names") {
  Project project;
  other_ledger(project, "CREATE INDEX by_hand ON orders (total); CREATE INDEX second ON orders (user_id);");
  TestDatabase& live = project.database();
  const ProgramResult done = apply(project, live, {"--yes", "--only", "public.orders.second"});
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(value(live, "SELECT to_regclass('second') IS NULL AND to_regclass('by_hand') IS NOT NULL") == "t");
}

TEST_CASE("on a terminal somebody is asked whether it was renamed") {
  const std::map<std::string, std::vector<std::string>> answers{
      {"y\n", {"taken as --rename public.users.mail=public.users.name", "RENAME COLUMN mail TO name"}},
      {"n\n", {"taken as --no-rename public.users.name", "ADD COLUMN name text", "not repaired: column"}},
      {"\n", {"not repaired: column", "say --rename public.users.mail=public.users.name"}},
      {"\4", {"not repaired: column", "say --rename public.users.mail=public.users.name"}}};
  for (const auto& [typed, said] : answers) {
    INFO(typed);
    Project project;
    other_ledger(project,
                 "ALTER TABLE users RENAME name TO mail; INSERT INTO users VALUES (1, 'a');"
                 "INSERT INTO users SELECT i, repeat('a', 900) FROM generate_series(2, 20000) i; ANALYZE");
    const ProgramResult done = typing(project, project.database(), typed, "--verbose", "as it is: ");
    for (const std::string& text : said) CHECK_THAT(done.out, Contains(text));
  }
}

TEST_CASE("a name in a question does not steer the terminal") {
  Project project;
  other_ledger(
      project,
      "ALTER TABLE users RENAME name TO \"m\x1b]0;t\x07\\nail\"; INSERT INTO users VALUES (1, 'a');");
  const ProgramResult done = typing(project, project.database(), "\n", "--verbose", "as it is: ");
  CHECK_THAT(done.out, Contains("m\\x1b]0;t\\x07") && !Contains("\x1b]0;"));
}

TEST_CASE("--only takes every id that a report has") {
  TestDatabase live = server().fresh_database(), other = server().fresh_database();
  live.execute(two_tables +
               "ALTER TABLE users ADD COLUMN own serial; CREATE INDEX by_own ON users (own);"
               "ALTER TABLE orders RENAME total TO sum");
  other.execute(two_tables +
                "COMMENT ON TABLE orders IS 'all'; ALTER TABLE users ADD UNIQUE (name); CREATE VIEW v AS "
                "SELECT 1 AS a;");
  const Project project;
  const std::vector<std::string> words{"diff", live.conninfo(), other.conninfo()};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return project.run(more);
  };
  const auto report = nlohmann::json::parse(with({"--format", "json"}).out);
  REQUIRE(report["findings"].size() >= 6);
  for (const auto& finding : report["findings"]) {
    INFO(finding.dump());
    const ProgramResult done =
        with({"--sql", "--only", finding["id"].get<std::string>(), "--allow-hazards", "DELETES_DATA"});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK_THAT(done.out, Contains("\n-- Repairs:"));
  }
}

TEST_CASE("nobody is asked without a terminal, and flags that do not go together are refused") {
  Project project;
  other_ledger(project, "CREATE INDEX by_hand ON orders (total);");
  TestDatabase& live = project.database();
  const ProgramResult unasked = apply(project, live, {});
  CHECK(unasked.exit_code == 64);
  CHECK_THAT(unasked.err, Contains("--yes"));
  const std::vector<std::vector<std::string>> wrong = {
      {"--adopt"}, {"--write"}, {"--section", "up"}, {"--output", "x.sql"}, {"--unproven"}};
  for (std::vector<std::string> more : wrong) {
    INFO(more.front());
    more.emplace_back("--yes");
    const ProgramResult refused = apply(project, live, more);
    CHECK(refused.exit_code == 64);
    CHECK_THAT(refused.err, Contains("--apply and " + more.front()));
  }
  CHECK(project.run({"catchup", "--revert", "--yes", "--url", live.conninfo()}).exit_code == 64);
  project.write("plumbline.toml", "[runner]\nrequire_approval = true\n");
  check_refused(apply(project, live, {"--yes"}), {"approve"});
  CHECK(value(live, "SELECT to_regclass('by_hand') IS NOT NULL") == "t");
}

TEST_CASE("on a terminal the script is shown, and only yes runs it") {
  Project project;
  other_ledger(project, "CREATE INDEX by_hand ON orders (total);");
  TestDatabase& live = project.database();
  const std::string is_there = "SELECT to_regclass('by_hand') IS NOT NULL";
  const std::string interrupt = "\x03", end = "\x04";
  const std::vector<std::pair<std::string, int>> answers = {
      {"no\n", 2}, {"\n", 2}, {"yes, but\n", 2}, {end, 2}, {interrupt, 128 + 2}};
  for (const auto& [typed, exit_code] : answers) {
    const ProgramResult left = typing(project, live, typed);
    INFO(left.out);
    CHECK(left.exit_code == exit_code);
    CHECK_THAT(left.out, Contains("DROP INDEX CONCURRENTLY public.by_hand;") &&
                             Contains("repair 1 finding on ") && Contains(" now? Type yes to go on: "));
    CHECK(value(live, is_there) == "t");
    CHECK(value(live, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
  }
  const ProgramResult done = typing(project, live, "yes\n");
  INFO(done.out);
  CHECK(done.exit_code == 0);
  CHECK(value(live, is_there) == "f");
}

// The plan is made before the lock is asked for: what happens until it is got is what the check is for.
TEST_CASE("live that moves between plan and lock is left alone") {
  Project project;
  other_ledger(project, "CREATE INDEX by_hand ON orders (total);");
  TestDatabase& live = project.database();
  const std::string change =
      GENERATE("CREATE INDEX another ON orders (user_id)", "INSERT INTO schema_migrations VALUES (2, false)");
  project.migrations({two_tables, "SELECT 1;"});
  live.execute("SELECT pg_advisory_lock(" + migration_lock_key("plumbline") + ")");
  ProgramResult result;
  std::thread applying([&] { result = apply(project, live, {"--yes", "--wait", "60"}); });
  const bool waits = becomes_true(live.connection(), somebody_asks_for_the_lock);
  if (change.starts_with("INSERT")) live.execute("DELETE FROM schema_migrations");
  live.execute(change);
  live.execute("SELECT pg_advisory_unlock_all()");
  applying.join();
  REQUIRE(waits);
  check_refused(result, {"live has changed since the plan was made", "Nothing was changed", "again"});
  CHECK(value(live, "SELECT to_regclass('by_hand') IS NOT NULL") == "t");
}

TEST_CASE("up and --apply exclude each other, with and without a ledger") {
  Migrated own;
  own_ledger(own);
  own.execute("CREATE INDEX by_hand ON orders (total)");
  own.execute("SELECT pg_advisory_lock(" + migration_lock_key("plumbline") + ")");
  check_refused(own.run(apply_with({"--yes", "--wait", "0"})), {"holds the migration lock"});
  CHECK(own.value("SELECT to_regclass('by_hand') IS NOT NULL") == "t");

  Project other;
  other_ledger(other, "CREATE INDEX by_hand ON orders (total);");
  other.database().execute("SELECT pg_advisory_lock(" + migration_lock_key("plumbline") + ")");
  check_refused(apply(other, other.database(), {"--yes", "--wait", "0"}), {"holds the migration lock"});
  CHECK(value(other.database(), "SELECT to_regclass('by_hand') IS NOT NULL") == "t");
}

TEST_CASE("a lock that is not got is tried again, and then nothing is done") {
  Migrated live;
  own_ledger(live);
  live.execute("ALTER TABLE users ALTER name SET DEFAULT 'x'");
  live.write("plumbline.toml", "[runner]\nlock_timeout = \"100ms\"\nretries = 2\n");
  const std::unique_ptr<Connection> holder = another(live.database());
  holder->execute("BEGIN; LOCK TABLE users IN ROW EXCLUSIVE MODE");
  check_refused(live.run(apply_with({"--yes"})),
                {"try 2 in 250 ms", "try 3 in 500 ms", "lock timeout", "Nothing was changed."});
  CHECK(live.value("SELECT reason LIKE '%lock timeout%' AND statements_done = 0 FROM "
                   "plumbline.migration_history WHERE action = 'catch_up_failed'") == "t");
  CHECK(live.value("SELECT count(*) FROM plumbline.migration_locks WHERE doing <> ''") == "0");
  live.write("plumbline.toml", "[runner]\nlock_timeout = \"100ms\"\nretries = 9\n");
  std::thread releasing([&] {
    becomes_true(live.database().connection(),
                 "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass)");
    holder->execute("ROLLBACK");
  });
  const ProgramResult done = live.run(apply_with({"--yes"}));
  releasing.join();
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(live.run({"check"}).exit_code == 0);
}

// A database whose users table has a default of nobody's, an index that nobody has planned, and an event
// trigger that does this after the command of that tag, but on live only: the proof knows nothing of it.
class Meddled : public Project {
 public:
  Meddled(const std::string& tag, const std::string& what) {
    const std::string trigger =
        "CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "current_database() = '" +
        database().name() + "' AND to_regclass('public.meddled') IS NULL THEN " + what +
        "; END IF; END $$; CREATE EVENT TRIGGER meddling ON ddl_command_end WHEN TAG IN ('" + tag +
        "') EXECUTE FUNCTION meddle();";
    migrations({two_tables + trigger});
    live(two_tables + "ALTER TABLE users ALTER name SET DEFAULT 'x'; CREATE INDEX by_hand ON users (name);" +
             trigger,
         1);
  }
  ProgramResult apply(const std::vector<std::string>& more) { return ::apply(*this, database(), more); }
  bool has_default() {
    return value(database(), "SELECT EXISTS (SELECT FROM pg_attrdef WHERE adrelid = 'users'::regclass)") ==
           "t";
  }
  bool is_there(const std::string& name) {
    return value(database(), "SELECT to_regclass('" + name + "') IS NOT NULL") == "t";
  }
};

TEST_CASE("what does not become what was proven is rolled back and named") {
  Meddled project("ALTER TABLE", "CREATE TABLE public.meddled (id int)");
  const ProgramResult result = project.apply({"--yes", "--only", "public.users.name"});
  check_refused(result, {"\"unexpected table public.meddled\" is new", "rolled back"});
  CHECK(!project.is_there("meddled"));
  CHECK(project.has_default());
}

TEST_CASE("what cannot be rolled back is named afterwards") {
  Meddled project("DROP INDEX", "CREATE TABLE public.meddled (id int)");
  const ProgramResult result = project.apply({"--yes", "--only", "public.users.by_hand"});
  check_refused(result, {"\"unexpected table public.meddled\" is new", "The script is done."});
  CHECK(!project.is_there("by_hand"));
}

TEST_CASE("a script that fails says what is done, and the next run does the rest") {
  Meddled project("DROP INDEX",
                  "IF EXISTS (SELECT FROM public.users WHERE id = -1) THEN RAISE 'not today'; END IF");
  project.database().execute("INSERT INTO users VALUES (-1)");
  const ProgramResult result = project.apply({"--yes"});
  check_refused(result, {"not today", "catchup --revert:"});
  CHECK(project.is_there("by_hand"));
  const bool all_there = project.has_default();
  CHECK_THAT(result.err, Contains("What was committed before it stays") ||
                             Contains("outside a transaction") || Contains("Nothing was changed"));
  CHECK((result.err.find("Nothing was changed") == std::string::npos || all_there));
  project.database().execute("DELETE FROM users");
  CHECK(project.apply({"--yes"}).exit_code == 0);
  CHECK(!project.is_there("by_hand"));
  CHECK(!project.has_default());
}
