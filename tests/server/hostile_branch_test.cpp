// What a branch may try against the machine that checks it: its migrations run programs, its settings name
// them. Each trick is a line with what it comes to, as root and as an ordinary user.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "expected/sandbox.h"
#include "tests/server/project.h"
#include "tests/server/running.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

// The users that the program runs as: whoever we are, and as root an ordinary one besides.
std::vector<std::optional<ServerUser>> users() {
  std::vector<std::optional<ServerUser>> result{std::nullopt};
  if (const auto other = server_user()) result.push_back(other);
  return result;
}

// A checkout, a home with a key in it and a place for the rest, which that user may use.
class Machine {
 public:
  explicit Machine(const std::optional<ServerUser>& user) : user_(user) {
    for (const TemporaryDirectory* each : {&checkout_, &home_, &place_})
      fs::permissions(each->path(), fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
    for (const char* name : {"servers", "cache", "evidence"}) fs::create_directory(place_.path() / name);
    for (const char* name : {"servers", "cache", "evidence"}) open(place_.path() / name);
    open(home_.write(".ssh/id_rsa", "sesame of home\n"));
    open(checkout_.write("inventory.txt", "sesame of the checkout\n"));
    open(checkout_.path());
    open(home_.path());
  }

  const TemporaryDirectory& checkout() const { return checkout_; }
  fs::path home() const { return home_.path(); }
  fs::path evidence() const { return place_.path() / "evidence"; }

  Environment environment(const Environment& more = {}) const {
    Environment result{{"HOME", home_.path()},
                       {"PLUMBLINE_TMPDIR", place_.path() / "servers"},
                       {"PLUMBLINE_CACHE_DIR", place_.path() / "cache"},
                       {"GITHUB_TOKEN", "sesame of the forge"},
                       {"PGPASSWORD", "sesame of live"},
                       {"DATABASE_URL", "postgres://u:sesame-url@127.0.0.1:1/shop"}};
    for (const auto& [name, value] : more) result[name] = value;
    std::erase_if(result, [](const auto& variable) { return variable.second.empty(); });
    return result;
  }

  ProgramResult run(const std::vector<std::string>& arguments, const Environment& more = {}) const {
    return RunningProgram(arguments, environment(more), {}, checkout_.path(), user_).wait();
  }

  // The history makes `said` of what the command prints, and stops with it.
  void migrations_that_run(const std::string& command) const {
    checkout_.write("db/000001_a.up.sql",
                    "CREATE TABLE said (line text);\n"
                    "COPY said FROM PROGRAM $$" +
                        command +
                        "$$ (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\n"
                        "DO $$ BEGIN RAISE EXCEPTION 'heard [%]', "
                        "(SELECT string_agg(line, ' ') FROM said); END $$;\n");
    checkout_.write("db/000001_a.down.sql", "SELECT 1;\n");
  }

  // What the command printed when the history was replayed; an error of the server where it was refused.
  std::string heard(const std::string& command) const {
    migrations_that_run(command);
    const ProgramResult result = run({"diff", "db", "empty"});
    const std::size_t from = result.err.find("heard ["), to = result.err.find(']', from);
    return from == std::string::npos ? result.err : result.err.substr(from + 7, to - from - 7);
  }

 private:
  void open(const fs::path& path) const {
    if (user_ && chown(path.c_str(), user_->user, user_->group) != 0)
      throw std::runtime_error("cannot chown");
  }

  std::optional<ServerUser> user_;
  TemporaryDirectory checkout_, home_, place_;
};

struct Trick {
  const char* what;
  std::string command;   // of a shell; HOME, CHECKOUT and OUT stand for paths
  std::string expected;  // what it prints
};

const std::vector<Trick> tricks{
    {"read the environments of all processes",
     "cat /proc/[0-9]*/environ 2>/dev/null | tr -d '\\000' | grep -c sesame; true", "0"},
    {"read the memory of its parent", "head -c 1 /proc/1/mem >/dev/null 2>&1 && echo read || echo refused",
     "refused"},
    {"read the home directory", "cat HOME/.ssh/id_rsa 2>/dev/null || echo nothing", "nothing"},
    {"write into the home directory", "(echo x > HOME/.profile) 2>/dev/null || echo refused", "refused"},
    {"read the checkout", "cat CHECKOUT/inventory.txt 2>/dev/null || echo nothing", "nothing"},
    {"change the checkout", "(echo x > CHECKOUT/db/000002_b.up.sql) 2>/dev/null || echo refused", "refused"},
    {"leave a file outside", "(echo x > OUT/file) 2>/dev/null || echo refused", "refused"},
    {"poison the cache", "ls OUT/../cache 2>/dev/null || echo nothing", "nothing"},
    {"see other temporary files than the way to the server's own", "ls /tmp | wc -l", "1"},
    {"write into the system", "touch /usr/x /etc/x /usr/bin/x 2>/dev/null && echo wrote || echo refused",
     "refused"},
    {"mount the disks again",
     "unshare -Urm sh -c 'mount -o remount,rw /usr && touch /usr/x' 2>/dev/null || echo refused", "refused"},
    {"gain rights by a program of root's", "grep NoNewPrivs /proc/self/status | tr -d '\\t'", "NoNewPrivs:1"},
    {"signal a process outside", "kill -0 PARENT 2>/dev/null && echo there || echo none", "none"},
    {"reach another host", "tail -n +3 /proc/net/dev | grep -v -c lo:; true", "0"},
    {"see who runs it",
     "ps ax -o comm= 2>/dev/null | grep -c -v -E '^(postgres|plumbline-guard|sh|ps|grep)$'; true", "0"},
};

std::string replaced(std::string text, const std::string& name, const std::string& value) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
    text.replace(at, name.size(), value);
  return text;
}

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Processes with that word on their command line.
bool runs(const std::string& word) {
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    if (std::atoi(entry.path().filename().c_str()) == 0) continue;
    if (content_of(entry.path() / "cmdline").find(word) != std::string::npos) return true;
  }
  return false;
}

