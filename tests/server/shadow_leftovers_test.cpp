#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>

#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;
namespace fs = std::filesystem;

TEST_CASE("nothing is left of a throw-away server when it goes out of scope") {
  Traces traces;
  {
    const auto shadow = start_shadow(with_cache());
    traces = traces_of(*shadow);
    CHECK(fs::exists(traces.directory));
    CHECK(Traces::lives(traces.server));
  }
  CHECK(traces.gone());
  CHECK(waitpid(traces.guardian, nullptr, WNOHANG) == -1);  // no zombie of ours
}

TEST_CASE("nothing is left of a throw-away server after an exception") {
  Traces traces;
  try {
    const auto shadow = start_shadow(with_cache());
    traces = traces_of(*shadow);
    shadow->create_database("one");
    shadow->connect("one")->execute("SELECT 1/0");
  } catch (const Error& e) {
    CHECK(e.sqlstate() == "22012");
  }
  CHECK(traces.gone());
}

TEST_CASE("nothing is left of a throw-away server when the program is interrupted or killed") {
  const int signal = GENERATE(SIGINT, SIGTERM, SIGKILL);
  Holder holder(hold_throw_away_server);
  const Traces traces = holder.traces();
  CHECK(Traces::lives(traces.server));
  holder.end(signal);
  CHECK(traces.gone_soon());
}

TEST_CASE("the guardian does not hold the output of a program that was killed") {
  Holder holder(hold_throw_away_server);
  const Traces traces = holder.traces();
  kill(traces.guardian, SIGSTOP);
  holder.end(SIGKILL);
  CHECK(holder.output_ended());
  kill(traces.guardian, SIGCONT);
  CHECK(traces.gone_soon());
}

TEST_CASE("the server and its directory go even when somebody kills the guardian") {
  Traces traces;
  {
    const auto shadow = start_shadow(with_cache());
    traces = traces_of(*shadow);
    kill(traces.guardian, SIGKILL);
  }
  CHECK(traces.gone_soon());
}

TEST_CASE("directories of programs that went down with the machine are removed by the next one") {
  const TemporaryDirectory base;
  fs::permissions(base.path(), fs::perms::others_exec, fs::perm_options::add);
  const Variable temporary("PLUMBLINE_TMPDIR", base.path());
  base.write("plumbline-pg-AbC123/lock", "");
  base.write("plumbline-pg-AbC123/data/file", "of a server that is no more");
  base.write("plumbline-pg-fresh1/lock", "");
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(base.path() / "plumbline-pg-AbC123", long_ago);
  {
    const auto living = start_shadow(with_cache());
    fs::last_write_time(traces_of(*living).directory, long_ago);
    CHECK(traces_of(*living).directory.parent_path() == base.path());
    const auto shadow = start_shadow(with_cache());
    CHECK(living->connect("postgres")->value("SELECT 1") == "1");
  }
  CHECK_FALSE(fs::exists(base.path() / "plumbline-pg-AbC123"));
  CHECK(fs::exists(base.path() / "plumbline-pg-fresh1"));
}
