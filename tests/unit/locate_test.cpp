#include "cli/locate.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "cli/environment.h"
#include "cli/log.h"
#include "cli/options.h"
#include "migrations/usual_places.h"
#include "postgres/text.h"
#include "tests/support/golden.h"
#include "tests/support/migrations.h"
#include "tests/support/surroundings.h"

namespace plumbline {
namespace {

using Catch::Contains;
using testing::error_of;
using testing::Variables;
using testing::WorkingFolder;
namespace fs = std::filesystem;

constexpr char sql[] = "CREATE TABLE t (id int);\n";
constexpr char dbmate[] = "-- migrate:up\nCREATE TABLE t (id int);\n-- migrate:down\nDROP TABLE t;\n";

// A project in which no setting names a directory.
class Project : public WorkingFolder {
 public:
  Project() { log::configure(log::Level::quiet, false); }
  ~Project() { log::configure(log::Level::normal, false); }
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  void configure(const std::string& file) {
    write(file, "");
    settings_.config_file = file;
  }
  MigrationOptions& options() { return settings_.migrations; }
  std::string found() const { return migrations_path(settings_); }
  std::string found_for_new() const { return new_migrations_path(settings_); }
  std::string refusal() const {
    return error_of([&] { migrations_path(settings_); });
  }

 private:
  Variables variables_{std::map<std::string, std::optional<std::string>>{{"DBMATE_MIGRATIONS_DIR", {}},
                                                                         {"GOOSE_MIGRATION_DIR", {}}}};
  Settings settings_;
};

}  // namespace

TEST_CASE("each usual layout is found") {
  const auto [file, directory] = GENERATE(table<std::string, std::string>({
      {"migrations/001_a.sql", "migrations"},
      {"migrations/20240131_120000_a.sql", "migrations"},
      {"migrations/2024-01-31-120000_a/up.sql", "migrations"},
      {"migrations/V1__a.sql", "migrations"},
      {"migrations/default/1611111111111_a/up.sql", "migrations/default"},
      {"db/migrations/20240131120000_a.sql", "db/migrations"},
      {"db/migrate/20240131120000_a.sql", "db/migrate"},
      {"database/migrations/001_a.up.sql", "database/migrations"},
      {"supabase/migrations/20240131120000_a.sql", "supabase/migrations"},
      {"prisma/migrations/20240131120000_a/migration.sql", "prisma/migrations"},
      {"sql/migrations/V1__a.sql", "sql/migrations"},
      {"sql/V1__a.sql", "sql"},
      {"src/main/resources/db/migration/V1__a.sql", "src/main/resources/db/migration"},
      {"internal/db/migrations/0001_a.up.sql", "internal/db/migrations"},
      {"schema/migrations/001_a.sql", "schema/migrations"},
  }));
  Project project;
  project.write(file, sql);
  project.write("README.md", "A project.");
  CHECK(project.found() == directory);
}

TEST_CASE("tools that keep a file of control are found by it") {
  Project project;
  SECTION("drizzle") {
    project.write("drizzle/0000_a.sql", sql);
    project.write("drizzle/meta/_journal.json", "{}");
    CHECK(project.found() == "drizzle");
  }
  SECTION("sqitch, whose directory is the project") {
    project.write("sqitch.plan", "%syntax-version=1.0.0\n");
    project.write("deploy/a.sql", sql);
    CHECK(project.found() == ".");
    project.options().convention = "flyway";
    CHECK_THAT(project.refusal(), Contains("none was found"));
  }
}

TEST_CASE("a directory that holds no migrations does not count") {
  Project project;
  project.write("migrations/README.md", "soon");
  project.write("migrations/.gitkeep", "");
  project.write("db/migrate/20240131120000_a.rb", "class A; end");
  project.write("db/migrations", "a file, no directory");
  project.write("drizzle/schema.sql", sql);
  project.write("sql/queries/V1__a.txt", "");
  const std::string refusal = project.refusal();
  CHECK_THAT(refusal,
             Contains("no migrations directory was named, and none was found in the working directory"));
  CHECK_THAT(refusal, Contains("\"migrations\" is empty"));
  CHECK_THAT(refusal, Contains("\"db/migrate\" holds no migrations in SQL that are recognised: "
                               "\"20240131120000_a.rb\""));
  CHECK_THAT(refusal, Contains("\"drizzle\" holds no migrations") && Contains("\"schema.sql\""));
  CHECK_THAT(refusal, Contains("--migrations DIR") && Contains("[migrations]\n  path = \"DIR\"") &&
                          Contains("plumbline init") && Contains("src/main/resources/db/migration"));
  project.write("supabase/migrations/20240131120000_a.sql", sql);
  CHECK(project.found() == "supabase/migrations");
}

TEST_CASE("more than one directory of migrations is a question") {
  Project project;
  project.write("db/migrations/20240131120000_a.sql", dbmate);
  project.write("prisma/migrations/20240131120000_a/migration.sql", sql);
  const std::string refusal = project.refusal();
  CHECK_THAT(refusal, Contains("in more than one directory: \"db/migrations\" (dbmate), "
                               "\"prisma/migrations\" (prisma)"));
  CHECK_THAT(refusal, Contains("\n  --migrations db/migrations\n  --migrations prisma/migrations\n"));
  CHECK_THAT(refusal, Contains("\n  [migrations]\n  path = \"db/migrations\"\n"
                               "  [migrations]\n  path = \"prisma/migrations\""));
  CHECK_THROWS_AS(project.found(), UsageError);
  CHECK_THROWS_AS(project.found_for_new(), UsageError);
  project.options().convention = "prisma";
  CHECK(project.found() == "prisma/migrations");
  project.options().path = "elsewhere";
  CHECK(project.found() == "elsewhere");
}

TEST_CASE("a usual place below another one is a directory of its own") {
  Project project;
  project.write("migrations/default/V2__b.sql", sql);
  CHECK(project.found() == "migrations/default");
  project.write("migrations/V1__a.sql", sql);
  CHECK_THAT(project.refusal(), Contains("\"migrations\" (flyway), \"migrations/default\" (flyway)"));
}

TEST_CASE("the named convention and the named locations decide what counts") {
  Project project;
  project.write("migrations/shop/2024/a.sql", sql);
  CHECK_THAT(project.refusal(), Contains("none was found"));
  project.options().custom.file_pattern = R"(\d+/(?<version>\w+)\.sql)";
  CHECK_THAT(project.refusal(), Contains("none was found"));
  project.options().locations = {"shop"};
  CHECK(project.found() == "migrations");
  project.options().locations = {"shop", "elsewhere"};
  CHECK_THAT(project.refusal(), Contains("none was found"));
  project.options().convention = "flywya";
  CHECK_THAT(project.refusal(), Contains("unknown convention"));
}

TEST_CASE("the project is the directory of plumbline.toml, whatever is nearer") {
  Project project;
  project.write("shop/plumbline.toml", "");
  project.write("shop/db/migrations/001_a.sql", sql);
  project.write("migrations/001_a.sql", sql);
  project.configure("shop/plumbline.toml");
  CHECK(project.found() == "shop/db/migrations");
  project.write("shop/migrations/001_a.sql", sql);
  CHECK_THAT(project.refusal(), Contains("--migrations shop/migrations") &&
                                    Contains("in shop/plumbline.toml") && Contains("path = \"migrations\""));
}

TEST_CASE("without plumbline.toml the search goes up to the top of the repository and no further") {
  Project project;
  project.write("migrations/001_a.sql", sql);
  project.enter("repository/cmd/server");
  CHECK_THAT(project.refusal(), Contains("none was found in the working directory\n"));
  project.write("repository/.git", "gitdir: elsewhere");
  CHECK_THAT(project.refusal(), Contains("the working directory, \"..\", \"../..\"\n"));
  project.write("repository/db/migrations/001_a.sql", sql);
  CHECK(project.found() == "../../db/migrations");
  project.write("repository/cmd/migrations/001_a.sql", sql);
  CHECK(project.found() == "../migrations");
}

TEST_CASE("nothing but the usual places is searched") {
  Project project;
  for (const char* folder : {"node_modules/pkg", "vendor/pkg", "build", "nested", "target/classes"}) {
    project.write(std::string(folder) + "/migrations/001_a.sql", sql);
    project.write(std::string(folder) + "/db/migrations/001_a.sql", sql);
  }
  project.write("nested/.git/HEAD", "");
  project.write("migrations/node_modules/pkg/001_a.sql", sql);
  CHECK_THAT(project.refusal(), Contains("none was found"));
}

TEST_CASE("one directory under two names is one") {
  Project project;
  project.write("db/migrations/001_a.sql", sql);
  fs::create_directory_symlink("db/migrations", project.path() / "migrations");
  CHECK(project.found() == "migrations");
  fs::remove(project.path() / "migrations");
  fs::create_directory_symlink(".", project.path() / "migrations");
  CHECK(project.found() == "db/migrations");
}

TEST_CASE("links that lead nowhere or in a circle, and pipes, are no migrations") {
  Project project;
  fs::create_directory_symlink("nowhere", project.path() / "migrations");
  fs::create_directory_symlink("drizzle", project.path() / "drizzle");
  fs::create_directories(project.path() / "sql");
  REQUIRE(mkfifo((project.path() / "sql/V1__a.sql").c_str(), 0600) == 0);
  CHECK_THAT(project.refusal(), Contains("none was found"));
}

TEST_CASE("a link out of the project counts as its name would") {
  Project project;
  project.write("elsewhere/001_a.sql", sql);
  project.enter("project");
  fs::create_directory_symlink("../elsewhere", project.path() / "project/migrations");
  CHECK(project.found() == "migrations");
}

TEST_CASE("what dbmate and goose call their directory is looked at, too") {
  Project project;
  project.write("my/own place/20240131120000_a.sql", dbmate);
  const Variables variables(
      {{"DBMATE_MIGRATIONS_DIR", "./my/own place"}, {"GOOSE_MIGRATION_DIR", "missing"}});
  CHECK(project.found() == "my/own place");
  project.write("migrations/001_a.sql", sql);
  CHECK_THAT(project.refusal(),
             Contains("--migrations migrations") && Contains("--migrations 'my/own place'"));
}

TEST_CASE("a new migration goes to the only directory, to an empty one, or to migrations/") {
  Project project;
  CHECK(project.found_for_new() == "migrations");
  project.write("supabase/migrations/.gitkeep", "");
  CHECK(project.found_for_new() == "migrations");  // Supabase's own: how a file is called there is its affair
  project.write("db/migrations/README", "soon");
  CHECK(project.found_for_new() == "db/migrations");
  project.write("database/migrations/.gitkeep", "");
  CHECK(project.found_for_new() == "migrations");
  project.write("supabase/migrations/20240131120000_a.sql", sql);
  CHECK(project.found_for_new() == "supabase/migrations");
}

TEST_CASE("hostile names steer nothing") {
  Project project;
  project.write("a\n\x1b[31m\"b'\\/plumbline.toml", "");
  project.write("a\n\x1b[31m\"b'\\/migrations/001_a.sql", sql);
  project.write("a\n\x1b[31m\"b'\\/db/migrations/x\n\x1b[0m.txt", "");
  project.configure("a\n\x1b[31m\"b'\\/plumbline.toml");
  CHECK(project.found() == "a\n\x1b[31m\"b'\\/migrations");
  project.write("a\n\x1b[31m\"b'\\/sql/V1__a.sql", sql);
  const std::string refusal = project.refusal();
  CHECK_THAT(refusal, Contains(R"(--migrations $'a\x0a\x1b[31m"b\'\\/sql')") && !Contains("\x1b"));
  fs::remove_all(project.path() / "a\n\x1b[31m\"b'\\/sql");
  fs::remove_all(project.path() / "a\n\x1b[31m\"b'\\/migrations");
  CHECK_THAT(project.refusal(), Contains(R"("x\n\x1b[0m.txt")") && !Contains("\x1b"));
}

TEST_CASE("docs/configuration.md lists every place") {
  const std::string document = read_text(PLUMBLINE_SOURCE "/docs/configuration.md");
  for (const std::string& place : usual_places()) {
    INFO(place);
    CHECK_THAT(document, Contains("`" + place + "`"));
  }
}

TEST_CASE("large directories are recognised by the beginning of their files") {
  Project project;
  project.write("migrations/1.sql", std::string(100'000, '\n') + dbmate);
  project.write("migrations/2.sql", dbmate + std::string(100'000, '\n'));
  CHECK(find_usual_directories(".", {}).front().conventions == std::vector<std::string>{"dbmate"});
}

TEST_CASE("words and strings are quoted for shell and TOML") {
  CHECK(shell_word("db/migrations") == "db/migrations");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("it's; rm -rf $HOME") == R"('it'\''s; rm -rf $HOME')");
  CHECK(shell_word("a\nb'\\") == R"($'a\x0ab\'\\')");
  CHECK(toml_string("a\"b\\c\n") == R"("a\"b\\c\u000a")");
}

}  // namespace plumbline
