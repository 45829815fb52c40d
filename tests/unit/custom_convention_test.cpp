// The long tail of tools, each described only with what [migrations.custom] can say, must read as the
// built-in entry does.
#include <catch2/catch.hpp>

#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

MigrationDirectory load_custom(const CustomConvention& custom, const std::vector<SourceFile>& files) {
  MigrationOptions options;
  options.path = "db";
  options.convention = "custom";
  options.custom = custom;
  return load_migrations(options, files);
}

void require_same(const MigrationDirectory& custom, const MigrationDirectory& built_in) {
  REQUIRE(custom.migrations.size() == built_in.migrations.size());
  for (std::size_t i = 0; i < custom.migrations.size(); ++i) {
    const Migration &a = custom.migrations[i], &b = built_in.migrations[i];
    CAPTURE(a.file);
    CHECK(a.file == b.file);
    CHECK(a.down_file == b.down_file);
    CHECK(a.transactional == b.transactional);
    CHECK(a.checksum == b.checksum);
  }
}

}  // namespace

TEST_CASE("the custom form can say what hasura does") {
  const auto files = files_named({"10_b/up.sql", "10_b/down.sql", "9_a/up.sql"});
  const auto custom =
      load_custom({.file_pattern = R"((?<version>\d+)_(?<name>[^/]*)/(?<direction>up|down)\.sql)"}, files);
  CHECK(versions(custom) == Names{"9", "10"});
  require_same(custom, load(files, "hasura"));
}

TEST_CASE("the custom form can say what pop does") {
  const auto files = files_named({"20210710035447_b.up.sql", "00_a.up.sql", "00_a.down.sql"});
  const auto custom =
      load_custom({.file_pattern = R"((?<version>\d+)_(?<name>.*)\.(?<direction>up|down)\.sql)"}, files);
  CHECK(versions(custom) == Names{"00", "20210710035447"});
  require_same(custom, load(files, "pop"));
}

TEST_CASE("the custom form can say what postgres-migrations does") {
  const std::vector<SourceFile> files{{"00010-c.sql", "-- postgres-migrations disable-transaction\nSELECT 1"},
                                      {"0002-b.sql", "SELECT 1"},
                                      {"0001-a.sql", "SELECT 1"}};
  const auto custom = load_custom({.file_pattern = R"((?<version>\d+)-(?<name>.*)\.sql)",
                                   .no_transaction_marker = "^-- postgres-migrations disable-transaction"},
                                  files);
  CHECK(file_names(custom) == Names{"0001-a.sql", "0002-b.sql", "00010-c.sql"});
  CHECK_FALSE(custom.migrations[2].transactional);
  require_same(custom, load(files, "postgres-migrations"));
}

TEST_CASE("the custom form can say what graphile-worker does") {
  const auto files = files_named({"000002.sql", "000001.sql"});
  require_same(load_custom({.file_pattern = R"((?P<version>\d+)\.sql)"}, files),
               load(files, "graphile-worker"));
}

TEST_CASE("the custom form can say what concourse does") {
  const auto files = files_named({"5_b.up.sql", "5_a.up.sql", "4_c.up.sql", "5_a.down.sql"});
  CustomConvention form{.file_pattern = R"((?<version>\d+)_(?<name>.*)\.(?<direction>up|down)\.sql)",
                        .no_transaction_marker = "NO_TRANSACTION"};
  CHECK_THAT(error_of([&] { load_custom(form, files); }), Contains("two migrations have the version \"5\""));
  form.repeats_versions = true;
  require_same(load_custom(form, files), load(files, "concourse"));
}

TEST_CASE("the custom form can say what dbmate and flyway do") {
  const std::vector<SourceFile> files{{"1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"}};
  require_same(load_custom({.file_pattern = R"((?<version>\d+)_(?<name>.*)\.sql)",
                            .order = "text",
                            .up_marker = "^-- migrate:up",
                            .down_marker = "^-- migrate:down"},
                           files),
               load(files));
  const auto dotted =
      load_custom({.file_pattern = R"(V(?<version>[0-9.]+)__(?<name>.*)\.sql)", .order = "dotted"},
                  files_named({"V1.10__b.sql", "V1.9__a.sql", "V2__c.sql"}));
  CHECK(versions(dotted) == Names{"1.9", "1.10", "2"});
}

TEST_CASE("transaction = none takes every file out of one") {
  const auto directory =
      load_custom({.file_pattern = R"((?<version>\d+)\.sql)", .transaction = "none"}, files_named({"1.sql"}));
  CHECK_FALSE(directory.migrations[0].transactional);
}

TEST_CASE("a custom convention that is incomplete or wrong is an error that says what is missing") {
  const auto files = files_named({"1.sql"});
  const auto refusal = [&](const CustomConvention& custom) {
    return error_of([&] { load_custom(custom, files); });
  };
  CHECK_THAT(refusal({}), Contains("no file_pattern"));
  CHECK_THAT(refusal({.file_pattern = R"(\d+\.sql)"}), Contains("no group named version"));
  CHECK_THAT(refusal({.file_pattern = R"((?<version>\d+\.sql)"}), Contains("is no regular expression"));
  CHECK_THAT(refusal({.file_pattern = R"((?<version>\d+)\.sql)", .order = "random"}),
             Contains("\"random\" is unknown"));
  CHECK_THAT(refusal({.file_pattern = R"((?<version>\d+)\.sql)", .transaction = "all"}),
             Contains("\"all\" is unknown"));
  CHECK_THAT(refusal({.file_pattern = R"(m(?<version>\d+)\.sql)"}), Contains("no custom migrations"));
}

TEST_CASE("groups are counted past escapes, sets and groups without a name") {
  const auto directory =
      load_custom({.file_pattern = R"((?:\(x\)|[(]y)?(a|b)(?<version>\d+)(?=\.)\.(?<name>sq(l)))"},
                  files_named({"a7.sql"}));
  CHECK(directory.migrations[0].version == "7");
  CHECK(directory.migrations[0].name == "sql");
}

TEST_CASE("a very long line neither overflows nor hides the marker below it") {
  const auto directory = load_custom(
      {.file_pattern = R"((?<version>\d+)\.sql)", .up_marker = "-.*up$", .down_marker = "down.*"},
      {{"1.sql", "-- " + std::string(2'000'000, 'x') + "\n-- up\nSELECT 1;\n-- down\nSELECT 2;"}});
  CHECK(texts(directory.migrations[0].up) == Names{"SELECT 1"});
}