bool soon_runs(const std::string& word, bool wanted) {
  for (int attempt = 0; attempt < 2000 && runs(word) != wanted; ++attempt)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return runs(word);
}

std::string name_of(const std::optional<ServerUser>& user) { return user ? user->name : "whoever tests"; }

// Of files that a branch brings along, and what the caller has besides.
struct HostileSetting {
  const char* what;
  std::string dotenv, toml;  // OUT stands for a directory of evidence
  Environment caller;
  std::string said;  // stderr has this without trust
};

const std::vector<HostileSetting> hostile_settings{
    {"a program for the password",
     "",
     "password_command = 'echo x | tee OUT/ran'",
     {{"PGPASSWORD", ""}},
     "names a program"},
    {"a file of the caller's as password",
     "",
     "password_file = '/etc/hostname'",
     {{"PGPASSWORD", ""}},
     "names a file outside of the project"},
    {"a program for the backup", "", "[runner]\nbackup_command = 'touch OUT/ran'", {}, "names a program"},
    {"a program for the health", "", "[runner]\nhealth_command = 'touch OUT/ran'", {}, "names a program"},
    {"another address for the same host", "PGHOSTADDR=127.0.0.2", "", {}, "PGHOSTADDR in .env is not used"},
    {"a service file", "PGSERVICEFILE=OUT/service", "", {}, "PGSERVICEFILE in .env is not used"},
    {"another authority for certificates",
     "PGSSLROOTCERT=OUT/ca",
     "",
     {},
     "PGSSLROOTCERT in .env is not used"},
    {"a password file", "PGPASSFILE=OUT/pass", "", {}, "PGPASSFILE in .env is not used"},
    {"another user for servers",
     "PLUMBLINE_SERVER_USER=root",
     "",
     {},
     "PLUMBLINE_SERVER_USER in .env is not used"},
    {"trust in itself",
     "PLUMBLINE_TRUST_PROJECT=1\nPGHOSTADDR=127.0.0.2",
     "",
     {},
     "PGHOSTADDR in .env is not used"},
    {"another place for the report",
     "PLUMBLINE_WEBHOOK_URL=http://127.0.0.2",
     "",
     {},
     "PLUMBLINE_WEBHOOK_URL in .env is not used"},
    {"a server for the caller's password",
     "DATABASE_URL=postgres://u@127.0.0.2:1/shop",
     "",
     {{"DATABASE_URL", ""}},
     "a secret of the environment would be sent there"},
    {"a host for the caller's password",
     "PGHOST=127.0.0.2",
     "",
     {{"DATABASE_URL", ""}},
     "a secret of the environment would be sent there"},
    {"a host for an address without one",
     "PGHOST=127.0.0.2",
     "",
     {{"DATABASE_URL", "postgres:///shop?password=sesame"}},
     "a secret of the environment would be sent there"},
    {"a server in the settings",
     "",
     "url = 'postgres://u@127.0.0.2:1/shop'",
     {{"DATABASE_URL", ""}},
     "a secret of the environment would be sent there"},
    {"a variable of the caller's in an address",
     "",
     "url = 'postgres://u@127.0.0.2:1/${GITHUB_TOKEN}'",
     {{"DATABASE_URL", ""}, {"PGPASSWORD", ""}},
     "a secret of the environment would be sent there"},
    {"an address that hides another",
     "",
     "url = 'postgres://u@db.internal/shop?hostaddr=127.0.0.2'",
     {{"DATABASE_URL", ""}, {"PGPASSWORD", ""}},
     "sets \"hostaddr\""},
    {"a server for replays",
     "",
     "[shadow]\nurl = 'postgres://u@127.0.0.2:1/shop'",
     {},
     "a secret of the environment would be sent there"},
    {"a server for replays in .env",
     "PLUMBLINE_SHADOW_URL=postgres://u@127.0.0.2:1/shop",
     "",
     {},
     "a secret of the environment would be sent there"},
};

}  // namespace

