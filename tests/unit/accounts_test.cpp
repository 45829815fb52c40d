// Every file below a migrations directory is something, and what may be a migration is never passed over.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "migrations/convention.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Role = OtherFile::Role;

namespace {

MigrationOptions in_memory() {
  MigrationOptions options;
  options.path = "db";
  return options;
}

struct Beside {
  std::string file;
  Role role;
};

struct Situation {
  std::string convention;
  std::vector<std::string> migrations;
  std::vector<Beside> others;
};

std::string bytes_for(const std::string& convention) {
  if (convention == "dbmate") return "-- migrate:up\nSELECT 1;\n";
  if (convention == "goose") return "-- +goose Up\nSELECT 1;\n";
  return "SELECT 1;\n";
}

const OtherFile* find_other(const MigrationDirectory& directory, const std::string& path) {
  const auto at = std::ranges::find(directory.other_files, path, &OtherFile::path);
  return at == directory.other_files.end() ? nullptr : &*at;
}

std::vector<Situation> situations() {
  const std::vector<Beside> anywhere = {{"README.md", Role::harmless},
                                        {"docs/how.html", Role::harmless},
                                        {"atlas.sum", Role::part},
                                        {"migration_lock.toml", Role::part},
                                        {"003_x.sql~", Role::harmless},
                                        {"003_x.sql.bak", Role::harmless},
                                        {".003_x.sql.swp", Role::harmless},
                                        {"#003_x.sql#", Role::harmless},
                                        {"embed.go", Role::harmless},
                                        {"__init__.py", Role::harmless},
                                        {"run.sh", Role::harmless},
                                        {"Makefile", Role::harmless},
                                        {"data.csv", Role::harmless},
                                        {"003_rows.csv", Role::harmless},
                                        {"seed.sql", Role::harmless},
                                        {"schema.sql", Role::harmless},
                                        {"tests/003_x.sql", Role::harmless},
                                        {"mysql/003_x.sql", Role::harmless},
                                        {"scripts/003_x.py", Role::harmless},
                                        {"003_x_test.go", Role::harmless},
                                        {"77_x.py", Role::not_understood},
                                        {"77_x.go", Role::not_understood},
                                        {"V77__X.java", Role::not_understood},
                                        {"77_x.sh", Role::not_understood},
                                        {"77_x.exs", Role::not_understood},
                                        {"77_x.php", Role::not_understood},
                                        {"77_x.SQL", Role::not_understood},
                                        {"77_x.psql", Role::not_understood},
                                        {"77_x.xml", Role::not_understood},
                                        {"77_x.sql.erb", Role::not_understood},
                                        {"77_x", Role::not_understood},
                                        {"2024/77_x.py", Role::not_understood}};
  const auto with = [&](std::vector<Beside> more) {
    more.insert(more.end(), anywhere.begin(), anywhere.end());
    return more;
  };
  return {
      {"flyway",
       {"V1__a.sql", "V18__r.sql"},
       with({{"000_schema_versions.sql", Role::not_understood},
             {"2025-10-02_d2.sql", Role::not_understood},
             {"20251001_120000_schema_d1.sql", Role::not_understood},
             {"V3_one_underscore.sql", Role::not_understood},
             {"v3__lower.sql", Role::not_understood},
             {"add_users.sql", Role::not_understood},
             {"0004_x.up.sql", Role::not_understood},
             {"V1__a.sql.conf", Role::part},
             {"afterMigrate.sql", Role::harmless},
             {"U7__x.sql", Role::harmless}})},
      {"golang-migrate",
       {"0001_a.up.sql", "0001_a.down.sql"},
       with({{"0002_b.sql", Role::not_understood},
             {"0003_c.down.sql", Role::harmless},
             {"V2__b.sql", Role::not_understood},
             {"2024/0004_d.up.sql", Role::not_understood},
             {"0001_a.go", Role::part},
             {"down/0001_a.down.sql", Role::harmless}})},
      {"numbered",
       {"001_a.sql", "002_b.sql"},
       {{"001_a.down.sql", Role::harmless}, {"001_a.up.sql", Role::not_understood}}},
      {"golang-migrate",
       {"1_a.up.sql"},
       {{"1_a-rollback.sql", Role::harmless}, {"1_a_undo.sql", Role::harmless}}},
      {"plumbline",
       {"20250121_093000_a.sql", "20250115_initial.sql"},
       with({{"2025-10-02_d2.sql", Role::not_understood},
             {"000_schema_versions.sql", Role::not_understood},
             {"V1__a.sql", Role::not_understood}})},
      {"dbmate", {"1_a.sql"}, with({{"V1__b.sql", Role::not_understood}, {"x.sql", Role::not_understood}})},
      {"goose",
       {"00001_a.sql"},
       with({{"00002_b.go", Role::not_understood}, {"x.sql", Role::not_understood}})},
      {"numbered",
       {"001_a.sql"},
       with({{"x.sql", Role::not_understood}, {"V2__B.kt", Role::not_understood}})},
      {"prisma",
       {"20240131120000_a/migration.sql"},
       with({{"20240131120000_a/steps.sql", Role::part},
             {"20240131120000_a/note.py", Role::harmless},
             {"20240201120000_b/migration.SQL", Role::not_understood},
             {"20240201120000_c/migration.ts", Role::not_understood},
             {"20240202120000_d.sql", Role::not_understood},
             {"helper.sql", Role::harmless}})},
      {"diesel",
       {"2024-01-31-120000_a/up.sql"},
       with({{"2024-01-31-120000_a/metadata.toml", Role::part},
             {"2024-02-01-120000_b/down.sql", Role::harmless},
             {"2024-02-01-120000_b/up.rs", Role::not_understood},
             {"2024-02-01_c.sql", Role::not_understood},
             {"data_oauth.sql", Role::harmless}})},
      {"db-migrate",
       {"sqls/20240131120000-a-up.sql"},
       {{"20240131120000-a.js", Role::part}, {"20240201120000-b.js", Role::not_understood}}},
      {"sqitch",
       {"deploy/a.sql"},
       {{"verify/a.sql", Role::part},
        {"deploy/b.sql", Role::not_understood},
        {"src/003_x.py", Role::harmless},
        {"sql/003_x.sql", Role::harmless},
        {"test.sql", Role::harmless}}},
      {"drizzle",
       {"0000_a.sql"},
       {{"0001_b.sql", Role::not_understood},
        {"meta/0000_snapshot.json", Role::part},
        {"schema.ts", Role::harmless}}},
  };
}

}  // namespace

