// Kills the runner, or cuts its connection, at random moments of applying mixed migrations: afterwards the
// ledger must tell the truth about the schema, and going on must end where an undisturbed run ends.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "migrations/directory.h"
#include "migrations/execution.h"
#include "postgres/text.h"
#include "runner/ledger_rows.h"
#include "runner/record.h"
#include "tests/server/migrated.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

using Clock = std::chrono::steady_clock;
constexpr int migrations = 20;

int points() {
  const char* said = std::getenv("PLUMBLINE_CRASH_POINTS");
  return said ? std::atoi(said) : 100;
}

std::string note(int number, int statement) {
  return "INSERT INTO journal VALUES ('" + std::to_string(number) + "." + std::to_string(statement) + "');\n";
}

// One transaction; concurrent indexes; enum values; transactions of the file's own; none at all; long ones.
void write_migrations(const Migrated& live) {
  live.write("plumbline.toml", "[runner]\nschema_versions = \"off\"\n");
  live.migration(1,
                 "CREATE TABLE journal (what text); CREATE TYPE mood AS ENUM ('fine');\n"
                 "CREATE TABLE orders (id int, a text, b text);\n"
                 "INSERT INTO orders SELECT g, g::text, g::text FROM generate_series(1, 3000) g;");
  for (int i = 2; i <= migrations; ++i) {
    const std::string n = std::to_string(i);
    const std::string table = "CREATE TABLE t" + n;
    switch (i % 5) {
      case 0:
        live.migration(
            i, note(i, 1) + "CREATE INDEX CONCURRENTLY ON orders (a, (id + " + n + "));\n" + note(i, 3));
        break;
      case 1:
        live.migration(i, "ALTER TYPE mood ADD VALUE 'v" + n + "';\n" + note(i, 2) + table + "m (m mood);");
        break;
      case 2:
        live.migration(i, "BEGIN; " + table + "a (id int);\n" + note(i, 3) + "COMMIT;\nBEGIN; " + table +
                              "b (id int);\n" + note(i, 7) + "COMMIT;");
        break;
      case 3:
        live.migration(
            i, "INSERT INTO orders SELECT g FROM generate_series(1, 500) g; SELECT pg_sleep(0.02);\n" +
                   note(i, 3) + "ALTER TABLE orders ADD COLUMN c" + n + " int DEFAULT " + n + ";");
        break;
      default:
        live.migration(i,
                       table + "x (id int);\n" + note(i, 2) + "CREATE INDEX CONCURRENTLY o" + n +
                           " ON orders (b);\n" + table + "y (id int);\nDROP INDEX CONCURRENTLY o" + n + ";",
                       "", "-- Transaction: none\n");
    }
  }
}

// Everything that must be as it should, but for the ledger.
std::string state_of(Connection& connection) {
  SymbolTable symbols;
  const std::string schema = read_schema(connection, symbols, "plumbline").fingerprint();
  if (connection.value("SELECT to_regclass('orders') IS NULL") == "t") return schema;
  return schema +
         *connection.value(
             "SELECT ' ' || (SELECT count(*) FROM orders) || ' ' || coalesce(string_agg(what, ' ' ORDER BY "
             "what), '') FROM journal");
}

// What the database is after the first `done` statements of the migration at a place, done one by one.
using States = std::map<std::pair<std::size_t, std::size_t>, std::string>;

States all_states(const Migrated& live) {
  MigrationOptions options;
  options.path = live.path() / "db";
  const MigrationDirectory directory = load_migrations(options);
  TestDatabase database = server().fresh_database();
  Connection& connection = database.connection();
  States states;
  for (std::size_t i = 0; i < directory.migrations.size(); ++i) {
    const Migration& migration = directory.migrations[i];
    states[{i, 0}] = state_of(connection);
    for (std::size_t j = 0; j < migration.up.size(); ++j) {
      const std::string& sql = migration.up[j].text;
      if (transaction_control(sql) == TransactionControl::none) connection.execute(sql);
      states[{i, j + 1}] = state_of(connection);
    }
  }
  states[{directory.migrations.size(), 0}] = state_of(connection);
  return states;
}

