// A program may be started without stdin, stdout or stderr. Then the next thing it opens takes the number: a
// connection to live, into which a line of the log would go.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/server/migrated.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

struct Closed {
  std::string redirection;
  bool in = false, out = false, err = false;
};

const std::vector<Closed> all_closed{{"0<&-", true},
                                     {">&-", false, true},
                                     {"2>&-", false, false, true},
                                     {"0<&- >&-", true, true},
                                     {"0<&- 2>&-", true, false, true},
                                     {">&- 2>&-", false, true, true},
                                     {"0<&- >&- 2>&-", true, true, true}};

std::string quoted(const std::string& word) { return "'" + word + "' "; }

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What a shell starts; stdout and stderr, where they are open, go into files.
ProgramResult in_shell(Migrated& live, const std::string& arguments, const Closed& closed) {
  const TemporaryDirectory results;
  std::string command =
      "cd " + quoted(live.path()) + "&& export PLUMBLINE_CACHE_DIR=" + quoted(test_cache()) +
      "DATABASE_URL=" + quoted(live.database().url()) + "&& " PLUMBLINE_PROGRAM " " + arguments;
  if (!closed.out) command += " >" + quoted(results.path() / "out");
  if (!closed.err) command += " 2>" + quoted(results.path() / "err");
  const int status = std::system(("exec 2>/dev/null; (" + command + " " + closed.redirection + ")").c_str());
  return {WEXITSTATUS(status), text_of(results.path() / "out"), text_of(results.path() / "err")};
}

const std::vector<std::string> reading{"status",
                                       "list",
                                       "history",
                                       "validate",
                                       "check --at head",
                                       "snapshot \"$DATABASE_URL\"",
                                       "diff db \"$DATABASE_URL\" --fail-on never",
                                       "doctor",
                                       "catchup --revert --at head",
                                       "up --dry-run",
                                       "--version",
                                       "up --help",
                                       "completion bash"};

}  // namespace

TEST_CASE("a missing descriptor never becomes the connection, and a report that nobody gets is an error") {
  Migrated live;
  live.write("plumbline.toml", "[migrations]\npath = \"db\"\n");
  live.migration(1, "CREATE TABLE one (id int);", "DROP TABLE one;");
  live.migration(2, "CREATE TABLE two (id int);", "DROP TABLE two;");
  for (const Closed& closed : all_closed) {
    INFO(closed.redirection);
    const ProgramResult up = in_shell(live, "up", closed);
    INFO(up.err);
    CHECK(up.exit_code == (closed.out ? 1 : 0));
    if (closed.out) {
      CHECK(live.value("SELECT to_regclass('one')") == "");
      if (!closed.err) CHECK_THAT(up.err, Catch::Contains("stdout is closed: there is nowhere to write to"));
      continue;
    }
    CHECK(live.ledger() == "1 applied, 2 applied");
    CHECK_THAT(up.out, Catch::Contains("2 migrations"));
    CHECK(in_shell(live, "down --steps 2", closed).exit_code == 0);
    CHECK(live.ledger() == "1 rolled_back, 2 rolled_back");
  }
}

TEST_CASE("every command that reads does without stdin and stderr, and fails without stdout") {
  Migrated live;
  live.write("plumbline.toml", "[migrations]\npath = \"db\"\n");
  live.migration(1, "CREATE TABLE one (id int);", "DROP TABLE one;");
  live.ok({"up"});
  for (const std::string& command : reading) {
    INFO(command);
    const ProgramResult usual = in_shell(live, command, {});
    INFO(usual.err);
    REQUIRE(usual.exit_code == 0);
    for (const Closed& closed : all_closed) {
      INFO(closed.redirection);
      const ProgramResult result = in_shell(live, command, closed);
      CHECK(result.exit_code == (closed.out ? 1 : 0));
      if (!closed.out) CHECK((result.out.empty() == usual.out.empty()));
    }
  }
}

TEST_CASE("what goes to a file needs no stdout") {
  Migrated live;
  live.write("plumbline.toml", "[migrations]\npath = \"db\"\n");
  live.migration(1, "CREATE TABLE one (id int);", "DROP TABLE one;");
  live.ok({"up"});
  CHECK(in_shell(live, "check --output drift.json", {"0<&- >&- 2>&-", true, true, true}).exit_code == 0);
  CHECK_THAT(text_of(live.path() / "drift.json"), Catch::Contains("\"drift\""));
}

TEST_CASE("help that finds the disk full is an error") {
  Migrated live;
  live.write("plumbline.toml", "[migrations]\npath = \"db\"\n");
  if (!std::filesystem::exists("/dev/full")) return;
  for (const std::string command : {"--version", "up --help", "completion zsh"}) {
    INFO(command);
    CHECK(in_shell(live, command, {">/dev/full", false, true}).exit_code == 1);
  }
}
