// What may become of the world around a runner: a replica instead of the primary, a disk that is full, a
// connection that is lost.
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "expected/process.h"
#include "expected/server_user.h"
#include "tests/server/dumps.h"
#include "tests/server/full_disk.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;

// The newest server that can be copied: not every installation has the program for it.
std::optional<ServerBinaries> binaries_with_basebackup() {
  for (const ServerBinaries& binaries : find_server_binaries()) {
    if (fs::exists(binaries.directory / "pg_basebackup")) return binaries;
  }
  return std::nullopt;
}

// A hot standby that follows the test server of that version.
class Replica {
 public:
  Replica(const ServerBinaries& binaries, TestDatabase& primary) : binaries_(binaries), user_(server_user()) {
    give_to(user_, folder_.path());
    const std::string host = primary.connection().value("SHOW unix_socket_directories").value_or("");
    ok({binaries.directory / "pg_basebackup", "--host=" + host, "--username=postgres", "--pgdata=" + data(),
        "--write-recovery-conf", "--checkpoint=fast", "--no-sync"});
    std::string options = "-k " + folder_.path().string() + " -c listen_addresses= -c wal_level=logical";
    for (const char* setting : {"max_connections", "max_prepared_transactions", "max_locks_per_transaction"})
      options += " -c " + std::string(setting) + "=" +
                 primary.connection().value("SHOW " + std::string(setting)).value_or("");
    ok({binaries.directory / "pg_ctl", "start", "--wait", "--pgdata=" + data(), "--options=" + options,
        "--log=" + (folder_.path() / "log").string()});
  }
  ~Replica() { command({binaries_.directory / "pg_ctl", "stop", "--mode=immediate", "--pgdata=" + data()}); }
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  std::string conninfo(const std::string& database) const {
    return "host=" + folder_.path().string() + " user=postgres dbname=" + database;
  }

 private:
  std::string data() const { return (folder_.path() / "data").string(); }
  Outcome command(std::vector<std::string> words) const {
    return ::plumbline::run({.words = std::move(words), .directory = folder_.path(), .user = user_});
  }
  void ok(std::vector<std::string> words) const {
    const Outcome outcome = command(std::move(words));
    INFO(outcome.output);
    REQUIRE(outcome.exit_code == 0);
  }

  ServerBinaries binaries_;
  std::optional<ServerUser> user_;
  TemporaryDirectory folder_;
};

}  // namespace

TEST_CASE("a replica is read, and never migrated") {
  const auto binaries = binaries_with_basebackup();
  if (!binaries) {
    WARN("skipped: no pg_basebackup here");
    return;
  }
  Migrated live(binaries->version);
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.ok({"up"});
  live.migration(2, "CREATE TABLE b (id int);");
  const Replica replica(*binaries, live.database());
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--migrations", "db", "--url", replica.conninfo(live.database().name())});
    return run_plumbline(words, {{"PLUMBLINE_CACHE_DIR", test_cache()}}, {}, live.path());
  };
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"up"}, {"down", "--steps", "1"}, {"redo"}, {"baseline", "head"}}) {
    CAPTURE(words.front());
    check_refused(run(words), {"the server is a read-only replica", "Give the URL of the primary server"});
  }
  CHECK_THAT(run({"up", "--dry-run"}).out, Contains("20250102_000000_step.sql"));
  const ProgramResult status = run({"status"});
  CHECK_THAT(status.out, Contains("applied         1") && Contains("pending         1"));
  CHECK(run({"history", "--verify"}).exit_code == 0);
  const ProgramResult check = run({"check"});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
}

TEST_CASE("a server whose disk is full ends a migration with nothing of it left") {
  constexpr rlim_t above_a_segment_of_the_log = 17 << 20;
  std::unique_ptr<Shadow> shadow;
  {
    const FullDisk full(above_a_segment_of_the_log);
    shadow = start_shadow({.major = 0, .url{}, .cache_directory = {}, .data_from{}});
  }
  TestDatabase database(*shadow, "small");
  const Migrated files;
  files.migration(1, "CREATE TABLE a (id int);");
  files.migration(2,
                  "CREATE TABLE b (t text);\n"
                  "INSERT INTO b SELECT repeat('x', 1900) FROM generate_series(1, 12000);");
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--migrations", "db", "--url", database.conninfo()});
    return run_plumbline(words, {}, {}, files.path());
  };
  check_refused(run({"up"}), {"20250102_000000_step.sql:3:1", "could not extend file", "INSERT INTO b",
                              "Nothing of this migration was applied"});
  CHECK(database.connection().value("SELECT to_regclass('a') IS NOT NULL AND to_regclass('b') IS NULL") ==
        "t");
  CHECK(database.connection().value(
            "SELECT string_agg(state || ' ' || statements_done, ', ' ORDER BY version) FROM "
            "plumbline.schema_migrations") == "applied 0, failed 0");
  files.migration(2, "CREATE TABLE b (t text);");
  CHECK(run({"up"}).exit_code == 0);
}

TEST_CASE("a backup that finds the disk full stops the run, and is not left behind") {
  if (newest_with_dump() == 0) return skip_without_dump();
  Migrated live(newest_with_dump());
  live.execute("CREATE TABLE big AS SELECT md5(g::text) AS t FROM generate_series(1, 100000) g");
  live.migration(1, "CREATE TABLE a (id int);");
  live.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
  {
    const FullDisk full(256 << 10);
    check_refused(live.run({"up"}),
                  {"the backup failed, nothing was migrated", "File too large", "--no-backup"});
  }
  CHECK(live.value("SELECT to_regclass('a') IS NULL") == "t");
  CHECK(fs::is_empty(live.path() / "backups"));
  live.ok({"up"});
}

TEST_CASE("a connection that is lost is told with the statement it was at, and up goes on") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);\nSELECT pg_sleep(60);\nCREATE TABLE b (id int);");
  ProgramResult result;
  std::thread runner([&] { result = live.run({"up"}); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (live.value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND "
                    "datname = current_database()") != "t" &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  runner.join();
  check_refused(result, {"20250101_000000_step.sql", "at statement 2 of 3", "plumbline status"});
  CHECK(live.value("SELECT to_regclass('a') IS NULL") == "t");
  live.migration(1, "CREATE TABLE a (id int);\nSELECT 1;\nCREATE TABLE b (id int);");
  live.ok({"up"});
  CHECK(live.ledger() == "1 applied");
}
