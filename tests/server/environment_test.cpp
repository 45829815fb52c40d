// An environment is a name, a database and what its ledger remembers of both.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"
#include "tests/server/terminal.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

// plumbline.toml with these sections, each with the same database.
void environments(Migrated& live, const std::vector<std::string>& names, const std::string& more = "") {
  std::string text = "[migrations]\npath = \"db\"\n";
  for (const std::string& name : names)
    text += "[env." + name + "]\nurl = \"" + live.database().conninfo() + "\"\n" + more;
  live.write("plumbline.toml", text);
}

ProgramResult run_there(const Migrated& live, const std::vector<std::string>& arguments,
                        Environment environment = {}) {
  // The URL of a test database says "hostaddr", which a checkout may not.
  environment.emplace("PLUMBLINE_TRUST_PROJECT", "1");
  return run_plumbline(arguments, environment, {}, live.path());
}

// The same on a terminal, where somebody types an answer to the question.
ProgramResult typing(const Migrated& live, const std::vector<std::string>& arguments,
                     const std::string& typed) {
  return on_terminal(arguments, {{"PLUMBLINE_TRUST_PROJECT", "1"}}, live.path(), typed, "to go on: ");
}

}  // namespace

TEST_CASE("a ledger remembers its environment, and refuses another") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  environments(live, {"production", "staging"});
  const ProgramResult first = run_there(live, {"up", "--env", "production"});
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
  CHECK_THAT(first.err, Contains("plan: 1 migration on production ("));
  CHECK_THAT(first.out, Contains("1 migration on production ("));
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"up"},
                                             {"up", "--dry-run"},
                                             {"down", "--steps", "1"},
                                             {"redo"},
                                             {"repair"},
                                             {"approve"},
                                             {"baseline", "head"}}) {
    CAPTURE(command);
    std::vector<std::string> words = command;
    words.insert(words.end(), {"--env", "staging"});
    check_refused(run_there(live, words), {"belongs to the environment \"production\"", "not to \"staging\"",
                                           "plumbline repair --set-environment --env staging"});
  }
  CHECK(live.ledger() == "1 applied");
  CHECK_THAT(run_there(live, {"status", "--env", "production"}).out, Contains("environment     production"));
  CHECK_THAT(run_there(live, {"status", "--json", "--env", "production"}).out,
             Contains("\"environment\": \"production\""));
  CHECK_THAT(run_there(live, {"up", "--dry-run", "--json", "--env", "production"}).out,
             Contains("\"environment\": \"production\"") && Contains("\"database\": "));
  CHECK_THAT(run_there(live, {"check", "--env", "production"}).out, Contains(", environment production"));
  CHECK(live.value("SELECT count(*) FROM plumbline.migration_history WHERE action = 'environment'") == "1");

  CHECK(run_there(live, {"repair", "--set-environment", "--env", "staging"}).exit_code == 0);
  CHECK(run_there(live, {"up", "--env", "staging"}).exit_code == 0);
  CHECK(run_there(live, {"repair", "--set-environment"}, {{"DATABASE_URL", live.database().conninfo()}})
            .exit_code == 64);
  live.ok({"history", "--verify"});
}

TEST_CASE("a named environment migrates its own database, whatever DATABASE_URL is") {
  Migrated production, dev;
  production.migration(1, "CREATE TABLE a (id int);");
  environments(production, {});
  production.write("plumbline.toml",
                   "[migrations]\npath = \"db\"\n[env.dev]\nurl = \"" + dev.database().conninfo() + "\"\n");
  const std::string url = production.database().conninfo();
  const ProgramResult result = run_there(production, {"up", "--env", "dev"}, {{"DATABASE_URL", url}});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("--env dev is used (") && Contains(", not DATABASE_URL ("));
  CHECK(production.value("SELECT to_regclass('a') IS NULL") == "t");
  CHECK(dev.value("SELECT to_regclass('a') IS NULL") == "f");
  const ProgramResult both = run_there(production, {"up", "--env", "dev", "--url", url});
  CHECK(both.exit_code == 64);
  CHECK_THAT(both.err, Contains("two databases are named"));
  production.write(".env", "DATABASE_URL=" + url + "\n");
  CHECK(run_there(production, {"up", "--env", "dev"}).exit_code == 0);
  CHECK(production.value("SELECT to_regclass('a') IS NULL") == "t");
}

TEST_CASE("a protected environment is changed by who says its name") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  environments(live, {"production"}, "protected = true\n");
  const ProgramResult refused = run_there(live, {"up", "--env", "production"});
  CHECK(refused.exit_code == 64);
  CHECK_THAT(refused.err,
             Contains("is protected, and there is no terminal") && Contains("--confirm production"));
  CHECK(run_there(live, {"up", "--env", "production", "--confirm", "staging"}).exit_code == 1);
  CHECK(live.value("SELECT to_regclass('a') IS NULL") == "t");
  const ProgramResult wrong = typing(live, {"up", "--env", "production"}, "yes\n");
  CHECK(wrong.exit_code == 1);
  CHECK_THAT(wrong.out, Contains("changes the protected environment production (") &&
                            Contains("Type its name to go on"));
  CHECK(live.value("SELECT to_regclass('a') IS NULL") == "t");
  CHECK(typing(live, {"up", "--env", "production"}, "production\n").exit_code == 0);
  CHECK(live.value("SELECT to_regclass('a') IS NULL") == "f");
  live.migration(2, "CREATE TABLE b (id int);");
  CHECK(run_there(live, {"up", "--env", "production", "--confirm", "production"}).exit_code == 0);
  CHECK(live.value("SELECT to_regclass('b') IS NULL") == "f");
}

TEST_CASE("a new migration goes where every environment reads it") {
  Migrated live;
  live.write("db/common/20250101_000000_a.sql", "SELECT 1;\n");
  live.write("db/dev/20250102_000000_rows.sql", "SELECT 1;\n");
  live.write("db/prod/20250103_000000_rows.sql", "SELECT 1;\n");
  live.write("plumbline.toml",
             "[migrations]\npath = \"db\"\n"
             "[env.dev.migrations]\nlocations = [\"common\", \"dev\"]\n"
             "[env.prod.migrations]\nlocations = [\"common\", \"prod/\"]\n");
  for (const std::string environment : {"dev", "prod"}) {
    const ProgramResult result = run_there(live, {"new", "add", "--env", environment});
    INFO(result.err);
    CHECK_THAT(result.out, Contains("db/common/"));
  }
  CHECK_THAT(run_there(live, {"new", "rows", "--env", "dev", "--location", "dev"}).out, Contains("db/dev/"));
  check_refused(run_there(live, {"new", "rows", "--env", "dev", "--location", "prod"}),
                {"\"prod\" is no location", "--location common"});
  live.write("plumbline.toml",
             "[migrations]\npath = \"db\"\n"
             "[env.dev.migrations]\nlocations = [\"dev\"]\n[env.prod.migrations]\nlocations = [\"prod\"]\n");
  const ProgramResult alone = run_there(live, {"new", "add", "--env", "dev"});
  CHECK_THAT(alone.out, Contains("db/dev/"));
  CHECK_THAT(alone.err, Contains("no location is read by every environment") && Contains("is read by dev"));
}
