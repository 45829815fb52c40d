// Others change the schema while it is read. Each reading succeeds, or says in words which object was in the
// way.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "postgres/error.h"
#include "snapshot/undisturbed.h"
#include "tests/server/migrated.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

using Instant = std::chrono::steady_clock;

// PLUMBLINE_STORM_SECONDS=60 for the long version.
std::chrono::seconds storm_length() {
  const char* said = std::getenv("PLUMBLINE_STORM_SECONDS");
  return std::chrono::seconds(said ? std::atoi(said) : 8);
}

std::unique_ptr<Connection> somebody(Migrated& live) {
  return connect({.conninfo = with_parameter(live.database().conninfo(), "application_name", "somebody")});
}

// Makes, changes and drops objects of many kinds, some twenty times a second, until it is destroyed.
class Storm {
 public:
  explicit Storm(Migrated& live, int threads = 2) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, &live, i] { blow(*somebody(live), i); });
  }
  ~Storm() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  int statements() const { return statements_; }

 private:
  void blow(Connection& connection, int seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    while (!over_) {
      const std::string n = std::to_string(seed) + "_" + std::to_string(random() % 5);
      const std::string texts[] = {
          "CREATE TABLE IF NOT EXISTS s" + n + " (id int PRIMARY KEY, a text DEFAULT 'x', CHECK (id > 0))",
          "CREATE INDEX ON s" + n + " (lower(a))",
          "CREATE OR REPLACE VIEW v" + n + " AS SELECT id, a FROM s" + n,
          "ALTER TABLE s" + n + " ADD COLUMN IF NOT EXISTS b int DEFAULT 1",
          "ALTER TABLE s" + n + " DROP COLUMN IF EXISTS b",
          "CREATE OR REPLACE FUNCTION f" + n + "() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END",
          "DROP FUNCTION IF EXISTS f" + n,
          "DROP TABLE IF EXISTS s" + n + " CASCADE",
          "DROP VIEW IF EXISTS v" + n,
          "DO $$ BEGIN CREATE TYPE e" + n + " AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN END $$",
          "DROP TYPE IF EXISTS e" + n + " CASCADE"};
      try {
        connection.execute(texts[random() % std::size(texts)]);
      } catch (const Error&) {  // the other thread was faster
      }
      ++statements_;
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
    }
  }

  std::atomic<bool> over_ = false;
  std::atomic<int> statements_ = 0;
  std::vector<std::thread> threads_;
};

// Plain words, with a name; no bare internal error.
bool is_said_in_words(const std::string& errors) {
  return errors.find("the schema was changed each time it was read") != std::string::npos ||
         errors.find(" is locked by session ") != std::string::npos;
}

}  // namespace

TEST_CASE("snapshots, checks and runs beside a storm of DDL succeed or say which object was in the way") {
  Migrated live;
  live.migration(1, "CREATE TABLE kept (id int PRIMARY KEY);\nCREATE VIEW k AS SELECT id FROM kept;");
  live.ok({"up"});
  const Instant::time_point end = Instant::now() + storm_length();
  int readings = 0, succeeded = 0;
  {
    const Storm storm(live);
    for (int turn = 0; Instant::now() < end; ++turn) {
      const std::string number = std::to_string(2 + turn);
      ProgramResult result;
      if (turn % 3 == 0)
        result = run_plumbline({"snapshot", live.database().url()}, {}, {}, live.path());
      else if (turn % 3 == 1)
        result = live.run({"check", "--fail-on", "never"});
      else
        result = live.run({"catchup", "--revert", "--include", "kept"});
      INFO(result.err);
      ++readings;
      const bool fine = result.exit_code == 0 || result.exit_code == 2;
      succeeded += fine ? 1 : 0;
      if (!fine) CHECK(is_said_in_words(result.err));
    }
    CHECK(storm.statements() > 20);
  }
  INFO(succeeded << " of " << readings);
  CHECK(readings > 2);
  CHECK(succeeded * 10 >= readings * 8);
}

TEST_CASE("what vanished is named, by the transaction that still sees it") {
  Migrated live;
  live.execute("CREATE TABLE gone (id int CHECK (id > 0)); CREATE VIEW \"Seen\" AS SELECT id FROM gone");
  const std::string table = live.value("SELECT 'gone'::regclass::oid");
  const std::string view = live.value("SELECT '\"Seen\"'::regclass::oid");
  const std::string check = live.value("SELECT oid FROM pg_constraint WHERE conrelid = 'gone'::regclass");
  const auto reader = somebody(live);
  reader->execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
  live.execute("DROP TABLE gone CASCADE");
  const auto named = [&](const std::string& message) {
    return what_vanished(*reader, Error(message, "", {.sqlstate = "XX000"}));
  };
  CHECK_THAT(named("cache lookup failed for relation " + table), Catch::StartsWith("table public.gone"));
  CHECK(named("could not open relation with OID " + view) == "view public.\"Seen\"");
  CHECK(named("cache lookup failed for attribute 1 of relation " + table) == "table public.gone");
  CHECK(named("cache lookup failed for constraint " + check) == "constraint gone_id_check on public.gone");
  CHECK(named("cache lookup failed") == "");
  reader->execute("ROLLBACK");
}

TEST_CASE("errors of the catalogue at a moment lead to another try, all others do not") {
  const auto is = [](const std::string& state, const std::string& message) {
    return is_disturbance(Error(message, "", {.sqlstate = state}));
  };
  CHECK(is("XX000", "cache lookup failed for relation 16402"));
  CHECK(is("XX000", "could not open relation with OID 16402"));
  CHECK(is("XX000", "could not find tuple for constraint 16402"));
  CHECK(is("42P01", "relation with OID 16402 does not exist"));
  CHECK(is("42704", "type with OID 16402 does not exist"));
  CHECK(is("40P01", "deadlock detected"));
  CHECK_FALSE(is("42P01", "relation \"orders\" does not exist"));
  CHECK_FALSE(is("42501", "permission denied for table orders"));
  CHECK_FALSE(is("57014", "canceling statement due to statement timeout"));
  CHECK_FALSE(is("", "cannot read a file"));
}

TEST_CASE("a lock that stops a reading names its table and who holds it") {
  Migrated live;
  live.migration(1, "CREATE TABLE orders (id int);\nCREATE VIEW ids AS SELECT id FROM orders;");
  live.ok({"up"});
  const auto holder = somebody(live);
  holder->execute("BEGIN; LOCK TABLE orders");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"check"}, std::vector<std::string>{"catchup", "--revert"}}) {
    const ProgramResult result = live.run(command);
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains("public.orders is locked by session " +
                                    holder->value("SELECT pg_backend_pid()").value_or("")) &&
                               Contains("(somebody)") && Contains("idle in transaction"));
  }
}

TEST_CASE("a migration that waits too long for a lock names the table and who holds it") {
  Migrated live;
  live.execute("CREATE TABLE orders (id int)");
  live.write("plumbline.toml", "[runner]\nlock_timeout = \"1s\"\nretries = 0\n");
  live.migration(1, "ALTER TABLE orders ADD COLUMN a int;");
  const auto holder = somebody(live);
  holder->execute("BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE");
  const ProgramResult result = live.run({"up"});
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("it waited for a lock on public.orders that is held by session ") &&
                             Contains("(somebody), idle in transaction"));
}
