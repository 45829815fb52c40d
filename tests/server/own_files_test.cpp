// What we write is for its owner alone, and nothing that somebody else has put there is taken for ours.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "expected/file_tree.h"
#include "tests/server/project.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

std::string text_in(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_for_owner_alone(const fs::path& path) {
  return (fs::symlink_status(path).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
         fs::perms::none;
}

}  // namespace

TEST_CASE("a report is not written through a link that leads out of the checkout") {
  Project project;
  project.migrations({"CREATE TABLE orders (id int);\n"});
  project.live("CREATE TABLE orders (id int)", 1);
  const TemporaryDirectory elsewhere;
  const fs::path precious = elsewhere.write("precious", "as it was");
  fs::create_symlink(precious, project.path() / "drift.json");
  fs::create_directory_symlink(elsewhere.path(), project.path() / "reports");
  for (const char* name : {"drift.json", "reports/precious", "reports/new.json"}) {
    const ProgramResult result = project.check({"--output", std::string("json=") + name});
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK(result.err.find("a link leads from there out of the checkout") != std::string::npos);
  }
  CHECK(text_in(precious) == "as it was");
  CHECK(entries(elsewhere.path()) == 1);
  CHECK(project.check({"--output", elsewhere.path() / "named.json"}).exit_code == 0);
}

TEST_CASE("a cache that somebody else has made is neither read nor written") {
  if (geteuid() != 0) return;  // only root can give files away
  Project project;
  project.migrations({"CREATE TABLE orders (id int);\n"});
  project.live("CREATE TABLE orders (id int)", 1);
  const TemporaryDirectory cache;
  REQUIRE(project.check({"--cache-dir", cache.path()}).exit_code == 0);
  constexpr uid_t somebody = 65534;
  SECTION("the folder of schemas") {
    REQUIRE(chown((cache.path() / "expected").c_str(), somebody, somebody) == 0);
  }
  SECTION("a schema in it") {
    for (const fs::directory_entry& entry : fs::directory_iterator(cache.path() / "expected"))
      REQUIRE(chown(entry.path().c_str(), somebody, somebody) == 0);
  }
  SECTION("a link to the folder") {
    fs::rename(cache.path() / "expected", cache.path() / "real");
    fs::create_directory_symlink("real", cache.path() / "expected");
  }
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(cache.path())) {
    if (file.path().filename() == "snapshot.json") std::ofstream(file.path()) << "poison";
  }
  const ProgramResult result = project.check({"--cache-dir", cache.path()});
  INFO(result.err << result.out);
  CHECK(result.exit_code == 0);
  CHECK((result.out + result.err).find("was made anew") == std::string::npos);  // it was not even read
}

TEST_CASE("a link in a data directory is not followed when it is copied") {
  const TemporaryDirectory folder;
  const fs::path secret = folder.write("secret", "sesame");
  fs::create_directory(folder.path() / "data");
  fs::create_symlink(secret, folder.path() / "data/global");
  copy_tree(folder.path() / "data", folder.path() / "copy", std::nullopt);
  CHECK(fs::is_symlink(folder.path() / "copy/global"));
  CHECK(is_for_owner_alone(folder.path() / "copy"));
}

TEST_CASE("a place for backups that we make is for its owner alone, and so is each backup") {
  Project project;
  project.database().execute("DROP TABLE schema_migrations");
  project.write("db/20260101_000001_a.sql",
                "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n");
  project.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
  const std::vector<std::string> target{"--url", project.database().conninfo()};
  project.run({"init", target[0], target[1]});
  project.write("plumbline.toml", "[runner]\nbackup_directory = \"backups\"\n");
  const ProgramResult result = project.run({"up", "--migrations", "db", target[0], target[1]});
  INFO(result.err);
  if (result.err.find("found no pg_dump") != std::string::npos) {
    WARN("there is no pg_dump that reads this server: no backup to look at");
    return;
  }
  REQUIRE(result.exit_code == 0);
  CHECK(is_for_owner_alone(project.path() / "backups"));
  CHECK(entries(project.path() / "backups") == 1);
  for (const fs::directory_entry& entry : fs::directory_iterator(project.path() / "backups"))
    CHECK(is_for_owner_alone(entry.path()));
}
