// Signals to a program that writes: the statement under way is cancelled, the locks are gone within two
// seconds, the ledger says what happened, and the run can go on.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "postgres/error.h"
#include "runner/ledger_schema.h"
#include "tests/server/migrated.h"
#include "tests/server/running.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

using Instant = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds limit{2000}, limit_when_killed{5000};

bool within(milliseconds time, const std::function<bool()>& happens) {
  const Instant::time_point end = Instant::now() + time;
  while (!happens()) {
    if (Instant::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

struct Disturbed {
  std::string name, up;
  std::string header = {};
  bool blocked = false;     // another session has the table
  std::string locked = {};  // what nobody else gets while the statement is at work; empty: nothing
};

const std::string none = "-- Transaction: none\n";

const std::vector<Disturbed> statements{
    {"a query", "ALTER TABLE orders ADD COLUMN a int;\nSELECT slow();", {}, false, "orders"},
    {"a rewrite", "ALTER TABLE orders ADD COLUMN a int DEFAULT slow();", {}, false, "orders"},
    {"an index", "CREATE INDEX o ON orders (slow_of(id));"},
    {"an index, concurrently", "CREATE INDEX CONCURRENTLY o ON orders (slow_of(id));"},
    {"an update", "LOCK TABLE orders;\nUPDATE orders SET id = id + slow();", {}, false, "orders"},
    {"a loop",
     "LOCK TABLE orders;\nDO $$ DECLARE start timestamptz := clock_timestamp(); BEGIN WHILE "
     "clock_timestamp() < "
     "start + make_interval(secs => (SELECT seconds FROM pace)) LOOP PERFORM 1; END LOOP; END $$;",
     {},
     false,
     "orders"},
    {"a copy", "LOCK TABLE orders;\nCOPY slowly FROM stdin;\n1\n2\n\\.\n", {}, false, "orders"},
    {"a wait for a lock", "ALTER TABLE orders ADD COLUMN a int;", {}, true},
    {"a vacuum that waits", "VACUUM orders;", none, true},
    {"a procedure", "CALL slow_steps();", none},
    {"a deferred trigger at the commit",
     "LOCK TABLE orders;\nINSERT INTO late VALUES (1);",
     {},
     false,
     "orders"},
    {"a constraint", "ALTER TABLE orders ADD CHECK (slow_of(id) >= 0);", {}, false, "orders"},
    {"a view's rows",
     "LOCK TABLE orders;\nCREATE MATERIALIZED VIEW v AS SELECT slow_of(id) FROM orders;",
     {},
     false,
     "orders"}};

// Everything is slow as long as the table "pace" says so.
void prepare(Migrated& live, const Disturbed& statement) {
  live.write("plumbline.toml", "[runner]\nschema_versions = \"off\"\nlock_timeout = \"60s\"\n");
  live.execute(R"sql(
    CREATE TABLE pace (seconds int); INSERT INTO pace VALUES (60);
    CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2);
    CREATE FUNCTION slow() RETURNS int LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(seconds) FROM public.pace; RETURN 0; END';
    CREATE FUNCTION slow_of(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.slow(); END';
    CREATE FUNCTION slow_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM slow(); RETURN NEW; END';
    CREATE TABLE slowly (id int);
    CREATE TRIGGER slow BEFORE INSERT ON slowly FOR EACH ROW EXECUTE FUNCTION slow_row();
    CREATE TABLE late (id int);
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION slow_row();
    CREATE PROCEDURE slow_steps() LANGUAGE plpgsql AS 'BEGIN COMMIT; PERFORM slow(); COMMIT; END')sql");
  live.migration(1, statement.up, "SELECT 1;", statement.header);
}

std::string sessions(const std::string& which) {
  return "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
         "'plumbline' AND pid <> pg_backend_pid()" +
         which;
}

// Until the session that migrates sleeps, computes or waits, and has done so for an instant.
bool is_at_it(Migrated& live) {
  return within(milliseconds(60'000), [&] {
    return live.value(sessions(
               " AND state = 'active' AND clock_timestamp() > query_start + interval '0.3 s'")) != "0";
  });
}

std::unique_ptr<Connection> somebody(Migrated& live) {
  return connect({.conninfo = with_parameter(live.database().conninfo(), "application_name", "somebody")});
}

class Blocker {
 public:
  Blocker(Migrated& live, bool wanted) {
    if (!wanted) return;
    connection_ = somebody(live);
    connection_->execute("BEGIN; LOCK TABLE orders");
  }
  void go() { connection_.reset(); }

 private:
  std::unique_ptr<Connection> connection_;
};

bool is_free(Migrated& live) {
  try {
    live.execute("BEGIN; LOCK TABLE orders NOWAIT");
  } catch (const Error&) {
    live.execute("ROLLBACK");
    return false;
  }
  live.execute("ROLLBACK");
  return true;
}

std::vector<std::string> up_of(Migrated& live) {
  return {"up", "--migrations", "db", "--url", live.database().conninfo()};
}

void goes_on(Migrated& live) {
  live.execute("UPDATE pace SET seconds = 0");
  ProgramResult result = live.run({"up"});
  if (result.exit_code != 0) result = live.run({"up", "--resume"});
  if (result.exit_code != 0) {  // a procedure that commits, of which the catalogue knows nothing
    live.ok({"repair", Migrated::version(1), "--statement", "not-done", "--reason", "interrupted"});
    result = live.run({"up"});
  }
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(live.ledger() == "1 applied");
}

}  // namespace

TEST_CASE("SIGTERM cancels each kind of statement, frees its locks within two seconds and is noted") {
  for (const Disturbed& statement : statements) {
    INFO(statement.name);
    Migrated live;
    prepare(live, statement);
    Blocker blocker(live, statement.blocked);
    RunningProgram program(up_of(live), {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
    REQUIRE(is_at_it(live));
    if (!statement.locked.empty()) CHECK_THROWS(live.execute("LOCK TABLE " + statement.locked + " NOWAIT"));
    program.send(SIGTERM);
    CHECK(within(limit, [&] { return live.value(sessions("")) == "0"; }));
    const ProgramResult result = program.wait();
    INFO(result.err);
    CHECK(result.exit_code == 128 + SIGTERM);
    CHECK_THAT(result.err, Contains("interrupted by SIGTERM"));
    blocker.go();
    CHECK(within(limit, [&] { return is_free(live); }));
    CHECK_THAT(live.ledger(), Catch::StartsWith("1 failed"));
    CHECK_THAT(live.value("SELECT string_agg(action || ': ' || reason, '; ' ORDER BY id) FROM "
                          "plumbline.migration_history WHERE action IN ('failed', 'interrupted')"),
               Contains("failed: ") && Contains("interrupted: interrupted by SIGTERM"));
    goes_on(live);
  }
}

TEST_CASE("a run that is killed loses its session and its locks within seconds") {
  for (const Disturbed& statement : statements) {
    INFO(statement.name);
    Migrated live;
    prepare(live, statement);
    Blocker blocker(live, statement.blocked);
    RunningProgram program(up_of(live), {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
    REQUIRE(is_at_it(live));
    program.send(SIGKILL);
    CHECK(program.wait().exit_code == 128 + SIGKILL);
    CHECK(within(limit_when_killed, [&] { return live.value(sessions("")) == "0"; }));
  }
}

TEST_CASE("SIGINT and SIGHUP end a run in the same way") {
  const int signal = GENERATE(SIGINT, SIGHUP);
  Migrated live;
  prepare(live, statements[0]);
  RunningProgram program(up_of(live), {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  REQUIRE(is_at_it(live));
  program.send(signal);
  program.send(signal);  // as from a terminal and from whoever started us
  CHECK(program.wait().exit_code == 128 + signal);
  CHECK(live.ledger() == "1 failed");
  CHECK(live.value("SELECT count(*) FROM plumbline.migration_locks WHERE holder IS NOT NULL") == "0");
  goes_on(live);
}

TEST_CASE("a signal between two migrations leaves the first applied and says how far the run came") {
  Migrated live;
  prepare(live, {"", "CREATE TABLE one (id int);"});
  live.migration(2, "SELECT slow();");
  RunningProgram program(up_of(live), {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  REQUIRE(is_at_it(live));
  program.send(SIGTERM);
  CHECK(program.wait().exit_code == 128 + SIGTERM);
  CHECK(live.ledger() == "1 applied, 2 failed");
  CHECK(live.value("SELECT details FROM plumbline.migration_history WHERE action = 'interrupted'") ==
        "after 1 of 2 migrations of the run");
}

TEST_CASE("a signal ends what a run waits for: the migration lock, its backup, its next try") {
  Migrated live;
  prepare(live, {"", "ALTER TABLE orders ADD COLUMN a int;"});
  const auto other = somebody(live);
  const std::string begun = "SELECT to_regclass('plumbline.migration_locks') IS NOT NULL";
  SECTION("the migration lock") {
    live.ok({"baseline", Migrated::version(1)});
    live.migration(2, "CREATE TABLE two (id int);");
    other->query("SELECT pg_advisory_lock(" + migration_lock_key("plumbline") + ")", [](const Row&) {});
  }
  SECTION("its backup") {
    live.write("plumbline.toml", "[runner]\nbackup_command = \"echo at it > begun; exec sleep 60\"\n");
  }
  SECTION("its next try") {
    live.write("plumbline.toml", "[runner]\nlock_timeout = \"10ms\"\nretries = 50\n");
    other->execute("BEGIN; LOCK TABLE orders");
  }
  const Environment environment{{"PLUMBLINE_CACHE_DIR", test_cache().string()},
                                {"PLUMBLINE_TRUST_PROJECT", "1"}};
  RunningProgram program(up_of(live), environment, {}, live.path());
  REQUIRE(within(milliseconds(30'000), [&] { return live.value(begun) == "t"; }));
  std::this_thread::sleep_for(milliseconds(1500));
  const Instant::time_point sent = Instant::now();
  program.send(SIGTERM);
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(Instant::now() - sent < limit);
  CHECK(result.exit_code == 128 + SIGTERM);
  CHECK(within(limit, [&] { return live.value(sessions("")) == "0"; }));
}

TEST_CASE("a signal while a repair is applied cancels it, frees the locks and is noted") {
  Migrated live;
  live.migration(1, "CREATE TABLE orders (id int, a int);", "DROP TABLE orders;");
  live.ok({"up"});
  live.execute("ALTER TABLE orders DROP COLUMN a");
  const auto other = somebody(live);
  other->execute("BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE");
  RunningProgram program(
      {"catchup", "--revert", "--apply", "--yes", "--migrations", "db", "--url", live.database().conninfo()},
      {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  REQUIRE(within(milliseconds(60'000),
                 [&] { return live.value(sessions(" AND wait_event_type = 'Lock'")) == "1"; }));
  program.send(SIGTERM);
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(result.exit_code == 128 + SIGTERM);
  CHECK(live.value("SELECT reason FROM plumbline.migration_history WHERE action = 'catch_up_failed'")
            .find("interrupted by SIGTERM") != std::string::npos);
  CHECK(live.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
}

TEST_CASE("a signal that was ignored when the program began stays ignored") {
  Migrated live;
  prepare(live, statements[0]);
  live.execute("UPDATE pace SET seconds = 2");
  std::signal(SIGINT, SIG_IGN);
  RunningProgram program(up_of(live), {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  std::signal(SIGINT, SIG_DFL);
  REQUIRE(is_at_it(live));
  program.send(SIGINT);
  CHECK(program.wait().exit_code == 0);
  CHECK(live.ledger() == "1 applied");
}

TEST_CASE("a signal to a program that only reads ends it and its query on live") {
  Migrated live;
  live.migration(1, "CREATE TABLE orders (id int);\nCREATE VIEW ids AS SELECT id FROM orders;");
  live.ok({"up"});
  Blocker blocker(live, true);
  RunningProgram program({"check", "--migrations", "db", "--url", live.database().conninfo()},
                         {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
  REQUIRE(is_at_it(live));
  program.send(SIGINT);
  CHECK(within(limit, [&] { return live.value(sessions("")) == "0"; }));
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(result.exit_code == 128 + SIGINT);
  CHECK(result.out == "");
}
