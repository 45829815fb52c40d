// PgBouncer between us and live, in its three modes, with a pool that has room and with one that has none.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "expected/server_user.h"
#include "postgres/error.h"
#include "tests/server/migrated.h"
#include "tests/server/running.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;

std::string pgbouncer() {
  for (const char* path : {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

std::string part_of(Connection& connection, const std::string& setting) {
  return connection.value("SHOW " + setting).value_or("");
}

// A PgBouncer on a socket of its own, before the server of a database.
class Bouncer {
 public:
  Bouncer(Migrated& live, const std::string& mode, int pool_size) : database_(live.database().name()) {
    fs::permissions(folder_.path(), fs::perms::all);
    Connection& server = live.database().connection();
    std::string sockets = part_of(server, "unix_socket_directories");
    folder_.write("bouncer.ini", "[databases]\n* = host=" + sockets + " port=" + part_of(server, "port") +
                                     " user=" + server.user() +
                                     "\n[pgbouncer]\nlisten_addr =\nlisten_port = 6543\n"
                                     "auth_type = any\nunix_socket_dir = " +
                                     folder_.path().string() + "\npool_mode = " + mode +
                                     "\ndefault_pool_size = " + std::to_string(pool_size) +
                                     "\nlogfile = " + (folder_.path() / "log").string() + "\n");
    start();
  }
  ~Bouncer() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
  }
  Bouncer(const Bouncer&) = delete;
  Bouncer& operator=(const Bouncer&) = delete;

  std::string conninfo() const {
    return "host=" + folder_.path().string() + " port=6543 user=postgres dbname=" + database_;
  }

 private:
  // It refuses to run as root.
  void start() {
    const std::string program = pgbouncer(), settings = folder_.path() / "bouncer.ini";
    const std::optional<ServerUser> user = server_user();
    process_ = fork();
    if (process_ == 0) {
      if (user && (setgid(user->group) != 0 || setuid(user->user) != 0)) _exit(126);
      execl(program.c_str(), program.c_str(), "-q", settings.c_str(), nullptr);
      _exit(127);
    }
    for (int i = 0; i < 500 && !fs::exists(folder_.path() / ".s.PGSQL.6543"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  TemporaryDirectory folder_;
  std::string database_;
  pid_t process_ = -1;
};

ProgramResult through(const Bouncer& bouncer, const Migrated& live, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--migrations", "db", "--url", bouncer.conninfo()});
  return run_plumbline(arguments, {{"PLUMBLINE_CACHE_DIR", test_cache().string()}}, {}, live.path());
}

const std::string by_one = "the connection goes through a pooler that gives a server process for one ";

}  // namespace

TEST_CASE("a pooler that shares processes is noticed before anything is done, and refused") {
  REQUIRE_FALSE(pgbouncer().empty());  // scripts/setup test
  const std::string mode = GENERATE("transaction", "statement");
  const int pool_size = GENERATE(1, 5);
  Migrated live;
  live.migration(1, "CREATE TABLE orders (id int);", "DROP TABLE orders;");
  const Bouncer bouncer(live, mode, pool_size);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"up"}, std::vector<std::string>{"down", "--steps", "1"},
        std::vector<std::string>{"redo"}, std::vector<std::string>{"baseline", Migrated::version(1)},
        std::vector<std::string>{"repair", "--reason", "why"}}) {
    INFO(mode << ", " << pool_size << ": " << command.front());
    const ProgramResult result = through(bouncer, live, command);
    INFO(result.err);
    CHECK(result.exit_code == 1);
    const bool first_words = mode == "transaction" || command.front() == "up";
    if (first_words && result.err.find("statement pooling mode") == std::string::npos)
      CHECK_THAT(result.err, Contains(by_one + mode + " only"));
    CHECK_THAT(result.err, Contains("pool_mode = session"));
    CHECK(live.value("SELECT to_regclass('orders') IS NULL AND to_regnamespace('plumbline') IS NULL") == "t");
    CHECK(live.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
  }
  const ProgramResult doctor = through(bouncer, live, {"doctor"});
  INFO(doctor.err);
  CHECK_THAT(doctor.out, Contains("pooler: one stands before the server and gives a server process for one " +
                                  mode + " only"));
}

TEST_CASE("a pooler by transaction is good enough for reading") {
  Migrated live;
  live.migration(1, "CREATE TABLE orders (id int);", "DROP TABLE orders;");
  live.ok({"up"});
  const Bouncer bouncer(live, "transaction", 5);
  const ProgramResult check = through(bouncer, live, {"check"});
  INFO(check.err);
  CHECK(check.exit_code == 0);
  CHECK(through(bouncer, live, {"status"}).exit_code == 0);
}

TEST_CASE("a pooler that keeps sessions together serves up and down, even when the pool is used up") {
  const int pool_size = GENERATE(1, 2, 5);
  INFO(pool_size);
  Migrated live;
  live.migration(1, "CREATE TABLE orders (id int);\nSELECT pg_sleep(0.3);", "DROP TABLE orders;");
  const Bouncer bouncer(live, "session", pool_size);
  const auto start = std::chrono::steady_clock::now();
  ProgramResult up;
  if (pool_size > 1) {
    up = through(bouncer, live, {"up"});
  } else {  // what looks at the schema wants a session of its own
    live.write("plumbline.toml", "[runner]\nschema_versions = \"off\"\n");
    up = through(bouncer, live, {"up"});
  }
  INFO(up.err);
  CHECK(up.exit_code == 0);
  CHECK(live.ledger() == "1 applied");
  const ProgramResult down = through(bouncer, live, {"down", "--steps", "1"});
  INFO(down.err);
  CHECK(down.exit_code == 0);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}