TEST_CASE("programs that a migration starts reach nothing outside of the sandbox") {
  if (!possible_isolation().whole()) WARN("the kernel allows no namespaces here: nothing is shown");
  if (!possible_isolation().whole()) return;
  for (const auto& user : users()) {
    const Machine machine(user);
    for (const Trick& trick : tricks) {
      INFO(name_of(user) << ": " << trick.what);
      std::string command = replaced(trick.command, "CHECKOUT", machine.checkout().path());
      command = replaced(replaced(command, "HOME", machine.home()), "OUT", machine.evidence());
      CHECK(machine.heard(replaced(command, "PARENT", std::to_string(getpid()))) == trick.expected);
    }
    CHECK(fs::is_empty(machine.evidence()));
  }
}

TEST_CASE("what a migration leaves running ends with the run, also one that is killed") {
  if (!possible_isolation().processes) WARN("the kernel allows no process namespace here: nothing is shown");
  if (!possible_isolation().processes) return;
  for (const auto& user : users()) {
    for (const bool killed : {false, true}) {
      INFO(name_of(user) << (killed ? ", killed" : ""));
      const Machine machine(user);
      const std::string mark = killed ? "31536001" : "31536002";
      machine.checkout().write("db/000001_a.up.sql", "CREATE TABLE t (); COPY t FROM PROGRAM 'setsid sleep " +
                                                         mark + " >/dev/null 2>&1 & true'; SELECT pg_sleep(" +
                                                         (killed ? "60" : "0") + ");\n");
      machine.checkout().write("db/000001_a.down.sql", "SELECT 1;\n");
      RunningProgram program({"diff", "db", "empty", "--no-cache"}, machine.environment(), {},
                             machine.checkout().path(), user);
      if (killed) {
        REQUIRE(soon_runs(mark, true));
        program.send(SIGKILL);
      }
      program.wait();
      CHECK_FALSE(soon_runs(mark, false));
    }
  }
}

TEST_CASE("the program's own environment shows nothing, and its memory is nobody's") {
  for (const auto& user : users()) {
    const Machine machine(user);
    machine.checkout().write("db/000001_a.up.sql",
                             "CREATE TABLE t (); COPY t FROM PROGRAM 'sleep 31536003';\n");
    machine.checkout().write("db/000001_a.down.sql", "SELECT 1;\n");
    const RunningProgram program({"diff", "db", "empty", "--no-cache"}, machine.environment(), {},
                                 machine.checkout().path(), user);
    REQUIRE(soon_runs("31536003", true));
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
      const pid_t process = std::atoi(entry.path().filename().c_str());
      const std::string words = content_of(entry.path() / "cmdline");
      if (process == 0 || words.find(std::string("diff\0db", 7)) == std::string::npos) continue;
      INFO(name_of(user) << ": process " << process);
      CHECK(content_of(entry.path() / "environ").find("sesame") == std::string::npos);
      struct stat memory {};
      REQUIRE(stat((entry.path() / "mem").c_str(), &memory) == 0);
      CHECK(memory.st_uid == 0);
    }
  }
}

