#include "cli/config.h"

#include <catch2/catch.hpp>

#include "tests/support/migrations.h"
#include "tests/support/surroundings.h"

namespace plumbline {
namespace {

using testing::Variables;
using testing::WorkingFolder;

Settings read(const WorkingFolder& folder, const std::string& text, const std::string& environment = "") {
  folder.write("plumbline.toml", text);
  Settings settings;
  read_config(folder.path() / "plumbline.toml", environment, settings);
  return settings;
}

std::string error_in(const std::string& text, const std::string& environment = "") {
  const WorkingFolder folder;
  return testing::error_of([&] { read(folder, text, environment); });
}

TEST_CASE("plumbline.toml says all that a flag can say, and more") {
  const WorkingFolder folder;
  const Settings settings = read(folder, R"toml(
url = "postgres://reader@db.internal/shop"

[migrations]
path = "db/migrations"
convention = "flyway"
locations = ["common", "shop"]
no_transaction = ["*_concurrently.sql"]
exclude = ["test/*"]
missing_versions = ["0007", 20250101120000]
ledger_table = "audit.history"
prelude = "db/prelude.sql"
search_path = "shop, public"
placeholders = { "${schema}" = "shop" }
settings = { "app.tenant" = 7, check_function_bodies = false }

[migrations.custom]
file_pattern = '(?<version>\d+)_(?<name>.*)\.sql'
order = "text"
up_marker = "^-- up"
down_marker = "^-- down"
no_transaction_marker = "^-- no transaction"
transaction = "none"
ledger_table = "ops.applied"
ledger_query = "SELECT version FROM ops.applied"
repeats_versions = true

[check]
at = "head"
fail_on = "high"
owner = "shop_owner"
include = ["shop.*"]
exclude = ["shop.tmp_*"]
presets = ["auto", "rds"]
format = "markdown"

[shadow]
url = "postgres:///postgres"
cache_directory = ".cache"
)toml");
  CHECK(settings.url == "postgres://reader@db.internal/shop");
  CHECK(settings.migrations.path == "db/migrations");
  CHECK(settings.migrations.convention == "flyway");
  CHECK(settings.migrations.locations == std::vector<std::string>{"common", "shop"});
  CHECK(settings.migrations.no_transaction == std::vector<std::string>{"*_concurrently.sql"});
  CHECK(settings.migrations.exclude == std::vector<std::string>{"test/*"});
  CHECK(settings.migrations.missing_versions == std::vector<std::string>{"0007", "20250101120000"});
  CHECK(settings.migrations.ledger_table == "audit.history");
  CHECK(settings.prelude == "db/prelude.sql");
  CHECK(settings.search_path == "shop, public");
  CHECK(settings.migrations.placeholders.at("${schema}") == "shop");
  REQUIRE(settings.migrations.settings.size() == 2);
  CHECK(settings.migrations.settings[0].name == "app.tenant");
  CHECK(settings.migrations.settings[0].value == "7");
  CHECK(settings.migrations.settings[1].value == "false");
  CHECK(settings.migrations.custom.file_pattern == R"((?<version>\d+)_(?<name>.*)\.sql)");
  CHECK(settings.migrations.custom.order == "text");
  CHECK(settings.migrations.custom.up_marker == "^-- up");
  CHECK(settings.migrations.custom.down_marker == "^-- down");
  CHECK(settings.migrations.custom.no_transaction_marker == "^-- no transaction");
  CHECK(settings.migrations.custom.transaction == "none");
  CHECK(settings.migrations.custom.ledger_table == "ops.applied");
  CHECK(settings.migrations.custom.ledger_query == "SELECT version FROM ops.applied");
  CHECK(settings.at == "head");
  CHECK(settings.fail_on == Severity::high);
  CHECK(settings.owner == "shop_owner");
  CHECK(settings.migrations.custom.repeats_versions);
  CHECK(settings.presets == std::vector<std::string>{"auto", "rds"});
  CHECK(settings.include == std::vector<std::string>{"shop.*"});
  CHECK(settings.exclude == std::vector<std::string>{"shop.tmp_*"});
  CHECK(settings.usual_format == "markdown");
  CHECK(settings.shadow_url == "postgres:///postgres");
  CHECK(settings.cache_directory == ".cache");
  CHECK(settings.config_file == "plumbline.toml");
}

TEST_CASE("the example of the documentation is a settings file") {
  std::ifstream file(PLUMBLINE_SOURCE "/docs/configuration.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string open = "```toml\n";
  const std::size_t begin = text.find(open);
  REQUIRE(begin != std::string::npos);
  const std::size_t size = text.find("```", begin + open.size()) - begin - open.size();
  const Variables variables({{"SHOP_PASSWORD", std::string("s3cret")}});
  const WorkingFolder folder;
  const Settings settings = read(folder, text.substr(begin + open.size(), size), "production");
  CHECK(settings.url == "postgres://reader@db.internal/shop");
  CHECK(settings.fail_on == Severity::high);
  CHECK(settings.ignore.size() == 1);
}

TEST_CASE("an ignore rule may say its last day as a string or as a date") {
  const WorkingFolder folder;
  const Settings settings = read(folder, R"toml(
[[ignore]]
kind = "index"
object = "public.audit_*"
attribute = "comment"
reason = "made by the auditors"
owner = "ops"
expires = "2026-12-31"

[[ignore]]
object = "public.tmp"
expires = 2027-01-15
)toml");
  REQUIRE(settings.ignore.size() == 2);
  CHECK(settings.ignore[0].kind == "index");
  CHECK(settings.ignore[0].object == "public.audit_*");
  CHECK(settings.ignore[0].attribute == "comment");
  CHECK(settings.ignore[0].reason == "made by the auditors");
  CHECK(settings.ignore[0].owner == "ops");
  CHECK(settings.ignore[0].expires == "2026-12-31");
  CHECK(settings.ignore[1].expires == "2027-01-15");
}

TEST_CASE("the chosen environment says its say over the rest of the file") {
  const std::string text = R"toml(
url = "postgres:///development"
[migrations]
path = "db"
convention = "dbmate"
placeholders = { a = "1", b = "2" }
[[ignore]]
object = "public.everywhere"
[env.production]
url = "postgres:///production"
[env.production.migrations]
convention = "flyway"
placeholders = { b = "3" }
[env.production.check]
fail_on = "low"
[[env.production.ignore]]
object = "public.only_there"
[env.staging]
url = "postgres:///staging"
)toml";
  const WorkingFolder folder;
  const Settings none = read(folder, text), production = read(folder, text, "production");
  CHECK(none.url == "postgres:///development");
  CHECK(none.ignore.size() == 1);
  CHECK(production.url == "postgres:///production");
  CHECK(production.environment == "production");
  CHECK(production.migrations.path == "db");
  CHECK(production.migrations.convention == "flyway");
  CHECK(production.migrations.placeholders == std::map<std::string, std::string>{{"a", "1"}, {"b", "3"}});
  CHECK(production.fail_on == Severity::low);
  CHECK(production.ignore.size() == 2);
}

TEST_CASE("an environment that the file lacks is refused with the names it has") {
  const std::string text =
      "[env.staging]\nurl = \"postgres:///s\"\n[env.production]\nurl = \"postgres:///p\"\n";
  CHECK(error_in(text, "stagin") ==
        "plumbline.toml has no environment \"stagin\"\n"
        "Did you mean \"staging\"? It has: production, staging.");
  CHECK(error_in("", "staging") == "plumbline.toml has no environment \"staging\"\nIt has none.");
}

TEST_CASE("an unknown key is refused where it stands, with what was probably meant") {
  CHECK(error_in("ulr = \"x\"\n") == "plumbline.toml:1:1: unknown key \"ulr\"\nDid you mean \"url\"?");
  CHECK(error_in("[migrations]\npath = \"db\"\n  convntion = \"flyway\"\n") ==
        "plumbline.toml:3:3: unknown key \"convntion\" in [migrations]\nDid you mean \"convention\"?");
  CHECK(error_in("[env.live.check]\nfailon = \"low\"\n") ==
        "plumbline.toml:2:1: unknown key \"failon\" in [env.live.check]\nDid you mean \"fail_on\"?");
  CHECK(error_in("[[ignore]]\nobjects = \"a.b\"\n") ==
        "plumbline.toml:2:1: unknown key \"objects\" in [ignore]\nDid you mean \"object\"?");
  CHECK(error_in("[shadow]\nzebra = 1\n") ==
        "plumbline.toml:2:1: unknown key \"zebra\" in [shadow]\nKnown are: url, cache_directory.");
}

TEST_CASE("a value of the wrong type is refused where it stands") {
  CHECK(error_in("url = 5\n") == "plumbline.toml:1:7: \"url\" must be a string, not integer\n");
  CHECK(error_in("migrations = \"db\"\n") ==
        "plumbline.toml:1:14: \"migrations\" must be a table, not string\n");
  CHECK(error_in("[migrations]\nexclude = \"a\"\n") ==
        "plumbline.toml:2:11: \"exclude\" must be a list of strings, not string\n");
  CHECK(error_in("[migrations]\nmissing_versions = [1, 2.5]\n") ==
        "plumbline.toml:2:24: \"missing_versions\" must be a list of strings or integers, not "
        "floating-point\n");
  CHECK(error_in("[ignore]\nkind = \"index\"\n") ==
        "plumbline.toml:1:1: \"ignore\" must be a list of tables, written [[ignore]], not table\n");
  CHECK(error_in("[check]\npresets = [\"rds\", \"oracle\"]\n")
            .starts_with("plumbline.toml:2:11: unknown preset \"oracle\"\nKnown are: supabase, rds, "));
  CHECK(error_in("[migrations.custom]\nrepeats_versions = 1\n") ==
        "plumbline.toml:2:20: \"repeats_versions\" must be true or false, not integer\n");
  CHECK(error_in("[check]\nfail_on = \"dreadful\"\n") ==
        "plumbline.toml:2:11: unknown severity \"dreadful\"\nUse info, low, medium, high, critical, new or "
        "never.");
  CHECK(error_in("[[ignore]]\nobject = \"a\"\nexpires = \"2026-02-30\"\n") ==
        "plumbline.toml:3:11: \"2026-02-30\" is no date\nWrite the last day as 2026-12-31.");
}

TEST_CASE("an environment that nobody chose must make sense all the same") {
  CHECK(error_in("[env.live]\nurl = 1\n") == "plumbline.toml:2:7: \"url\" must be a string, not integer\n");
}

TEST_CASE("an ignore rule that would hide everything is refused") {
  CHECK(error_in("[[ignore]]\nreason = \"because\"\n") ==
        "plumbline.toml:1:1: an ignore rule without kind, object and attribute would hide everything\n"
        "Say what it hides, as in object = \"public.audit_*\".");
}

TEST_CASE("an ignore rule of a kind that there is not is refused, a pattern that fits one is taken") {
  CHECK(error_in("[[ignore]]\nkind = \"tabel\"\n") ==
        "plumbline.toml:2:8: unknown kind \"tabel\"\nDid you mean \"table\"?");
  CHECK(error_in("[[ignore]]\nkind = \"zebra\"\n").find("Known are: ") != std::string::npos);
  for (const char* kind : {"index", "materialized view", "materialized_view", "foreign*", "*"})
    CHECK(error_in("[[ignore]]\nobject = \"a\"\nkind = \"" + std::string(kind) + "\"\n").empty());
}

TEST_CASE("what is no TOML is refused with its line and column") {
  const std::string error = error_in("[migrations]\npath = db\n");
  CHECK(error.starts_with("plumbline.toml:2:8: "));
}

TEST_CASE("the file is found by walking up, and its paths start at its folder") {
  const WorkingFolder folder;
  folder.write("plumbline.toml", "[migrations]\npath = \"db/migrations\"\nprelude = \"/etc/prelude.sql\"\n");
  folder.enter("services/shop");
  const auto file = find_config(std::filesystem::current_path());
  REQUIRE(file);
  CHECK(*file == folder.path() / "plumbline.toml");
  Settings settings;
  read_config(*file, "", settings);
  CHECK(std::filesystem::absolute(settings.migrations.path).lexically_normal() ==
        folder.path() / "db/migrations");
  CHECK(settings.prelude == "/etc/prelude.sql");
}

TEST_CASE("a settings file that is not there is an error that names it") {
  Settings settings;
  CHECK(testing::error_of([&] { read_config("no/such.toml", "", settings); }) ==
        "cannot read the settings file \"no/such.toml\"\nThere is no such file.");
}

TEST_CASE("the url is left as the file writes it, and each environment is known") {
  const WorkingFolder folder;
  const Settings settings = read(folder,
                                 "url = \"postgres://reader:${SHOP_PASSWORD}@db/shop\"\n"
                                 "[migrations]\nlocations = [\"common\"]\n"
                                 "[env.live]\nurl = \"postgres://${SHOP_HOST}/shop\"\nprotected = true\n"
                                 "[env.dev.migrations]\nlocations = [\"common\", \"dev\"]\n");
  CHECK(settings.file_url == "postgres://reader:${SHOP_PASSWORD}@db/shop");
  CHECK(settings.migrations.locations == std::vector<std::string>{"common"});
  REQUIRE(settings.environments.size() == 2);
  CHECK(settings.environments[0].name == "dev");
  CHECK(settings.environments[0].locations == std::vector<std::string>{"common", "dev"});
  CHECK_FALSE(settings.environments[0].is_protected);
  CHECK(settings.environments[1].url == "postgres://${SHOP_HOST}/shop");
  CHECK(settings.environments[1].is_protected);
}

}  // namespace
}  // namespace plumbline