class Child {
 public:
  explicit Child(const Migrated& live, const std::string& conninfo) {
    pid_ = fork();
    if (pid_ != 0) return;
    if (chdir(live.path().c_str()) != 0) _exit(127);
    const int nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    execl(PLUMBLINE_PROGRAM, PLUMBLINE_PROGRAM, "up", "--migrations", "db", "--url", conninfo.c_str(),
          nullptr);
    _exit(127);
  }
  void kill() const { ::kill(pid_, SIGKILL); }
  void wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
  }

 private:
  pid_t pid_ = 0;
};

// A killed runner's session may go on with its last statement for a while.
void wait_for_sessions(Connection& connection) {
  while (
      connection.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid() AND backend_type = 'client backend'") != "0") {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

struct Truth {
  std::size_t applied = 0, done = 0, running = 0;
  bool in_order = true;
};

Truth ledger_of(Connection& connection) {
  Truth truth;
  std::size_t place = 0;
  for (const auto& [version, entry] : read_entries(connection, "plumbline")) {
    truth.in_order = truth.in_order && place == truth.applied;
    ++place;
    if (entry.state == "applied") ++truth.applied;
    truth.done = entry.state == "applied" ? 0 : entry.done;
    truth.running = entry.running;
  }
  return truth;
}

ProgramResult run_on(const Migrated& live, const std::string& conninfo, std::vector<std::string> words) {
  words.insert(words.end(), {"--migrations", "db", "--url", conninfo});
  return run_plumbline(words, {}, {}, live.path());
}

void recover(const Migrated& live, const std::string& conninfo, bool by_repair, const Truth& truth) {
  const bool partial = truth.done > 0 || truth.running > 0;
  if (partial) {
    CHECK(run_on(live, conninfo, {"up"}).exit_code == 1);
    if (by_repair) {
      const ProgramResult repaired = run_on(live, conninfo, {"repair", "--reason", "it was killed"});
      INFO(repaired.err);
      REQUIRE(repaired.exit_code == 0);
    }
  }
  const ProgramResult result = run_on(
      live, conninfo,
      partial && !by_repair ? std::vector<std::string>{"up", "--resume"} : std::vector<std::string>{"up"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
}

void disturb_often(bool cut_connection, unsigned seed) {
  Migrated live;
  write_migrations(live);
  const States states = all_states(live);
  const Clock::time_point start = Clock::now();
  live.ok({"up"});
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  REQUIRE(state_of(live.database().connection()) == states.at({migrations, 0}));

  std::mt19937 random(seed);
  std::uniform_int_distribution<long> moment(0, static_cast<long>(whole.count()));
  int partly = 0, running = 0;
  for (int i = 0; i < points(); ++i) {
    TestDatabase database = server().fresh_database();
    Connection& connection = database.connection();
    const Child child(live, database.conninfo());
    const std::chrono::microseconds delay(moment(random));
    std::this_thread::sleep_for(delay);
    if (cut_connection) {
      connection.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
          "current_database() AND pid <> pg_backend_pid() AND application_name = 'plumbline'");
    } else {
      child.kill();
    }
    child.wait();
    wait_for_sessions(connection);
    const Truth truth = ledger_of(connection);
    CAPTURE(i, delay.count(), truth.applied, truth.done, truth.running);
    REQUIRE(truth.in_order);
    if (truth.running == 0) REQUIRE(state_of(connection) == states.at({truth.applied, truth.done}));
    partly += truth.done > 0 ? 1 : 0;
    running += truth.running > 0 ? 1 : 0;
    recover(live, database.conninfo(), i % 2 == 0, truth);
    REQUIRE(state_of(connection) == states.at({migrations, 0}));
    REQUIRE(
        connection.value("SELECT count(*) || ' ' || count(DISTINCT version) FROM plumbline.migration_history "
                         "WHERE action = 'applied'") == "20 20");
    REQUIRE(connection.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
  }
  WARN(points() << (cut_connection ? " connections cut: " : " runners killed: ") << partly
                << " left a migration half done, " << running << " a statement whose end nobody had seen");
}

}  // namespace

TEST_CASE("a runner that is killed at any moment leaves a ledger that tells the truth") {
  disturb_often(false, 1);
}

TEST_CASE("a connection that is cut at any moment leaves a ledger that tells the truth") {
  disturb_often(true, 2);
}
