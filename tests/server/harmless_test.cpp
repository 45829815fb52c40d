#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <thread>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/snapshot.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

// Views, a rule, a policy and a function whose texts the server prints by looking at other tables.
constexpr const char* schema = R"sql(
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, total numeric CHECK (total >= 0));
CREATE INDEX orders_by_customer ON orders (customer) WHERE total > 0;
CREATE TABLE archive (LIKE orders);
CREATE VIEW totals AS SELECT customer, sum(total) AS total FROM orders GROUP BY customer;
CREATE MATERIALIZED VIEW best AS SELECT c.name FROM customers c JOIN totals t ON t.customer = c.id;
CREATE RULE keep AS ON DELETE TO orders DO ALSO INSERT INTO archive SELECT old.*;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING (customer IN (SELECT id FROM customers WHERE name = current_user));
CREATE FUNCTION spent(who int) RETURNS numeric BEGIN ATOMIC SELECT sum(total) FROM orders WHERE customer = who; END;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
)sql";

// More relations than one connection reads.
constexpr const char* many_tables =
    "DO $$ BEGIN FOR i IN 1..1600 LOOP EXECUTE format('CREATE TABLE t_%s ()', i); END LOOP; END $$;\n";

constexpr const char* ledger =
    "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
    "INSERT INTO schema_migrations VALUES (1, false)";

// A history of one migration and a database that has it.
class Project {
 public:
  // `delay`: SQL that only the replay runs.
  explicit Project(const std::string& sql, const std::string& delay = "")
      : database_(server().fresh_database()) {
    folder_.write("db/000001_all.up.sql", sql + delay);
    database_.execute(sql);
    database_.execute(ledger);
  }

  TestDatabase& database() { return database_; }
  ProgramResult check(const std::string& conninfo) const {
    return run_plumbline({"check", "--migrations", "db", "--url", conninfo},
                         {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, folder_.path());
  }

 private:
  TemporaryDirectory folder_;
  TestDatabase database_;
};

// What a server was told, by the process that heard it.
class Record {
 public:
  explicit Record(TestDatabase& database)
      : log_(fs::path(database.connection().value("SHOW data_directory").value()).parent_path() / "log"),
        conninfo_(
            with_parameter(database.conninfo(), "options", "-c log_statement=all -c log_min_messages=log")),
        start_(fs::file_size(log_)) {}

  // What is sent over connections made with this is recorded.
  const std::string& conninfo() const { return conninfo_; }

  std::map<std::string, std::vector<std::string>> statements() const {
    std::ifstream file(log_, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(start_));
    const std::regex line(R"(^\S+ \S+ \S+ \[([0-9]+)\] (.*)$)");
    std::map<std::string, std::vector<std::string>> result;
    std::string process;
    for (std::string text; std::getline(file, text);) {
      std::smatch match;
      const bool begins = text.front() != '\t' && std::regex_match(text, match, line);
      if (begins) process = match[1];
      // A statement with bound parameters is logged as an execution, and its values in a line of their own.
      constexpr std::string_view parameters = "DETAIL:  Parameters: ";
      const std::string rest = begins ? match[2].str() : text;
      if (!begins && !result[process].empty()) result[process].back() += " " + text;
      if (begins && !rest.starts_with(parameters)) result[process].push_back(without_mark(rest));
    }
    return result;
  }

 private:
  static std::string without_mark(const std::string& text) {
    for (const std::string_view mark : {"LOG:  statement: ", "LOG:  execute <unnamed>: "}) {
      if (text.starts_with(mark)) return text.substr(mark.size());
    }
    return text;
  }

