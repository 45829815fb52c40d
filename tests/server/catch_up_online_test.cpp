// While the SQL of catchup runs, others go on working.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "expected/shadow.h"
#include "tests/server/migrated.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

// pgbench on one database, in the background; what the slowest of its transactions took.
class Writer {
 public:
  Writer(const TestDatabase& database, const std::string& script, int seconds) {
    const auto file = folder_.write("writer.sql", script);
    const std::string program = choose_server_binaries(15).directory / "pgbench";
    const std::string command = program + " -n -c 2 -T " + std::to_string(seconds) + " -f " + file.string() +
                                " -l --log-prefix=" + (folder_.path() / "log").string() + " '" +
                                database.url() + "' > /dev/null 2> " + (folder_.path() / "err").string();
    thread_ = std::thread([command, this] { exit_code_ = std::system(command.c_str()); });
  }
  ~Writer() {
    if (thread_.joinable()) thread_.join();
  }

  struct Result {
    long transactions = 0;
    double slowest = 0;  // seconds
  };
  Result result() {
    thread_.join();
    std::ifstream errors(folder_.path() / "err");
    INFO(std::string(std::istreambuf_iterator<char>(errors), {}));
    REQUIRE(exit_code_ == 0);
    Result result;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (!entry.path().filename().string().starts_with("log")) continue;
      std::ifstream log(entry.path());
      std::string line;
      long client = 0, number = 0, microseconds = 0;
      while (log >> client >> number >> microseconds && std::getline(log, line)) {
        ++result.transactions;
        result.slowest = std::max(result.slowest, static_cast<double>(microseconds) / 1e6);
      }
    }
    return result;
  }

 private:
  TemporaryDirectory folder_;
  std::thread thread_;
  int exit_code_ = -1;
};

constexpr std::string_view first_schema =
    "CREATE TABLE users (id int PRIMARY KEY);\n"
    "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int, total int, note "
    "text);\n"
    "CREATE INDEX orders_by_user ON orders (user_id);\n";

constexpr std::string_view drift =
    "CREATE INDEX orders_by_note ON orders (note);"
    "DROP INDEX orders_by_user; CREATE INDEX orders_by_user ON orders (user_id, total);"
    "ALTER TABLE orders ADD CHECK (total >= 0), ADD FOREIGN KEY (user_id) REFERENCES users, ADD UNIQUE (id, "
    "total),"
    " ALTER note SET NOT NULL, ALTER note SET DEFAULT 'none'";

bool is_waited_for(Connection& observer) {
  return observer.value(
             "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
             " AND relation = 'orders'::regclass") == "t";
}

}  // namespace

TEST_CASE(
    "a writer waits no longer for the printed SQL than its lock_timeout says, whoever else is in the way") {
  Migrated source(15);
  source.migration(1, std::string(first_schema), "DROP TABLE orders; DROP TABLE users;");
  source.ok({"up"});
  TestDatabase busy = server(15).fresh_database();
  const auto on_busy = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--migrations", "db", "--url", busy.conninfo()});
    return run_plumbline(arguments, {}, {}, source.path());
  };
  REQUIRE(on_busy({"up"}).exit_code == 0);
  busy.execute("INSERT INTO users SELECT generate_series(1, 100)");
  busy.execute(
      "INSERT INTO orders (user_id, total, note) SELECT 1 + g % 100, g, 'note ' || g FROM"
      " generate_series(1, 300000) g");
  source.execute(std::string(drift));
  source.ok({"catchup", "--adopt", "--write", "--lock-timeout", "1s"});

  Writer writer(busy,
                "INSERT INTO orders (user_id, total, note) VALUES (1, 1, 'x');\n"
                "UPDATE orders SET note = 'y' WHERE id = 1 + cast(random() * 1000 AS int);\n",
                15);
  // A reader that keeps its transaction open: every ALTER TABLE has to wait for it, and writers for that. It
  // leaves three seconds after somebody began to wait.
  const auto reader = server(15).shadow().connect(busy.name());
  reader->execute("BEGIN; SELECT count(*) FROM orders");
  std::thread leaves([&] {
    const auto observer = server(15).shadow().connect(busy.name());
    for (int looks = 0; looks < 600 && !is_waited_for(*observer); ++looks)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::this_thread::sleep_for(std::chrono::seconds(3));
    reader->execute("COMMIT");
  });
  const ProgramResult up = on_busy({"up"});
  leaves.join();
  INFO(up.err);
  CHECK(up.exit_code == 0);
  CHECK_THAT(up.err, Contains("lock timeout"));
  const Writer::Result result = writer.result();
  INFO(result.transactions << " transactions, the slowest took " << result.slowest << " s");
  CHECK(result.transactions > 20);
  CHECK(result.slowest > 0.5);  // there was something to wait for
  CHECK(result.slowest < 2);    // and no more than that, on a machine that has other things to do
  CHECK(on_busy({"check"}).exit_code == 0);
}
