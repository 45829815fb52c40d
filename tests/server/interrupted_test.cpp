#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

#include "postgres/error.h"
#include "tests/server/project.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

bool soon(const std::function<bool()>& happens) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    if (happens()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// The program at work on a project, in a thread of its own.
std::future<ProgramResult> at_work(const Project& project) {
  return std::async(std::launch::async, [&project] { return project.check(); });
}

// Ends the session that waits on the live database; true when there was one.
bool end_waiting_session(Connection& administrator, const std::string& database) {
  return administrator.value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                             database +
                             "' AND application_name = 'plumbline' AND wait_event_type = 'Lock'") == "t";
}

// The throw-away server that lives in the project's place for them.
std::unique_ptr<Connection> throw_away_server(const Project& project) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(project.servers(), error)) {
    try {
      return connect({.conninfo = "host=" + entry.path().string() + " user=postgres dbname=postgres",
                      .application_name = "test"});
    } catch (const Error&) {  // on its way up
    }
  }
  return nullptr;
}

// Waits until the replay has come to the statement that sleeps.
std::unique_ptr<Connection> server_while_it_sleeps(const Project& project) {
  std::unique_ptr<Connection> connection;
  soon([&] {
    if (!connection) connection = throw_away_server(project);
    return connection &&
           connection->value("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").has_value();
  });
  REQUIRE(connection);
  return connection;
}

// The program whose arguments name the project's live database.
pid_t process_of(const TestDatabase& database) {
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    const std::string words{std::istreambuf_iterator<char>(file), {}};
    if (words.starts_with(PLUMBLINE_PROGRAM) && words.find(database.name()) != std::string::npos)
      return std::stoi(entry.path().filename().string());
  }
  return 0;
}

const std::string sleeps = "CREATE TABLE orders (id int);\nSELECT pg_sleep(60);\n";

}  // namespace

TEST_CASE("a connection that is cut while live is read is an error, never a verdict") {
  Project project;
  project.migrations({"CREATE TABLE orders (id int);\nCREATE VIEW ids AS SELECT id FROM orders;\n"});
  project.live("CREATE TABLE orders (id int); CREATE VIEW ids AS SELECT id FROM orders", 1);
  const auto blocker = server().shadow().connect(project.database().name());
  SECTION("while the ledger is read") { blocker->execute("BEGIN; LOCK TABLE schema_migrations"); }
  SECTION("while the schema is read") { blocker->execute("BEGIN; LOCK TABLE orders"); }
  auto run = at_work(project);
  const auto administrator = server().shadow().connect("postgres");
  CHECK(soon([&] { return end_waiting_session(*administrator, project.database().name()); }));
  check_refused(run.get(), {"terminating connection due to administrator command"});
}

TEST_CASE("a lock that somebody keeps on live is waited for five seconds, and then told") {
  Project project;
  project.migrations({"CREATE TABLE orders (id int);\nCREATE VIEW ids AS SELECT id FROM orders;\n"});
  project.live("CREATE TABLE orders (id int); CREATE VIEW ids AS SELECT id FROM orders", 1);
  const auto blocker = server().shadow().connect(project.database().name());
  blocker->execute("BEGIN; LOCK TABLE orders");
  check_refused(project.check(), {"reading every view", "lock timeout", "Another session holds the lock"});
}

TEST_CASE("a connection that is cut while migrations are replayed is an error that says where") {
  Project project;
  project.migrations({sleeps});
  project.live("", 1);
  auto run = at_work(project);
  auto connection = server_while_it_sleeps(project);
  connection->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
                    [](const Row&) {});
  connection.reset();
  check_refused(run.get(), {"db/000001_step.up.sql:2:1: ", "terminating connection"});
  CHECK(entries(project.servers()) == 0);
}

TEST_CASE("an interrupt while migrations are replayed leaves nothing behind") {
  const int signal = GENERATE(SIGINT, SIGTERM);
  Project project;
  project.migrations({sleeps});
  project.live("", 1);
  auto run = at_work(project);
  server_while_it_sleeps(project).reset();
  const pid_t process = process_of(project.database());
  REQUIRE(process > 0);
  kill(process, signal);
  const ProgramResult result = run.get();
  CHECK(result.exit_code == 128 + signal);
  CHECK(result.out == "");
  CHECK(soon([&] { return entries(project.servers()) == 0; }));
}