TEST_CASE("each file beside migrations is accounted for") {
  for (const Situation& situation : situations()) {
    std::vector<SourceFile> files;
    for (const std::string& name : situation.migrations)
      files.push_back({name, bytes_for(situation.convention)});
    for (const Beside& other : situation.others) files.push_back({other.file, "SELECT 2;\n"});
    if (situation.convention == "drizzle")
      files.push_back({"meta/_journal.json", R"({"entries":[{"tag":"0000_a","when":1}]})"});
    if (situation.convention == "sqitch") files.push_back({"sqitch.plan", "a 2024 x <x@y.z> # n\n"});
    MigrationOptions options = in_memory();
    options.convention = situation.convention;
    if (situation.convention == "numbered" || situation.convention == "goose")
      options.exclude = {"77_x.sql*"};  // it would be one of theirs
    const MigrationDirectory directory = load_migrations(options, files);
    for (const Beside& other : situation.others) {
      if (other.file.starts_with("77_x.sql") && !options.exclude.empty()) continue;
      CAPTURE(situation.convention, other.file);
      const OtherFile* found = find_other(directory, other.file);
      REQUIRE(found != nullptr);
      CHECK(to_string(found->role) == to_string(other.role));
    }
    // Nothing is left over, and nothing is two things.
    std::size_t own = 0;
    for (const Migration& migration : directory.migrations)
      own += migration.has_down && migration.down_file != migration.file ? 2 : 1;
    CAPTURE(situation.convention);
    CHECK(own + directory.other_files.size() == files.size());
  }
}

TEST_CASE("a file of any other convention is a migration or not understood, never passed over") {
  const auto example_of = [](const Convention& convention) {
    const std::string text(convention.example);
    return text.substr(0, text.find(' '));
  };
  for (const Convention& mine : all_conventions()) {
    if (mine.name == "sqitch" || mine.name == "drizzle") continue;  // their lists decide
    for (const Convention& other : all_conventions()) {
      if (!other.control_file.empty() && other.name == "sqitch") continue;
      std::string stray = example_of(other);
      const std::size_t digit = stray.find_first_of("0123456789");
      if (digit != std::string::npos) stray[stray.find_first_not_of("0123456789", digit) - 1] = '7';
      const std::string marker(mine.markers.substr(0, mine.markers.find('|')));
      const std::string bytes = (marker.starts_with("+")   ? "-- "
                                 : marker.starts_with("!") ? "# --- "
                                                           : "") +
                                marker + "\nSELECT 1;\n";
      const std::string first = example_of(mine);
      if (first == stray) continue;
      MigrationOptions options = in_memory();
      options.convention = mine.name;
      CAPTURE(mine.name, other.name, stray);
      const MigrationDirectory directory = load_migrations(options, {{first, bytes}, {stray, bytes}});
      const bool is_one =
          std::ranges::find(directory.migrations, stray, &Migration::file) != directory.migrations.end();
      const OtherFile* found = find_other(directory, stray);
      CHECK((is_one ||
             (found != nullptr && (found->role == Role::not_understood || !directory.warnings.empty()))));
    }
  }
}