TEST_CASE("the settings of a branch name no program and redirect no secret") {
  for (const auto& user : users()) {
    for (const HostileSetting& each : hostile_settings) {
      INFO(name_of(user) << ": " << each.what);
      const Machine machine(user);
      machine.checkout().write("db/000001_a.up.sql", "SELECT 1;\n");
      machine.checkout().write("db/000001_a.down.sql", "SELECT 1;\n");
      machine.checkout().write(".env", replaced(each.dotenv, "OUT", machine.evidence()));
      machine.checkout().write("plumbline.toml", replaced(each.toml, "OUT", machine.evidence()));
      const ProgramResult result = machine.run({"up", "--migrations", "db"}, each.caller);
      INFO(result.err);
      CHECK(result.exit_code == 1);
      CHECK(result.err.find(each.said) != std::string::npos);
      CHECK(fs::is_empty(machine.evidence()));
      CHECK(result.err.find("sesame") == std::string::npos);
      CHECK(result.err.find("127.0.0.2") == std::string::npos);
    }
  }
}

TEST_CASE("what the caller trusts, or keeps outside of the checkout, may name programs") {
  const Machine machine(std::nullopt);
  machine.checkout().write("db/000001_a.up.sql", "SELECT 1;\n");
  machine.checkout().write("db/000001_a.down.sql", "SELECT 1;\n");
  const std::string program =
      "password_command = 'touch " + (machine.evidence() / "ran").string() + "; echo x'\n";
  const TemporaryDirectory elsewhere;
  std::vector<std::string> words{"status", "--migrations", "db"};
  Environment environment{{"PGPASSWORD", ""}};
  SECTION("by the flag") {
    machine.checkout().write("plumbline.toml", program);
    words.emplace_back("--trust-project");
  }
  SECTION("by the variable") {
    machine.checkout().write("plumbline.toml", program);
    environment["PLUMBLINE_TRUST_PROJECT"] = "1";
  }
  SECTION("by a file elsewhere") {
    words.insert(words.end(), {"--config", elsewhere.write("plumbline.toml", program)});
  }
  machine.run(words, environment);
  CHECK(fs::exists(machine.evidence() / "ran"));
}

// A user namespace whose owner allows no further one stands for a container.
TEST_CASE("where the kernel allows no namespaces a run says so once, goes on, and ends what was started") {
  const auto user = users().back();
  const Machine machine(user);
  machine.checkout().write(
      "db/000001_a.up.sql",
      "CREATE TABLE t (); COPY t FROM PROGRAM 'setsid sleep 31536004 >/dev/null 2>&1 & true';\n");
  machine.checkout().write("db/000001_a.down.sql", "SELECT 1;\n");
  const fs::path place = machine.evidence(), said = place / "said";
  const std::string inner =
      "cd " + machine.checkout().path().string() + " && PLUMBLINE_TMPDIR=" + place.string() +
      " PLUMBLINE_NO_CACHE=1 " PLUMBLINE_PROGRAM " impact --base empty --head db >" + said.string() + " 2>&1";
  const fs::path script = machine.checkout().write("run", inner + "\n");
  const std::string limited =
      "unshare --user --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && "
      "exec "
      "setpriv --ambient-caps=-all --inh-caps=-all sh " +
      script.string() + "'";
  const std::string as_user = user ? "setpriv --reuid=" + std::to_string(user->user) +
                                         " --regid=" + std::to_string(user->group) + " --clear-groups "
                                   : "";
  if (std::system((as_user + "unshare --user --map-current-user --keep-caps true 2>/dev/null").c_str()) != 0)
    WARN("this user may make no user namespace to take the others away in: nothing is shown");
  else {
    CHECK(std::system((as_user + limited).c_str()) == 0);
    const std::string text = content_of(said),
                      warning =
                          "the throw-away server shares the network of this machine, its "
                          "processes, its files";
    INFO(text);
    const std::size_t first = text.find(warning);
    CHECK(first != std::string::npos);
    CHECK(text.find(warning, first + 1) == std::string::npos);
    CHECK_FALSE(soon_runs("31536004", false));
  }
}
