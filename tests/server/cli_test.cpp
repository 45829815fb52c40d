#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <future>
#include <iterator>

#include "expected/shadow.h"
#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

constexpr char secret[] = "hunter2-s3cret";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A project with one migration, and a database to which it was applied.
class Project {
 public:
  Project() : database_(server().fresh_database()) {
    folder_.write("db/000001_orders.up.sql", "CREATE TABLE orders (id int, total int);\n");
    folder_.write("db/000001_orders.down.sql", "DROP TABLE orders;\n");
    database_.execute(
        "CREATE TABLE orders (id int, total int);"
        "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
        "INSERT INTO schema_migrations VALUES (1, false)");
  }

  const TemporaryDirectory& folder() const { return folder_; }
  TestDatabase& database() { return database_; }
  void drift() { database_.execute("ALTER TABLE orders ADD note text"); }

  ProgramResult run(const std::vector<std::string>& arguments, Environment environment = {}) const {
    environment.try_emplace("PLUMBLINE_CACHE_DIR", test_cache().string());
    return run_plumbline(arguments, environment, {}, folder_.path());
  }

 private:
  TemporaryDirectory folder_;
  TestDatabase database_;
};

// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(socket_, 1) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  int port() const { return port_; }
  bool somebody_came() const {
    pollfd waiting{socket_, POLLIN, 0};
    return poll(&waiting, 1, 10000) == 1;
  }

 private:
  int socket_;
  int port_ = 0;
};

// The arguments of all processes of this machine in which `marker` stands, as ps shows them.
std::vector<std::string> processes_with(const std::string& marker) {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string arguments = content(entry.path() / "cmdline");
    if (contains(arguments, marker)) found.push_back(arguments);
  }
  return found;
}

}  // namespace

TEST_CASE("wrong usage exits 64 with nothing on stdout") {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"chekc"},
                                             {"check", "--no-such-flag"},
                                             {"check", "--url"},
                                             {"check", "surplus"},
                                             {"diff", "empty"},
                                             {"snapshot"},
                                             {"check", "--fail-on", "dreadful"},
                                             {"check", "--format", "papyrus"},
                                             {"check", "--output", "report.yaml"}}) {
    const ProgramResult result = run_plumbline(arguments);
    INFO(result.err);
    CHECK(result.exit_code == 64);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "plumbline: error: "));
    CHECK(contains(result.err, "\nhint: "));
  }
}

TEST_CASE("help and version are results: stdout, exit code 0") {
  const ProgramResult help = run_plumbline({"check", "--help"});
  CHECK(help.exit_code == 0);
  CHECK(contains(help.out, "Examples:"));
  CHECK(help.err.empty());
  CHECK(run_plumbline({"--version"}).out.starts_with("plumbline "));
}

TEST_CASE("a host that cannot be reached is an error, never drift, and the password is not shown") {
  const Project project;
  const std::string url = std::string("postgres://reader:") + secret + "@127.0.0.1:1/shop";
  for (const char* command : {"check", "doctor"}) {
    const ProgramResult result = project.run({command, "--migrations", "db", "-v", "--url", url});
    CHECK(result.exit_code == 1);
    CHECK(contains(result.out + result.err, "127.0.0.1"));
    CHECK_FALSE(contains(result.out + result.err, secret));
  }
  const ProgramResult snapshot = project.run({"snapshot", url});
  CHECK(snapshot.exit_code == 1);
  CHECK_FALSE(contains(snapshot.out + snapshot.err, secret));
}

TEST_CASE("a database that does not exist is an error that names it") {
  Project project;
  const std::string nowhere = with_parameter(project.database().conninfo(), "dbname", "no_such_database");
  const ProgramResult result = project.run({"check", "--migrations", "db", "--url", nowhere});
  CHECK(result.exit_code == 1);
  CHECK(contains(result.err, "no_such_database"));
  CHECK(result.out.empty());
}

TEST_CASE("a wrong password is an error that does not show it") {
  const auto shadow = start_shadow(with_cache());
  shadow->create_database("shop");
  const auto administrator = shadow->connect("postgres");
  administrator->execute("CREATE ROLE locked LOGIN PASSWORD 'the right one'");
  const std::string rules = administrator->value("SHOW hba_file").value();
  const std::string before = content(rules);
  std::ofstream(rules) << "local all locked scram-sha-256\n" << before;
  administrator->query("SELECT pg_reload_conf()", [](const Row&) {});

  std::string conninfo = with_parameter(shadow->conninfo("shop"), "user", "locked");
  conninfo = with_parameter(conninfo, "password", secret);
  const Project project;
  ProgramResult result;
  // The server reads its rules when it gets round to it.
  for (int attempt = 0; attempt < 50; ++attempt) {
    result = project.run({"doctor", "--migrations", "db", "--url", conninfo});
    if (contains(result.out, "password authentication failed")) break;
  }
  CHECK(contains(result.out, "password authentication failed"));
  CHECK(result.exit_code == 1);
  CHECK_FALSE(contains(result.out + result.err, secret));
  result = project.run({"check", "--migrations", "db", "-v", "--url", conninfo});
  CHECK(result.exit_code == 1);
  CHECK_FALSE(contains(result.out + result.err, secret));
}

TEST_CASE("a password on the command line cannot be read by others while we run") {
  if (!fs::exists("/proc/self/cmdline")) {
    WARN("this machine has no /proc");
    return;
  }
  const SilentServer silent;
  const std::string marker = "marker" + std::to_string(getpid());
  const std::string url =
      "postgres://" + marker + ":" + secret + "@127.0.0.1:" + std::to_string(silent.port()) + "/shop";
  const Project project;
  const auto run = std::async(std::launch::async, [&] {
    return project.run({"check", "--migrations", "db", "--url", url}, {{"PGCONNECT_TIMEOUT", "2"}});
  });
  REQUIRE(silent.somebody_came());
  const std::vector<std::string> seen = processes_with(marker);
  CHECK_FALSE(seen.empty());
  for (const std::string& arguments : seen) CHECK_FALSE(contains(arguments, secret));
}