TEST_CASE("exclude, locations and missing_versions account for files") {
  MigrationOptions options = in_memory();
  options.convention = "goose";
  options.exclude = {"x_*.sql"};
  options.missing_versions = {"2", "00003", "4_d"};
  const std::string up = "-- +goose Up\nSELECT 1;\n";
  const MigrationDirectory directory = load_migrations(
      options, {{"00001_a.sql", up}, {"00002_b.go", ""}, {"3_c.go", ""}, {"4_d.go", ""}, {"x_y.sql", ""}});
  CHECK(directory.not_understood().empty());
  CHECK(find_other(directory, "00002_b.go")->role == Role::program);
  CHECK(find_other(directory, "x_y.sql")->role == Role::excluded);

  options = in_memory();
  options.locations = {"pg"};
  const MigrationDirectory located =
      load_migrations(options, files_named({"pg/V1__a.sql", "mysql/V2__b.sql", "pg/2_c.sql"}));
  CHECK(find_other(located, "mysql/V2__b.sql")->role == Role::excluded);
  REQUIRE(located.not_understood().size() == 1);
  CHECK(located.not_understood()[0].path == "pg/2_c.sql");
}

TEST_CASE("an SQL file stands in for a program, at the program's place in the order") {
  MigrationOptions options = in_memory();
  options.stand_ins = {{"00002_b.go", "stand_ins/b.sql"}};
  const std::string up = "-- +goose Up\nSELECT 1;\n";
  const std::vector<SourceFile> files = {{"00001_a.sql", up},
                                         {"00002_b.go", "package x"},
                                         {"00003_c.sql", up},
                                         {"stand_ins/b.sql", "CREATE TABLE b ();"}};
  const MigrationDirectory directory = load_migrations(options, files);
  REQUIRE(directory.migrations.size() == 3);
  const Migration& middle = directory.migrations[1];
  CHECK(middle.version == "2");
  CHECK(middle.name == "b");
  CHECK(middle.file == "stand_ins/b.sql");
  CHECK(middle.stands_in_for == "00002_b.go");
  CHECK(middle.up.size() == 1);
  CHECK(find_other(directory, "00002_b.go")->role == Role::program);
  CHECK(directory.not_understood().empty());
  CHECK(directory.code_versions.empty());

  options.stand_ins = {{"00002_b.go", "stand_ins/gone.sql"}};
  CHECK_THAT(error_of([&] { load_migrations(options, files); }), Contains("stand_ins/gone.sql"));
  options.stand_ins = {{"00009_b.go", "stand_ins/b.sql"}};
  CHECK_THAT(error_of([&] { load_migrations(options, files); }), Contains("00009_b.go"));
}

TEST_CASE("Flyway's classes have stand-ins by their version") {
  MigrationOptions options = in_memory();
  options.stand_ins = {{"V2_1__B.java", "b.sql"}};
  const MigrationDirectory directory =
      load_migrations(options, files_named({"V1__a.sql", "V2_1__B.java", "V3__c.sql", "b.sql"}));
  REQUIRE(directory.migrations.size() == 3);
  CHECK(directory.migrations[1].version == "2.1");
  CHECK(directory.migrations[1].file == "b.sql");
}

TEST_CASE("what is no regular file is accounted for, too") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "plumbline-accounts-test";
  fs::remove_all(folder);
  fs::create_directories(folder / "V4__dir.sql");
  std::ofstream(folder / "V1__a.sql") << "SELECT 1;\n";
  fs::create_symlink("V1__a.sql", folder / "V2__b.sql");
  fs::create_symlink("nowhere", folder / "V3__c.sql");
  fs::create_directory_symlink("/", folder / "more");
  fs::create_directory_symlink("/", folder / "docs");
  fs::create_symlink("nowhere", folder / "notes.txt");
  MigrationOptions options;
  options.path = folder.string();
  const MigrationDirectory directory = load_migrations(options);
  CHECK(directory.migrations.size() == 2);
  CHECK(find_other(directory, "V3__c.sql")->role == Role::not_understood);
  CHECK(find_other(directory, "more")->role == Role::not_understood);
  CHECK(find_other(directory, "docs")->role == Role::harmless);
  CHECK(find_other(directory, "notes.txt")->role == Role::harmless);
  fs::remove_all(folder);
}

TEST_CASE("a date alone is a version of our own format, beside one that no other tool writes") {
  CHECK(load(files_named({"20250115_initial.sql", "20250121_093000_a.sql"})).migrations[0].version ==
        "20250115");
  CHECK(load(files_named({"20250115_initial.sql", "20250116_b.sql"})).convention == "numbered");
  CHECK(load({{"20250115_initial.sql", "-- ==== UP MIGRATION ====\nSELECT 1;\n"}}).convention == "plumbline");
  CHECK_THAT(error_of([] {
               load(files_named({"20250115_a.sql", "20250115_b.sql", "20250121_093000_a.sql"}));
             }),
             Contains("two migrations have the version \"20250115\""));
}
