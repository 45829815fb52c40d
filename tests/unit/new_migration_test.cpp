// What the next migration of each tool is called, and that the tool's reader takes it as the last one.
#include "runner/new_migration.h"

#include <catch2/catch.hpp>

#include "migrations/convention.h"
#include "migrations/directory.h"
#include "postgres/error.h"
#include "runner/next_version.h"
#include "tests/support/surroundings.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

constexpr std::time_t now = 1'800'000'000;  // 2027-01-15 08:00:00 UTC

std::string after(const std::string& file) {
  return VersionSeries(spelled_version(file).version, false, now).next();
}

// The folder's migrations as its tool has them; none: nullptr.
std::unique_ptr<MigrationDirectory> read(const std::string& convention) {
  if (!std::filesystem::exists("db") || std::filesystem::is_empty("db")) return nullptr;
  MigrationOptions options;
  options.path = "db";
  options.convention = convention;
  return std::make_unique<MigrationDirectory>(load_migrations(options));
}

Names make(const std::string& convention, const std::string& name) {
  const auto directory = read(convention);
  std::filesystem::create_directories("db");
  return write_new_migration("db", directory.get(), {.name = name}, convention);
}

}  // namespace

TEST_CASE("the next version has the shape of the last one") {
  CHECK(after("0009_a.sql") == "0010");
  CHECK(after("999-a.sql") == "1000");
  CHECK(after("V1.9__a.sql") == "1.10");
  CHECK(after("V2_3__a.sql") == "2_4");
  CHECK(after("0001_2fa_tables.sql") == "0002");
  CHECK(after("20240131120000_a.up.sql") == "20270115080000");
  CHECK(after("20240131_120000_a.sql") == "20270115_080000");
  CHECK(after("20240131_a.sql") == "20270115");
  CHECK(after("2024-01-31-120000_a") == "2027-01-15-080000");
  CHECK(after("2024-01-31-120000-0000_a") == "2027-01-15-080000-0000");
  CHECK(after("2024-01-31-a.sql") == "2027-01-15");
  CHECK(after("1700000000_a") == "1800000000");
  CHECK(after("1700000000000_a") == "1800000000000");
}

TEST_CASE("versions come after the last one, and each is another") {
  VersionSeries taken("20270115080005", false, now);
  CHECK(taken.next() == "20270115080006");
  CHECK(taken.next() == "20270115080007");
  VersionSeries day("2027-01-15", false, now);
  CHECK(day.next() == "2027-01-16");
  VersionSeries first("001", true, now);
  CHECK(first.next() == "001");
  CHECK(first.next() == "002");
  CHECK(VersionSeries("20991231235959", false, now).next().empty());
}

TEST_CASE("our own format goes on with a time behind a date alone, and beside a program") {
  const WorkingFolder folder;
  folder.enter("own");
  std::filesystem::create_directories("db/stand_ins");
  std::ofstream("db/20250115_a.sql") << "-- ==== UP MIGRATION ====\nSELECT 1;\n";
  std::ofstream("db/20250116_b.py") << "";
  std::ofstream("db/stand_ins/b.sql") << "SELECT 1;\n";
  MigrationOptions options;
  options.path = "db";
  options.stand_ins = {{"20250116_b.py", "stand_ins/b.sql"}};
  const MigrationDirectory directory = load_migrations(options);
  const Names made = write_new_migration("db", &directory, {.name = "next"});
  REQUIRE(made.size() == 1);
  CHECK(made[0].starts_with("db/2"));
  CHECK(made[0].size() == std::string("db/20250115_000000_next.sql").size());
}

TEST_CASE("a new migration is what its tool would have made, and is read as the last one") {
  const WorkingFolder folder;
  for (const Convention& convention : all_conventions()) {
    if (convention.next.files.empty()) continue;
    const std::string name(convention.name);
    CAPTURE(name);
    folder.enter(name);
    for (const std::string words : {"add users", "more users", "third"}) make(name, words);
    const auto directory = read(name);
    REQUIRE(directory->migrations.size() == 3);
    const Migration& last = directory->migrations.back();
    const bool has_name = convention.next.files.front().path.find("{name}") != std::string_view::npos;
    CHECK_THAT(last.file, Contains(has_name ? "third" : "3"));
    CHECK((last.up.empty() && last.down.empty()));
    const bool takes_back = !convention.next.files.front().down.empty() || convention.next.files.size() > 1;
    CHECK(last.has_down == takes_back);
  }
}

TEST_CASE("new files go where the others are, and are spelled as they are") {
  const WorkingFolder folder;
  folder.enter();
  SECTION("dashes for underscores") {
    folder.write("db/0041-a.sql", "SELECT 1;");
    CHECK(make("numbered", "add users") == Names{"db/0042-add-users.sql"});
  }
  SECTION("a folder below") {
    folder.write("db/core/V7__a.sql", "SELECT 1;");
    folder.write("db/core/R__views.sql", "SELECT 1;");
    CHECK(make("flyway", "add users") == Names{"db/core/V8__add_users.sql"});
  }
  SECTION("single files though the tool has pairs") {
    folder.write("db/20240131120000_a.sql", "-- no-transaction\nSELECT 1;");
    const Names files = make("sqlx", "add users");
    REQUIRE(files.size() == 1);
    CHECK_THAT(files.front(), Catch::EndsWith("_add_users.sql"));
  }
  SECTION("a version that a program has") {
    folder.write("db/00001_a.sql", "-- +goose Up\nSELECT 1;");
    folder.write("db/00002_b.go", "package db");
    CHECK(make("goose", "c") == Names{"db/00003_c.sql"});
  }
}

TEST_CASE("what plumbline cannot make it says how to make") {
  const WorkingFolder folder;
  folder.enter();
  const auto refusal = [](const std::string& convention, const NewMigration& migration) {
    std::filesystem::create_directories("db");
    try {
      write_new_migration("db", nullptr, migration, convention);
    } catch (const Error& error) {
      return error.message() + " / " + error.hint();
    }
    return std::string("made");
  };
  CHECK_THAT(refusal("drizzle", {.name = "a"}),
             Contains("are those of drizzle") && Contains("drizzle-kit generate"));
  CHECK_THAT(refusal("custom", {.name = "a"}), Contains("Make it by hand"));
  CHECK_THAT(refusal("dbmate", {.name = "a", .type = "data"}), Contains("Leave --type out"));
  CHECK_THAT(refusal("plumbline", {.name = "..."}), Contains("names nothing"));
}