TEST_CASE("exit code 0 without drift, 2 with it, and 0 again when nobody asked for its level") {
  Project project;
  const std::vector<std::string> check{"check", "--migrations", "db", "--url", project.database().conninfo()};
  const ProgramResult clean = project.run(check);
  INFO(clean.err);
  CHECK(clean.exit_code == 0);
  project.drift();
  const ProgramResult drifted = project.run(check);
  INFO(drifted.err);
  CHECK(drifted.exit_code == 2);
  CHECK(contains(drifted.out, "note"));
  std::vector<std::string> lenient = check;
  lenient.insert(lenient.end(), {"--fail-on", "critical"});
  CHECK(project.run(lenient).exit_code == 0);
}

TEST_CASE("each output file is written in the format of its ending and stdout stays empty") {
  Project project;
  project.drift();
  const ProgramResult result =
      project.run({"check", "--migrations", "db", "--url", project.database().conninfo(), "--output",
                   "drift.json", "--output", "drift.md"});
  CHECK(result.exit_code == 2);
  CHECK(result.out.empty());
  CHECK(content(project.folder().path() / "drift.json").starts_with("{"));
  const std::string markdown = content(project.folder().path() / "drift.md");
  CHECK(contains(markdown, "orders"));

  const ProgramResult report = project.run({"report", "drift.json", "--format", "markdown"});
  CHECK(report.exit_code == 0);
  CHECK(report.out == markdown);
  CHECK(project.run({"report", "drift.json", "--fail-on", "info"}).exit_code == 2);
  project.folder().write("plumbline.toml", "[check]\nfail_on = \"info\"\n");
  CHECK(project.run({"report", "drift.json"}).exit_code == 0);
  project.folder().write("broken.json", "{\"findings\": [");
  CHECK(project.run({"report", "broken.json"}).exit_code == 1);
  CHECK(project.run({"report", "missing.json"}).exit_code == 1);
}

TEST_CASE("the database may come from DATABASE_URL, from PG variables in .env, or from plumbline.toml") {
  Project project;
  const std::string url = project.database().url();
  CHECK(project.run({"check", "--migrations", "db"}, {{"DATABASE_URL", url}}).exit_code == 0);

  const std::string folder = project.database().connection().value("SHOW unix_socket_directories").value();
  project.folder().write(".env", "PGHOST='" + folder + "'\nexport PGUSER=postgres # who\nPGDATABASE=\"" +
                                     project.database().name() + "\"\n");
  const ProgramResult from_file = project.run({"check", "--migrations", "db"});
  INFO(from_file.err);
  CHECK(from_file.exit_code == 0);

  fs::remove(project.folder().path() / ".env");
  project.folder().write("plumbline.toml",
                         "[migrations]\npath = \"db\"\n[env.live]\nurl = \"${SHOP_URL}\"\n");
  CHECK(project.run({"check", "--env", "live"}, {{"SHOP_URL", url}}).exit_code == 0);
  const ProgramResult missing = project.run({"check", "--env", "live"});
  CHECK(missing.exit_code == 1);
  CHECK(contains(missing.err, "\"SHOP_URL\""));
}

TEST_CASE("no output in any format shows the password, however much is said") {
  Project project;
  project.drift();
  const std::string conninfo = with_parameter(project.database().conninfo(), "password", secret);
  for (const char* format : {"text", "markdown", "json"}) {
    for (const char* command : {"check", "doctor"}) {
      const ProgramResult result =
          project.run({command, "--migrations", "db", "-v", "--url", conninfo, "--format", format});
      CHECK_FALSE(result.out.empty());
      CHECK_FALSE(contains(result.out + result.err, secret));
    }
    const ProgramResult diff = project.run({"diff", conninfo, "empty", "-v", "--format", format});
    CHECK_FALSE(contains(diff.out + diff.err, secret));
  }
  const ProgramResult snapshot = project.run({"snapshot", conninfo, "-v"});
  CHECK(snapshot.exit_code == 0);
  CHECK_FALSE(contains(snapshot.out + snapshot.err, secret));
}

TEST_CASE("doctor says that check can run, or what is missing") {
  Project project;
  const ProgramResult fine =
      project.run({"doctor", "--migrations", "db"}, {{"DATABASE_URL", project.database().url()}});
  INFO(fine.out << fine.err);
  CHECK(fine.exit_code == 0);
  CHECK(contains(fine.out, "check can run here"));
  CHECK(contains(fine.out, "ledger: golang-migrate in public.schema_migrations: 1 applied, 0 pending"));
  const ProgramResult json =
      project.run({"doctor", "--format", "json"}, {{"DATABASE_URL", project.database().url()}});
  CHECK(json.exit_code == 1);
  CHECK(contains(json.out, "\"check_could_run\": false"));
  CHECK(contains(json.out, "no migrations directory was named"));
}

TEST_CASE("a reader of stdout that goes away is no trouble") {
  Project project;
  const std::string program = PLUMBLINE_PROGRAM;
  const std::string command =
      "{ " + program + " snapshot '" + project.database().url() + "' --quiet; echo $? >code; } | true";
  const fs::path before = fs::current_path();
  fs::current_path(project.folder().path());
  const int status = std::system(command.c_str());
  fs::current_path(before);
  CHECK(status == 0);
  CHECK(content(project.folder().path() / "code") == "0\n");
}
