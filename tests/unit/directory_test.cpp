#include "migrations/directory.h"

#include <catch2/catch.hpp>

#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

// A directory on disk that is gone after the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "plumbline-directory-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  MigrationOptions options() const {
    MigrationOptions options;
    options.path = path_.string();
    return options;
  }
  std::string refusal() const {
    return error_of([&] { load_migrations(options()); });
  }

 private:
  fs::path path_;
};

MigrationOptions in_memory() {
  MigrationOptions options;
  options.path = "db";
  return options;
}

std::string refusal_of(const std::vector<SourceFile>& files, const std::string& convention = "") {
  return error_of([&] { load(files, convention); });
}

}  // namespace

TEST_CASE("a directory on disk is read below hidden folders and beside foreign files") {
  Folder folder;
  folder.write("001_a.sql", "CREATE TABLE a ();");
  folder.write("002_b.sql", "CREATE TABLE b ();");
  folder.write(".git/003_c.sql", "not SQL'");
  folder.write("picture.png", std::string("\0\xff", 2));
  CHECK(file_names(load_migrations(folder.options())) == std::vector<std::string>{"001_a.sql", "002_b.sql"});
}

TEST_CASE("a missing directory, a file in its place and an empty one are told apart") {
  Folder folder;
  CHECK_THAT(folder.refusal(), Contains("no migrations in") && Contains("no .sql file"));
  MigrationOptions options = folder.options();
  options.path += "/missing";
  CHECK_THAT(error_of([&] { load_migrations(options); }), Contains("there is no migrations directory"));
  folder.write("file.sql", "SELECT 1");
  options.path = folder.options().path + "/file.sql";
  CHECK_THAT(error_of([&] { load_migrations(options); }), Contains("is no directory"));
}

TEST_CASE("an unknown convention is an error that lists the known ones") {
  CHECK_THAT(refusal_of(files_named({"1_a.sql"}), "dbmat"),
             Contains("unknown convention \"dbmat\"") && Contains("dbmate"));
}

TEST_CASE("files that fit no convention are named") {
  CHECK_THAT(refusal_of(files_named({"init.sql", "schema.sql"})),
             Contains("follow no convention") && Contains("\"init.sql\"") && Contains("--convention"));
}

TEST_CASE("files that fit two conventions equally well are an error that names both") {
  CHECK_THAT(refusal_of({{"1_a.sql", "-- migrate:up\n"}, {"2_b.sql", "-- +goose Up\n"}}),
             Contains("looks like dbmate and like goose") && Contains("--convention"));
}

TEST_CASE("files without a single one of the named convention say what they would look like") {
  CHECK_THAT(refusal_of(files_named({"001_a.sql"}), "flyway"),
             Contains("no flyway migrations") && Contains("V1__name.sql") && Contains("\"001_a.sql\""));
}

TEST_CASE("two files with one version are an error that names both") {
  CHECK_THAT(refusal_of(files_named({"1_a.sql", "001_b.sql"})),
             Contains("\"001_b.sql\"") && Contains("\"1_a.sql\""));
  CHECK_THAT(refusal_of(files_named({"V1__a.sql", "x/V1.0__b.sql"})), Contains("\"x/V1.0__b.sql\""));
  CHECK_THAT(refusal_of(files_named({"7_a.up.sql", "7_b.up.sql", "8_c.up.sql"})), Contains("version \"7\""));
}

TEST_CASE("bytes that are no text are an error with their place") {
  CHECK_THAT(refusal_of({{"1_a.sql", "SELECT 1;\n-- \xC3\xA6 \xFF"}}),
             Contains("db/1_a.sql:2:6: invalid UTF-8"));
  CHECK_THAT(refusal_of({{"1_a.sql", std::string("SELECT\0 1", 9)}}),
             Contains("db/1_a.sql:1:7: the file holds a NUL"));
  CHECK_THAT(refusal_of({{"1_a.sql", "SELECT '\xED\xA0\x80'"}}), Contains("invalid UTF-8"));
}

TEST_CASE("a psql command that reads a file is an error with its place") {
  CHECK_THAT(refusal_of({{"1_a.sql", "SELECT 1;\n\\i b.sql\n"}}), Contains("db/1_a.sql:2:1:"));
}

TEST_CASE("a byte order mark and Windows line ends change no place") {
  const auto directory = load({{"1_a.sql", "\xEF\xBB\xBFSELECT 1;\r\n  SELECT 2;\r\n"}});
  const auto& up = directory.migrations[0].up;
  REQUIRE(up.size() == 2);
  CHECK((up[0].line == 1 && up[0].column == 1 && up[0].offset == 3 && up[0].text == "SELECT 1"));
  CHECK((up[1].line == 2 && up[1].column == 3 && up[1].text == "SELECT 2"));
}

