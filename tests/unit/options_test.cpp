#include "cli/options.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/suggest.h"

namespace plumbline {
namespace {

Options parse(std::vector<const char*> words) {
  words.insert(words.begin(), "plumbline");
  return parse_options(static_cast<int>(words.size()), words.data());
}

std::string usage_error(const std::vector<const char*>& words) {
  try {
    parse(words);
  } catch (const UsageError& error) {
    return error.message() + "\n" + error.hint();
  }
  return "";
}

// What others can read of the arguments, NULs as '|'.
std::string visible_after_hiding(const std::string& argument) {
  std::string program = "plumbline", copy = argument;
  char* argv[] = {program.data(), copy.data(), nullptr};
  hide_passwords(2, argv);
  return copy;
}

TEST_CASE("the fixed form of check is understood") {
  const Options options = parse({"check",
                                 "--migrations",
                                 "db",
                                 "--url",
                                 "postgres:///shop",
                                 "--prelude",
                                 "p.sql",
                                 "--search-path",
                                 "a,b",
                                 "--convention",
                                 "flyway",
                                 "--at",
                                 "head",
                                 "--shadow-url",
                                 "postgres:///s",
                                 "--format",
                                 "json",
                                 "--output",
                                 "a.json",
                                 "--output",
                                 "b.md",
                                 "--fail-on",
                                 "high",
                                 "--cluster"});
  REQUIRE(options.command);
  CHECK(options.command->name == "check");
  CHECK(options.migrations == "db");
  CHECK(options.url == "postgres:///shop");
  CHECK(options.prelude == "p.sql");
  CHECK(options.search_path == "a,b");
  CHECK(options.convention == "flyway");
  CHECK(options.at == "head");
  CHECK(options.shadow_url == "postgres:///s");
  CHECK(options.format == "json");
  CHECK(options.outputs == std::vector<std::string>{"a.json", "b.md"});
  CHECK(options.fail_on == "high");
  CHECK(options.cluster);
}

TEST_CASE("the fixed forms of snapshot and diff are understood") {
  const Options snapshot = parse({"snapshot", "db/migrations", "--output", "out.json"});
  CHECK(snapshot.arguments == std::vector<std::string>{"db/migrations"});
  CHECK(snapshot.outputs == std::vector<std::string>{"out.json"});
  const Options diff = parse({"diff", "host=/tmp dbname=shop", "empty", "--format", "markdown", "--sql"});
  CHECK(diff.arguments == std::vector<std::string>{"host=/tmp dbname=shop", "empty"});
  CHECK(diff.format == "markdown");
  CHECK(diff.sql);
}

TEST_CASE("a repeated flag takes one value each time, so an argument may follow it") {
  const Options options =
      parse({"diff", "--include", "a.*", "--include", "b.*", "one", "two", "--exclude", "c"});
  CHECK(options.include == std::vector<std::string>{"a.*", "b.*"});
  CHECK(options.exclude == std::vector<std::string>{"c"});
  CHECK(options.arguments == std::vector<std::string>{"one", "two"});
}

TEST_CASE("general flags stand before or after the command") {
  CHECK(parse({"--env", "live", "-q", "check"}).environment == "live");
  const Options options = parse({"check", "--env", "live", "-v", "--no-color", "--config=x.toml"});
  CHECK(options.environment == "live");
  CHECK(options.verbose);
  CHECK(options.colour == false);
  CHECK(options.config == "x.toml");
  CHECK_FALSE(parse({"check"}).colour.has_value());
}

TEST_CASE("a minus sign as an output is stdout, not a flag") {
  CHECK(parse({"check", "--output", "-"}).outputs == std::vector<std::string>{"-"});
}

TEST_CASE("wrong usage is met with what was probably meant") {
  CHECK(usage_error({}) == "no command was given\nSee \"plumbline --help\".");
  CHECK(usage_error({"chekc"}) ==
        "unknown command \"chekc\"\nDid you mean \"check\"? See \"plumbline --help\".");
  CHECK(usage_error({"check", "--migration", "db"}) ==
        "unknown flag \"--migration\"\nDid you mean --migrations? See \"plumbline check --help\".");
  CHECK(usage_error({"check", "--sql"}) ==
        "unknown flag \"--sql\"\n--sql is a flag of \"plumbline diff\". See \"plumbline check --help\".");
  CHECK(usage_error({"diff", "one"}) == "EXPECTED is missing\nSee \"plumbline diff --help\".");
  CHECK(usage_error({"snapshot", "one", "two"}) ==
        "one argument too many: \"two\"\nSee \"plumbline snapshot --help\".");
  CHECK(usage_error({"check", "--url"}) == "--url needs a value\nSee \"plumbline check --help\".");
  CHECK(usage_error({"check", "-q", "-v"}) ==
        "--quiet and --verbose exclude each other\nSee \"plumbline check --help\".");
}

TEST_CASE("create, migrate and rollback are new, up and down") {
  CHECK(parse({"create", "users"}).command == find_command("new"));
  CHECK(parse({"migrate", "--dry-run"}).command == find_command("up"));
  CHECK(parse({"rollback", "--steps", "1"}).command == find_command("down"));
  const std::string all = parse({"--help"}).print;
  for (const auto& [alias, name] : {std::pair{"create", "new"}, {"migrate", "up"}, {"rollback", "down"}}) {
    const std::string help = parse({alias, "--help"}).print;
    CHECK(help.find("Usage: plumbline " + std::string(name)) != help.npos);
    CHECK(help.find("\"plumbline " + std::string(alias) + "\" is the same command") != help.npos);
    CHECK(all.find("(also: " + std::string(alias) + ")") != all.npos);
  }
}

TEST_CASE("a usage error shows no password") {
  CHECK(usage_error({"check", "--urll=postgres://u:s3cret@h/d"}).find("s3cret") == std::string::npos);
  CHECK(usage_error({"postgres://u:s3cret@h/d"}).find("s3cret") == std::string::npos);
  CHECK(usage_error({"snapshot", "empty", "host=h password=s3cret"}).find("s3cret") == std::string::npos);
}

TEST_CASE("help teaches: every command has examples and its exit codes") {
  CHECK(parse({"--version"}).print == "plumbline " PLUMBLINE_VERSION "\n");
  const std::string top = parse({"--help"}).print;
  for (const Command& command : all_commands()) {
    const std::string name(command.name);
    CHECK(top.find("\n  " + name + " ") != std::string::npos);
    const std::string help = parse({name.c_str(), "--help"}).print;
    CHECK(help.find("plumbline " + name + " ") != std::string::npos);
    for (const char* part : {"Examples:", "Exit codes:\n  0   "}) {
      CHECK(help.find(part) != std::string::npos);
    }
    CHECK(parse({"help", name.c_str()}).print == help);
  }
}

TEST_CASE("passwords vanish from the arguments that everybody on the machine can read") {
  for (const std::string argument :
       {"postgres://reader:s3cret@db:5433/shop", "--url=postgresql://reader:s3cret@db/shop?sslmode=require",
        "host=db user=reader password=s3cret", "--shadow-url=host=db password='s3cret'",
        "postgres://reader@db/shop?password=s3cret", "postgres://reader:s3cret@[broken"}) {
    const std::string left = visible_after_hiding(argument);
    CHECK(left.size() == argument.size());
    CHECK(left.find("s3cret") == std::string::npos);
  }
  CHECK(visible_after_hiding("--migrations=db/migrations") == "--migrations=db/migrations");
  CHECK(visible_after_hiding("db/password.sql") == "db/password.sql");
}

TEST_CASE("a near word is suggested, a far one is not") {
  const std::vector<std::string> known{"check", "snapshot", "diff"};
  CHECK(did_you_mean("chekc", known) == "check");
  CHECK(did_you_mean("snap", known) == "snapshot");
  CHECK(did_you_mean("dif", known) == "diff");
  CHECK(did_you_mean("zebra", known).empty());
  CHECK(did_you_mean(std::string(100000, 'x'), known).empty());
}

}  // namespace
}  // namespace plumbline
