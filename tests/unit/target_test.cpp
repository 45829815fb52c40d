// Which database is live: the command line, the environment, the files, in this order.
#include "cli/target.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "cli/environment.h"
#include "tests/support/migrations.h"
#include "tests/support/surroundings.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

using Texts = std::vector<std::string>;

// Nothing that plumbline or libpq reads is set.
Variables clean_but(std::map<std::string, std::optional<std::string>> wanted) {
  for (const KnownVariable& variable : known_variables()) wanted.try_emplace(std::string(variable.name));
  for (const char* name :
       {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGPASSWORD"})
    wanted.try_emplace(name);
  return Variables(wanted);
}

Options parsed(const Texts& texts) {
  std::vector<const char*> words{"plumbline"};
  for (const std::string& text : texts) words.push_back(text.c_str());
  return parse_options(static_cast<int>(words.size()), words.data());
}

Settings resolved(const Texts& texts) { return resolve_settings(parsed(texts)); }

constexpr const char* toml =
    "url = \"postgres://h/toml\"\n"
    "[env.dev]\nurl = \"postgres://h/dev\"\n"
    "[env.bare.check]\nfail_on = \"high\"\n"
    "[env.production]\nurl = \"postgres://h/production\"\nprotected = true\n";

struct Case {
  Texts flags;
  std::map<std::string, std::optional<std::string>> environment;
  std::string dotenv;
  std::string database;  // that check reads
  Texts overruled;       // that it names, in order
  bool refused = false;  // for a command that writes
};

const std::vector<Case>& cases() {
  static const std::string prod = "postgres://h/prod";
  static const std::vector<Case> all = {
      {{}, {}, "", "toml", {}},
      {{"--env", "dev"}, {}, "", "dev", {}},
      {{"--env", "bare"}, {}, "", "toml", {}},
      {{"--env", "dev"}, {{"DATABASE_URL", prod}}, "", "dev", {"DATABASE_URL"}},
      {{"--env", "dev"}, {}, "DATABASE_URL=postgres://h/prod\n", "dev", {"DATABASE_URL in .env"}},
      {{"--env", "dev"}, {{"PLUMBLINE_URL", prod}}, "", "dev", {"PLUMBLINE_URL"}},
      {{"--env", "bare"}, {{"DATABASE_URL", prod}}, "", "prod", {"url in plumbline.toml"}},
      {{"--url", "postgres://h/flag"}, {{"DATABASE_URL", prod}}, "", "flag", {"DATABASE_URL", "url in"}},
      {{"--url", "postgres://h/flag", "--env", "dev"}, {}, "", "flag", {"--env dev"}, true},
      {{"--url", "postgres://me@h/dev", "--env", "dev"}, {}, "", "dev", {}},
      {{"--url", "host=h dbname=dev port=5432", "--env", "dev"}, {}, "", "dev", {}},
      {{"--url", "postgres://h:5433/dev", "--env", "dev"}, {}, "", "dev", {"--env dev"}, true},
      {{}, {{"DATABASE_URL", prod}}, "", "prod", {"url in plumbline.toml"}},
      {{},
       {{"DATABASE_URL", prod}, {"PLUMBLINE_URL", "postgres://h/own"}},
       "",
       "own",
       {"DATABASE_URL", "url in"},
       true},
      {{}, {{"PLUMBLINE_ENV", "dev"}}, "", "dev", {}},
      {{}, {{"PLUMBLINE_ENV", "dev"}, {"DATABASE_URL", prod}}, "", "dev", {"DATABASE_URL"}, true},
      {{}, {{"PLUMBLINE_ENV", "dev"}}, "DATABASE_URL=postgres://h/prod\n", "dev", {"DATABASE_URL in .env"}},
      {{}, {}, "DATABASE_URL=postgres://h/prod\n", "prod", {"url in plumbline.toml"}, true},
      {{}, {}, "DATABASE_URL=postgres://h/toml\n", "toml", {}},
      {{}, {}, "PLUMBLINE_ENV=dev\nDATABASE_URL=postgres://h/prod\n", "dev", {"DATABASE_URL in .env"}, true},
      {{},
       {{"DATABASE_URL", "postgres://h/real"}},
       "DATABASE_URL=postgres://h/prod\n",
       "real",
       {"url in plumbline.toml"}},
      {{},
       {{"DATABASE_URL", "postgres://h/real"}},
       "PLUMBLINE_URL=postgres://h/prod\n",
       "real",
       {"PLUMBLINE_URL in .env", "url in"}},
  };
  return all;
}

Texts with(Texts words, const Texts& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("the command line beats the environment, that beats the files, and what is overruled is named") {
  std::size_t number = 0;
  for (const Case& each : cases()) {
    CAPTURE(number++, each.flags, each.dotenv, each.database);
    const WorkingFolder folder;
    folder.write("plumbline.toml", toml);
    if (!each.dotenv.empty()) folder.write(".env", each.dotenv);
    {
      const Variables variables = clean_but(each.environment);
      const Settings settings = resolved(with({"check"}, each.flags));
      CHECK(settings.url.find(each.database) != std::string::npos);
      REQUIRE(settings.notes.size() == each.overruled.size());
      for (std::size_t i = 0; i < each.overruled.size(); ++i)
        CHECK_THAT(settings.notes[i], Contains("is used (h:") && Contains(", not " + each.overruled[i]));
    }
    for (const std::string command : {"up", "redo", "repair", "approve", "init"}) {
      CAPTURE(command);
      const Variables variables = clean_but(each.environment);
      if (each.refused) {
        CHECK_THROWS_AS(resolved(with({command}, each.flags)), UsageError);
      } else {
        CHECK(resolved(with({command}, each.flags)).url.find(each.database) != std::string::npos);
      }
    }
  }
}

TEST_CASE("a url may name variables, and only one that is used misses them") {
  const WorkingFolder folder;
  folder.write("plumbline.toml",
               "url = \"postgres://reader:${SHOP_PASSWORD}@h/${SHOP_NAME}\"\n"
               "[env.dev]\nurl = \"postgres://h/${DEV_NAME}\"\n");
  const Variables variables = clean_but({{"SHOP_PASSWORD", "s3cret"},
                                         {"SHOP_NAME", std::nullopt},
                                         {"DEV_NAME", "dev"},
                                         {"PLUMBLINE_TRUST_PROJECT", "1"}});
  const std::string error = error_of([] { resolved({"check"}); });
  CHECK_THAT(
      error,
      Contains("url in plumbline.toml names the environment variable \"SHOP_NAME\", which is not set"));
  CHECK_THAT(error, !Contains("s3cret"));
  CHECK(resolved({"check", "--env", "dev"}).url == "postgres://h/dev");
  CHECK(resolved({"check", "--url", "postgres://h/x"}).url == "postgres://h/x");
}

TEST_CASE("two that disagree are told apart without a password") {
  const WorkingFolder folder;
  folder.write("plumbline.toml", toml);
  const Variables variables = clean_but({});
  const std::string error = error_of([] {
    resolved({"up", "--env", "dev", "--url", "postgres://me:s3cret@h/flag"});
  });
  CHECK_THAT(error, Contains("--url is h:5432/flag, --env dev is h:5432/dev") && !Contains("s3cret"));
}

TEST_CASE("PGHOSTADDR leads nobody away from the host that a url names without a word") {
  const WorkingFolder folder;
  folder.write("plumbline.toml", toml);
  {
    const Variables variables = clean_but({{"PGHOSTADDR", "192.0.2.1"}});
    CHECK(resolved({"check", "--env", "dev"}).notes ==
          Texts{"PGHOSTADDR leads to 192.0.2.1, whatever host --env dev names"});
    CHECK(resolved({"check"}).notes.empty());
  }
  folder.write(".env", "PGHOSTADDR=192.0.2.1\n");
  {
    const Variables variables = clean_but({});
    CHECK(resolved({"check"}).url == "postgres://h/toml");
  }
  const Variables variables = clean_but({});
  const Settings settings = resolved({"check", "--env", "dev"});
  CHECK(settings.url == "postgres://h/dev");
  CHECK(settings.warnings == Texts{"PGHOSTADDR in .env is not used without --trust-project"});
  CHECK(!std::getenv("PGHOSTADDR"));
  const Variables trusting = clean_but({{"PLUMBLINE_TRUST_PROJECT", "1"}});
  const Settings trusted = resolved({"check", "--env", "dev"});
  CHECK_THAT(trusted.url, Contains("hostaddr=''") && Contains("host='h'"));
  CHECK(trusted.notes == Texts{"PGHOSTADDR in .env is not used: --env dev names a host"});
}

TEST_CASE("a protected environment wants its name, however its database was named") {
  const WorkingFolder folder;
  folder.write("plumbline.toml", toml);
  const Variables variables = clean_but({});
  const auto refusal = [](const Texts& words) {
    return error_of([&] {
      const Options options = parsed(words);
      confirm_environment(options, resolve_settings(options));
    });
  };
  const Texts by_name = {"--env", "production"}, by_url = {"--url", "postgres://me@h/production"};
  for (const Texts& target : {by_name, by_url}) {
    for (const std::string command : {"up", "redo", "repair", "approve", "init"}) {
      CAPTURE(command, target);
      CHECK_THAT(refusal(with({command}, target)),
                 Contains("production (h:5432/production) is protected") && Contains("--confirm production"));
      CHECK_THAT(refusal(with(with({command}, target), {"--confirm", "prod"})),
                 Contains("\"prod\" is not its name"));
      CHECK(refusal(with(with({command}, target), {"--confirm", "production"})).empty());
    }
    for (const Texts& harmless : {Texts{"check"}, Texts{"status"}, Texts{"up", "--dry-run"},
                                  Texts{"check", "--record"}, Texts{"catchup", "--revert"}})
      CHECK(refusal(with(harmless, target)).empty());
    CHECK_THAT(refusal(with({"catchup", "--revert", "--apply", "--yes"}, target)), Contains("is protected"));
  }
  CHECK(refusal({"up", "--env", "dev"}).empty());
}