TEST_CASE("the checksum is deaf to comments and layout") {
  const auto one = load({{"1_a.sql", "CREATE TABLE a (b int);\n"}}).migrations[0].checksum;
  CHECK(load({{"1_a.sql", "\xEF\xBB\xBF-- new\r\nCREATE TABLE a(b int)"}}).migrations[0].checksum == one);
  CHECK(load({{"1_a.sql", "CREATE TABLE a (c int);\n"}}).migrations[0].checksum != one);
}

TEST_CASE("placeholders are replaced when configured and places stay those of the file") {
  MigrationOptions options = in_memory();
  options.placeholders = {{"${s}", "a_long_schema\n"}, {"${s}x", "y"}};
  const std::vector<SourceFile> files{{"1_a.sql",
                                       "\xEF\xBB\xBF"
                                       "CREATE TABLE ${s}.t (); SELECT ${s}x;\nSELECT 3"}};
  const auto up = load_migrations(options, files).migrations[0].up;
  REQUIRE(up.size() == 3);
  CHECK(up[0].text == "CREATE TABLE a_long_schema\n.t ()");
  CHECK((up[1].text == "SELECT y" && up[1].line == 1 && up[1].column == 25 && up[1].offset == 27));
  CHECK((up[2].line == 2 && up[2].column == 1));
}

TEST_CASE("blanks in the braces of a template mean nothing") {
  MigrationOptions options = in_memory();
  options.placeholders = {{"{{ index .Options \"Namespace\" }}", "auth"}};
  const std::vector<SourceFile> files{{"1_a.sql",
                                       "CREATE TABLE {{index .Options \"Namespace\"}}.a (); "
                                       "CREATE TABLE {{ index .Options \"Namespace\" }}.b ()"}};
  const auto up = load_migrations(options, files).migrations[0].up;
  REQUIRE(up.size() == 2);
  CHECK(up[0].text == "CREATE TABLE auth.a ()");
  CHECK(up[1].text == "CREATE TABLE auth.b ()");
}

TEST_CASE("placeholders that are not configured are left alone") {
  const auto directory = load({{"1_a.sql", "SELECT '${x}', :x, {{ y }};"}});
  CHECK(texts(directory.migrations[0].up) == std::vector<std::string>{"SELECT '${x}', :x, {{ y }}"});
}

TEST_CASE("files may be excluded and taken out of their transaction by pattern") {
  MigrationOptions options = in_memory();
  options.exclude = {"*seed*"};
  options.no_transaction = {"002*"};
  options.settings = {{"search_path", "app"}};
  const auto directory = load_migrations(options, files_named({"001_a.sql", "002_b.sql", "003_seed.sql"}));
  REQUIRE(directory.migrations.size() == 2);
  CHECK(directory.migrations[0].transactional);
  CHECK_FALSE(directory.migrations[1].transactional);
  REQUIRE(directory.settings.size() == 1);
  CHECK(directory.settings[0].name == "search_path");
}

TEST_CASE("a file runs outside a transaction when all its statements refuse one") {
  const auto directory = load({{"1_a.sql", "CREATE INDEX CONCURRENTLY i ON t (a);"},
                               {"2_b.sql", "SET lock_timeout = 1; CREATE INDEX CONCURRENTLY i ON t (a);"},
                               {"3_c.sql", "-- nothing"}});
  CHECK_FALSE(directory.migrations[0].transactional);
  CHECK(directory.migrations[1].transactional);
  CHECK_FALSE(directory.migrations[1].up[1].in_transaction);
  CHECK(directory.migrations[2].transactional);
}

TEST_CASE("locations are merged, and one that does not exist is an error") {
  MigrationOptions options = in_memory();
  options.locations = {"./schema/", "data"};
  const auto files = files_named({"schema/V1__a.sql", "data/V2__b.sql", "mysql/V1__a.sql"});
  CHECK(file_names(load_migrations(options, files)) ==
        std::vector<std::string>{"schema/V1__a.sql", "data/V2__b.sql"});
  options.locations = {"nowhere"};
  CHECK_THAT(error_of([&] { load_migrations(options, files); }), Contains("location \"nowhere\""));
}

TEST_CASE("an SQL file that is no migration is not understood, a missing down section is no matter") {
  const auto directory =
      load(files_named({"1_a.up.sql", "1_a.down.sql", "2_b.up.sql", "3_c.down.sql", "notes.sql"}));
  REQUIRE(directory.migrations.size() == 2);
  CHECK(directory.migrations[0].has_down);
  CHECK(directory.migrations[0].down_file == "1_a.down.sql");
  CHECK_FALSE(directory.migrations[1].has_down);
  REQUIRE(directory.warnings.size() == 1);
  CHECK_THAT(directory.warnings[0], Contains("3_c.down.sql"));
  REQUIRE(directory.not_understood().size() == 1);
  CHECK(directory.not_understood()[0].path == "notes.sql");
}

TEST_CASE("syntax that libpg_query does not know yet stops nothing") {
  const auto directory =
      load({{"1_a.sql", "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL); SELECT 1;"}});
  CHECK(directory.migrations[0].up.size() == 2);
  CHECK(directory.warnings.empty());
}
