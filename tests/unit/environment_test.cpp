#include "cli/environment.h"

#include <catch2/catch.hpp>

#include "cli/options.h"
#include "tests/support/migrations.h"
#include "tests/support/surroundings.h"

namespace plumbline {
namespace {

using testing::Variables;
using testing::WorkingFolder;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// Nothing that plumbline reads is set.
Variables clean(std::map<std::string, std::optional<std::string>> wanted = {}) {
  for (const KnownVariable& variable : known_variables()) wanted.try_emplace(std::string(variable.name));
  for (const char* name : {"NO_COLOR", "PGHOST", "PGPASSWORD", "PGUSER"}) wanted.try_emplace(name);
  return Variables(wanted);
}

Settings resolve(std::vector<const char*> words) {
  words.insert(words.begin(), "plumbline");
  return resolve_settings(parse_options(static_cast<int>(words.size()), words.data()));
}

TEST_CASE("a .env file is read as other tools read it") {
  const Variables variables({{"OUTSIDE", "out"}, {"NOWHERE", std::nullopt}});
  const Pairs pairs = parse_dotenv(
      "\xef\xbb\xbf# comment\n"
      "PLAIN=value # and a comment\r\n"
      "export EXPORTED = spaced \n"
      "SHARP=pass#word\n"
      "SINGLE='as ${PLAIN} \\n stands' # comment\n"
      "DOUBLE=\"a\\nb \\\"q\\\" ${PLAIN}\"\n"
      "URL=postgres://u:${SHARP}@${OUTSIDE}/${NOWHERE}\n"
      "EMPTY=\n"
      "this is no assignment\n"
      "not-a-name=1\n"
      "OPEN='no end\n");
  CHECK(pairs == Pairs{{"PLAIN", "value"},
                       {"EXPORTED", "spaced"},
                       {"SHARP", "pass#word"},
                       {"SINGLE", "as ${PLAIN} \\n stands"},
                       {"DOUBLE", "a\nb \"q\" value"},
                       {"URL", "postgres://u:pass#word@out/"},
                       {"EMPTY", ""},
                       {"OPEN", "no end"}});
}

TEST_CASE("a .env file adds to the environment and replaces nothing") {
  const Variables variables = clean({{"PGHOST", "from.shell"}});
  const WorkingFolder folder;
  folder.write(".env", "PGHOST=from.file\nPGUSER=reader\n");
  load_dotenv(folder.path(), true);
  CHECK(environment_variable("PGHOST") == "from.shell");
  CHECK(environment_variable("PGUSER") == "reader");
}

TEST_CASE("a .env file of a project that is not trusted says which database it is and no more") {
  const Variables variables = clean({{"PGHOST", std::nullopt},
                                     {"PGSSLROOTCERT", std::nullopt},
                                     {"PGSERVICEFILE", std::nullopt},
                                     {"GITHUB_API_URL", std::nullopt}});
  const std::optional<std::string> path = environment_variable("PATH");
  const WorkingFolder folder;
  folder.write(
      ".env",
      "PGHOST=from.file\nPGSSLROOTCERT=/a\nPGSERVICEFILE=/b\nGITHUB_API_URL=c\nPLUMBLINE_PG_BIN=/d\n");
  const FromDotenv said = load_dotenv(folder.path(), false);
  CHECK(said.added == std::set<std::string>{"PGHOST"});
  CHECK(said.refused == std::set<std::string>{"PGSSLROOTCERT", "PGSERVICEFILE", "PLUMBLINE_PG_BIN"});
  CHECK(environment_variable("PGHOST") == "from.file");
  CHECK(!environment_variable("PGSSLROOTCERT"));
  CHECK(!environment_variable("GITHUB_API_URL"));
  CHECK(expand_variables("${GITHUB_API_URL}", "a text") == "c");
}

TEST_CASE("a .env file can neither bring server programs nor certificates to trust") {
  const Variables variables = clean({{"PLUMBLINE_PACKAGED_SERVERS", std::nullopt},
                                     {"PLUMBLINE_PACKAGED_INSTALL", std::nullopt},
                                     {"SSL_CERT_FILE", std::nullopt}});
  const WorkingFolder folder;
  folder.write(".env", "PLUMBLINE_PACKAGED_SERVERS=/a\nPLUMBLINE_PACKAGED_INSTALL=b\nSSL_CERT_FILE=/c\n");
  load_dotenv(folder.path(), true);
  CHECK(!environment_variable("PLUMBLINE_PACKAGED_SERVERS"));
  CHECK(!environment_variable("PLUMBLINE_PACKAGED_INSTALL"));
  CHECK(!environment_variable("SSL_CERT_FILE"));
}

TEST_CASE("a flag counts for more than the environment, that for more than plumbline.toml") {
  const WorkingFolder folder;
  folder.write("plumbline.toml",
               "url = \"postgres:///file\"\n[migrations]\npath = \"file\"\nconvention = \"dbmate\"\n");
  folder.write(".env", "PLUMBLINE_MIGRATIONS=dotenv\nPLUMBLINE_CONVENTION=flyway\n");
  const Variables variables = clean({{"PLUMBLINE_MIGRATIONS", "environment"}});
  const Settings settings = resolve({"check", "--migrations", "flag"});
  CHECK(settings.migrations.path == "flag");
  CHECK(settings.migrations.convention == "flyway");
  CHECK(settings.url == "postgres:///file");
  CHECK(resolve({"check"}).migrations.path == "environment");
}

TEST_CASE("each PLUMBLINE variable is heard") {
  const WorkingFolder folder;
  const Variables variables = clean({{"DATABASE_URL", "postgres:///common"},
                                     {"PLUMBLINE_URL", "postgres:///own"},
                                     {"PLUMBLINE_PRELUDE", "prelude.sql"},
                                     {"PLUMBLINE_SEARCH_PATH", "shop"},
                                     {"PLUMBLINE_SHADOW_URL", "postgres:///shadow"},
                                     {"PLUMBLINE_AT", "head"},
                                     {"PLUMBLINE_OWNER", "owner"},
                                     {"PLUMBLINE_FORMAT", "json"},
                                     {"PLUMBLINE_FAIL_ON", "critical"},
                                     {"PLUMBLINE_CACHE_DIR", "cache"}});
  const Settings settings = resolve({"check"});
  CHECK(settings.url == "postgres:///own");
  CHECK(settings.prelude == "prelude.sql");
  CHECK(settings.search_path == "shop");
  CHECK(settings.shadow_url == "postgres:///shadow");
  CHECK(settings.at == "head");
  CHECK(settings.owner == "owner");
  CHECK(settings.usual_format == "json");
  CHECK(settings.fail_on == Severity::critical);
  CHECK(settings.cache_directory == "cache");
  CHECK(resolve({"check", "--no-cache"}).cache_directory.empty());
}

TEST_CASE("PLUMBLINE_CONFIG and PLUMBLINE_ENV choose the settings") {
  const WorkingFolder folder;
  folder.write("other.toml", "[env.live]\nurl = \"postgres:///live\"\n");
  const Variables variables = clean({{"PLUMBLINE_CONFIG", "other.toml"}, {"PLUMBLINE_ENV", "live"}});
  CHECK(resolve({"check"}).url == "postgres:///live");
}

TEST_CASE("an environment cannot be chosen where there is no settings file") {
  const WorkingFolder folder;
  const Variables variables = clean();
  CHECK(testing::error_of([] {
          resolve({"check", "--env", "live"});
        }).starts_with("there is no plumbline.toml that could say what the environment \"live\" is"));
}

TEST_CASE("a misspelt PLUMBLINE variable is pointed out") {
  const WorkingFolder folder;
  const Variables variables = clean({{"PLUMBLINE_MIGRATION", "db"}});
  const Settings settings = resolve({"check"});
  REQUIRE(settings.warnings.size() == 1);
  CHECK(settings.warnings[0] ==
        "the environment variable \"PLUMBLINE_MIGRATION\" means nothing; did you mean PLUMBLINE_MIGRATIONS?");
}

TEST_CASE("a wrong severity in the environment is named") {
  const WorkingFolder folder;
  const Variables variables = clean({{"PLUMBLINE_FAIL_ON", "dreadful"}});
  CHECK(testing::error_of([] {
          resolve({"check"});
        }).starts_with("PLUMBLINE_FAIL_ON is \"dreadful\", which is no severity"));
}

TEST_CASE("the cache is where the platform keeps caches") {
  {
    const Variables variables({{"XDG_CACHE_HOME", "/caches"}, {"HOME", "/people/mason"}});
    CHECK(default_cache_directory() == "/caches/plumbline");
  }
  {
    const Variables variables({{"XDG_CACHE_HOME", std::nullopt}, {"HOME", "/people/mason"}});
    CHECK(default_cache_directory() == "/people/mason/.cache/plumbline");
  }
  const Variables variables({{"XDG_CACHE_HOME", std::nullopt}, {"HOME", std::nullopt}});
  CHECK(default_cache_directory().empty());
}

TEST_CASE("colours need a terminal that can show them and nobody who objects") {
  {
    const Variables variables({{"NO_COLOR", std::nullopt}, {"TERM", "xterm"}});
    CHECK(wants_colour(true));
    CHECK_FALSE(wants_colour(false));
  }
  {
    const Variables variables({{"NO_COLOR", std::nullopt}, {"TERM", "dumb"}});
    CHECK_FALSE(wants_colour(true));
  }
  const Variables variables({{"NO_COLOR", "1"}, {"TERM", "xterm"}});
  CHECK_FALSE(wants_colour(true));
}

}  // namespace
}  // namespace plumbline
