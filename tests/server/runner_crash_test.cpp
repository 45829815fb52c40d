// Kills the runner, or cuts its connection, at random moments of applying mixed migrations: afterwards the
// ledger must tell the truth about the schema, and going on must end where an undisturbed run ends.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
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
            i, "INSERT INTO orders SELECT g FROM generate_series(1, 500) g; SELECT pg_sleep(0.01);\n" +
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
  const std::string schema = read_schema(connection, symbols).fingerprint();
  if (connection.value("SELECT to_regclass('orders') IS NULL") == "t") return schema;
  return schema +
         *connection.value(
             "SELECT ' ' || (SELECT count(*) FROM orders) || ' ' || coalesce(string_agg(what, ' ' ORDER BY "
             "what), '') FROM journal");
}

// What the database is after the first `done` statements of the migration at a place, done one by one.
using States = std::map<std::pair<std::size_t, std::size_t>, std::string>;

States all_states(const std::filesystem::path& folder) {
  MigrationOptions options;
  options.path = folder;
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

// Both tests run the same migrations.
const States& states_of(const Migrated& live) {
  static const States states = all_states(live.path() / "db");
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

// What Catch may be told of in one thread only.
void insist(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

void recover(const Migrated& live, const std::string& conninfo, bool by_repair, const Truth& truth) {
  const bool partial = truth.done > 0 || truth.running > 0;
  if (partial) {
    insist(run_on(live, conninfo, {"up"}).exit_code == 1, "up passes what is half done");
    if (by_repair) {
      const ProgramResult repaired = run_on(live, conninfo, {"repair", "--reason", "it was killed"});
      insist(repaired.exit_code == 0, "repair fails: " + repaired.err);
    }
  }
  const ProgramResult result = run_on(
      live, conninfo,
      partial && !by_repair ? std::vector<std::string>{"up", "--resume"} : std::vector<std::string>{"up"});
  insist(result.exit_code == 0, "going on fails: " + result.err);
}

// Many points, some at a time: most of a point is waiting for a server or a program.
class Disturbance {
 public:
  Disturbance(const Migrated& live, bool cut_connection, std::chrono::microseconds whole)
      : live_(live), states_(states_of(live)), cut_connection_(cut_connection), whole_(whole) {}

  void run(unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<long> moment(0, static_cast<long>(whole_.count()));
    for (int i = 0; i < points(); ++i) delays_.emplace_back(moment(random));
    std::vector<std::thread> threads;
    const unsigned workers = std::max(2U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < workers; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& trouble : troubles_) FAIL_CHECK(trouble);
    CHECK(next_ >= points());
    WARN(points() << (cut_connection_ ? " connections cut: " : " runners killed: ") << partly_
                  << " left a migration half done, " << running_ << " a statement whose end nobody had seen");
  }

 private:
  void work() {
    for (int i = next_++; i < points(); i = next_++) {
      Truth truth;
      try {
        disturb(i, truth);
      } catch (const std::exception& error) {
        const std::lock_guard guard(mutex_);
        troubles_.push_back(
            "point " + std::to_string(i) + " after " + std::to_string(delays_[place(i)].count()) + " us, " +
            std::to_string(truth.applied) + " applied, statement " + std::to_string(truth.done) + " done, " +
            std::to_string(truth.running) + " running: " + error.what());
      }
    }
  }

  static std::size_t place(int i) { return static_cast<std::size_t>(i); }

  void strike(const Child& child, Connection& connection) const {
    if (!cut_connection_) return child.kill();
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid() AND application_name = 'plumbline'");
  }

  // Of a statement in flight the ledger says no more than that: it is done, or not, or has left an index
  // behind.
  bool is_true(const Truth& truth, Connection& connection) const {
    const std::string state = state_of(connection);
    if (truth.running == 0) return state == states_.at({truth.applied, truth.done});
    return state == states_.at({truth.applied, truth.running - 1}) ||
           state == states_.at({truth.applied, truth.running}) ||
           connection.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") != "0";
  }

  void disturb(int i, Truth& truth) {
    const Database database(*this);
    Connection& connection = database->connection();
    const Child child(live_, database->conninfo());
    std::this_thread::sleep_for(delays_[place(i)]);
    strike(child, connection);
    child.wait();
    wait_for_sessions(connection);
    truth = ledger_of(connection);
    partly_ += truth.done > 0 ? 1 : 0;
    running_ += truth.running > 0 ? 1 : 0;
    insist(truth.in_order, "applied out of order");
    insist(is_true(truth, connection), "the schema is not what the ledger says");
    recover(live_, database->conninfo(), i % 2 == 0, truth);
    insist(state_of(connection) == states_.at({migrations, 0}),
           "it does not end where an undisturbed run ends");
    insist(connection.value("SELECT count(*) || ' ' || count(DISTINCT version) FROM "
                            "plumbline.migration_history WHERE action = 'applied'") == "20 20",
           "a migration was applied twice, or never");
    insist(connection.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0",
           "an index is left invalid");
  }

  // Of the one server for all threads.
  class Database {
   public:
    explicit Database(Disturbance& all) : all_(all) {
      const std::lock_guard guard(all_.mutex_);
      database_ =
          std::make_unique<TestDatabase>(server().shadow(), "point_" + std::to_string(all_.databases_++));
    }
    ~Database() {
      const std::lock_guard guard(all_.mutex_);
      database_.reset();
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    TestDatabase* operator->() const { return database_.get(); }

   private:
    Disturbance& all_;
    std::unique_ptr<TestDatabase> database_;
  };

  const Migrated& live_;
  const States& states_;
  const bool cut_connection_;
  const std::chrono::microseconds whole_;
  std::vector<std::chrono::microseconds> delays_;
  std::atomic<int> next_ = 0, partly_ = 0, running_ = 0;
  std::mutex mutex_;
  int databases_ = 0;
  std::vector<std::string> troubles_;
};

void disturb_often(bool cut_connection, unsigned seed) {
  Migrated live;
  write_migrations(live);
  const States& states = states_of(live);
  const Clock::time_point start = Clock::now();
  live.ok({"up"});
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  REQUIRE(state_of(live.database().connection()) == states.at({migrations, 0}));
  Disturbance(live, cut_connection, whole).run(seed);
}

}  // namespace

TEST_CASE("a runner that is killed at any moment leaves a ledger that tells the truth") {
  disturb_often(false, 1);
}

TEST_CASE("a connection that is cut at any moment leaves a ledger that tells the truth") {
  disturb_often(true, 2);
}