  fs::path log_;
  std::string conninfo_;
  std::uintmax_t start_;
};

bool starts_with_any(const std::string& text, const std::vector<std::string>& beginnings) {
  return std::ranges::any_of(beginnings, [&](const auto& beginning) { return text.starts_with(beginning); });
}

// One message to the server may hold several statements; the settings of the transaction come like that.
bool only_reads(const std::string& message) {
  if (message.starts_with("SET LOCAL ")) {
    const std::vector<std::string> parts = split(message, ';');
    // What SET cannot say for a server that may not have the setting; true: until the end of the transaction.
    return std::ranges::all_of(parts, [](const auto& part) {
      return trim(part).starts_with("SET LOCAL ") ||
             trim(part).starts_with(
                 "SELECT pg_catalog.set_config('client_connection_check_interval', '1s', true) WHERE ");
    });
  }
  static const std::vector<std::string> reads{"SELECT", "COPY (SELECT", "SAVEPOINT plumbline_reading",
                                              "ROLLBACK TO SAVEPOINT plumbline_reading; RELEASE SAVEPOINT "
                                              "plumbline_reading",
                                              "WITH"};
  return message == "ROLLBACK" || starts_with_any(std::string(trim(message)), reads);
}

void check_session(const std::vector<std::string>& messages) {
  REQUIRE(messages.size() > 3);
  CHECK(messages.front().starts_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  CHECK(messages.back() == "ROLLBACK");
  CHECK(std::ranges::count(messages, "ROLLBACK") == 1);
  for (std::size_t i = 1; i < messages.size(); ++i) {
    INFO(messages[i]);
    CHECK(only_reads(messages[i]));
    if (messages[i].starts_with("COPY")) CHECK(messages[i].ends_with(") TO STDOUT"));
  }
}

const char* const locks_on_users_relations =
    "SELECT coalesce(string_agg(relation::regclass || ' ' || mode, ', '), '') FROM pg_locks"
    " WHERE relation >= 16384 AND database = (SELECT oid FROM pg_database WHERE datname = "
    "current_database())";

}  // namespace

TEST_CASE("check sends the live database only reads, in one read-only transaction") {
  Project project(schema);
  const Record record(project.database());
  const ProgramResult result = project.check(record.conninfo());
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  const auto sessions = record.statements();
  REQUIRE(sessions.size() == 1);
  check_session(sessions.begin()->second);
}

TEST_CASE("a large schema is read over several connections, one read-only transaction each") {
  Project project(many_tables);
  const Record record(project.database());
  const ProgramResult result = project.check(record.conninfo());
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  const auto sessions = record.statements();
  CHECK(sessions.size() == 2);
  for (const auto& [process, messages] : sessions) check_session(messages);
}

TEST_CASE("check works for a role that may connect and read the ledger, and nothing else") {
  Project project(schema);
  server().make_login_role("harmless_reader");
  TestDatabase& database = project.database();
  database.execute("REVOKE ALL ON DATABASE " + database.name() +
                   " FROM PUBLIC;"
                   "GRANT CONNECT ON DATABASE " +
                   database.name() +
                   " TO harmless_reader;"
                   "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
                   "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;"
                   "GRANT USAGE ON SCHEMA public TO harmless_reader;"
                   "GRANT SELECT ON schema_migrations TO harmless_reader");
  const ProgramResult result = project.check(with_parameter(database.conninfo(), "user", "harmless_reader"));
  INFO(result.out << result.err);
  // What was revoked and granted is drift; that everything else could be read shows in that nothing else is.
  CHECK(result.exit_code == 2);
  CHECK(result.out.find("drift: 1 finding ") == 0);
  CHECK(result.out.find("changed schema public") != std::string::npos);
  CHECK(result.out.find("not readable") == std::string::npos);
}

TEST_CASE("no lock on a table of the user's is held while a snapshot is taken or afterwards") {
  Project project(schema);
  TestDatabase& database = project.database();
  const auto reader = server().shadow().connect(database.name());
  const ReadTransaction transaction(*reader);
  SymbolTable symbols;
  CaptureOptions options;
  std::vector<std::string> seen;
  options.progress = [&](std::string_view doing, std::size_t, std::size_t) {
    const std::string locks = database.connection().value(locks_on_users_relations).value();
    if (!locks.empty()) seen.push_back(std::string(doing) + ": " + locks);
  };
  capture(*reader, symbols, options);
  CHECK(seen == std::vector<std::string>());
  CHECK(database.connection().value(locks_on_users_relations).value().empty());
}

TEST_CASE("tables can be altered, and the ledger emptied, while a check is at work") {
  // Never to be found in the cache.
  Project project(schema, "SELECT pg_sleep(2), " + std::to_string(std::time(nullptr)) + ";\n");
  TestDatabase& database = project.database();
  ProgramResult result;
  std::atomic<bool> done = false;
  std::thread check([&] {
    result = project.check(database.conninfo());
    done = true;
  });
  database.execute("SET lock_timeout = '1s'");
  int altered = 0;
  std::string refused;
  while (!done && refused.empty()) {
    try {
      database.execute(
          "BEGIN; ALTER TABLE orders ADD added int; ALTER TABLE customers ALTER name DROP NOT NULL;"
          " TRUNCATE schema_migrations; ROLLBACK");
      ++altered;
    } catch (const Error& error) {
      refused = error.message();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  check.join();
  CHECK(refused.empty());
  CHECK(altered > 20);
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
}
