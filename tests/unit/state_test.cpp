#include "cli/state.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/migrations.h"
#include "tests/support/surroundings.h"

namespace plumbline {
namespace {

using testing::error_of;
using testing::WorkingFolder;
using Type = State::Type;

std::string error_for(const std::string& text) {
  return error_of([&] { parse_state(text); });
}

// A repository with db/0001.sql in its first commit, tagged v1, and db/0002.sql besides in its second.
class Repository {
 public:
  Repository() {
    git("init -q -b main .");
    folder_.write("db/0001.sql", "CREATE TABLE a (x int);\r\n");
    folder_.write("empty.sql", "");
    commit("first");
    git("tag v1");
    folder_.write("db/sub/\xc3\xa4 b.sql", std::string("\0\xff binary\n", 10));
    folder_.write("db/0002.sql", std::string(300000, '-') + "\n");
    std::filesystem::create_symlink("0001.sql", folder_.path() / "db/link.sql");
    commit("second");
  }

  void enter(const std::string& below) { folder_.enter(below); }

 private:
  void commit(const std::string& message) {
    git("add -A");
    git("-c user.name=t -c user.email=t@example.org commit -q -m " + message);
  }
  void git(const std::string& words) { REQUIRE(std::system(("git " + words).c_str()) == 0); }

  testing::Variables variables_{{{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_DIR", std::nullopt}}};
  WorkingFolder folder_;
};

std::vector<std::string> paths(const std::vector<SourceFile>& files) {
  std::vector<std::string> result;
  for (const SourceFile& file : files) result.push_back(file.path);
  return result;
}

TEST_CASE("a state is recognised by its form") {
  const WorkingFolder folder;
  folder.write("live.json", "{}");
  folder.write("schema.SQL", "");
  folder.write("db/migrations/0001.sql", "");
  folder.write("dbname=shop/0001.sql", "");
  CHECK(parse_state("postgres://reader@db/shop").type == Type::live);
  CHECK(parse_state("postgresql:///shop").type == Type::live);
  CHECK(parse_state("host=/tmp dbname=shop").type == Type::live);
  CHECK(parse_state("live.json").type == Type::snapshot_file);
  CHECK(parse_state("schema.SQL").type == Type::sql_file);
  CHECK(parse_state("db/migrations").type == Type::migrations);
  CHECK(parse_state("dbname=shop").type == Type::migrations);  // it is there
  CHECK(parse_state("empty").type == Type::empty);
  const State git = parse_state("git:feature/x~2:db/migrations");
  CHECK(git.type == Type::git);
  CHECK(git.revision == "feature/x~2");
  CHECK(git.path == "db/migrations");
}

TEST_CASE("a folder named empty is meant by its path") {
  const WorkingFolder folder;
  folder.write("empty/0001.sql", "");
  CHECK(parse_state("empty").type == Type::empty);
  CHECK(parse_state("./empty").type == Type::migrations);
}

TEST_CASE("what is no state is refused with the forms there are") {
  const WorkingFolder folder;
  folder.write("notes.txt", "");
  CHECK(error_for("missing.json").starts_with("there is no file or folder \"missing.json\"\nA state is "));
  CHECK(
      error_for("notes.txt").starts_with("\"notes.txt\" is a file of a sort that is no state\nA state is "));
  CHECK(error_for("").starts_with("a state is empty text\n"));
  for (const char* text : {"git:", "git:main", "git:main:", "git::db"}) {
    CHECK(error_for(text).find("does not name a revision and a folder") != std::string::npos);
  }
  CHECK(error_for("mysql://root:s3cret@db/shop").find("s3cret") == std::string::npos);
}

TEST_CASE("a state is described without its password") {
  const std::string text = describe(parse_state("postgres://reader:s3cret@db/shop"));
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find("shop") != std::string::npos);
  CHECK(describe(parse_state("git:v1:db")) == "migrations in db at v1");
  CHECK(describe(parse_state("empty")) == "an empty database");
}

TEST_CASE("files come out of a git revision byte by byte") {
  Repository repository;
  const std::vector<SourceFile> first = read_git("v1", "db");
  REQUIRE(first.size() == 1);
  CHECK(first[0].path == "0001.sql");
  CHECK(first[0].bytes == "CREATE TABLE a (x int);\r\n");
  const std::vector<SourceFile> second = read_git("main", "db/");
  CHECK(paths(second) == std::vector<std::string>{"0001.sql", "0002.sql", "sub/\xc3\xa4 b.sql"});
  CHECK(second[1].bytes == std::string(300000, '-') + "\n");
  CHECK(second[2].bytes == std::string("\0\xff binary\n", 10));
  CHECK(paths(read_git("v1", ".")) == std::vector<std::string>{"db/0001.sql", "empty.sql"});
}

TEST_CASE("a path starts at the top of the repository, with ./ at the working directory") {
  Repository repository;
  repository.enter("db");
  CHECK(read_git("HEAD", "db").size() == 3);
  CHECK(read_git("HEAD", "./sub").size() == 1);
  CHECK(error_of([] { read_git("HEAD", "sub"); }) ==
        "there is no \"sub\" at revision \"HEAD\"\n"
        "A path starts at the top of the repository; write git:HEAD:./sub.");
}

TEST_CASE("what git cannot give is named") {
  Repository repository;
  CHECK(error_of([] { read_git("v9", "db"); }).starts_with("git knows no revision \"v9\"\n"));
  CHECK(error_of([] { read_git("--output=x", "db"); }).starts_with("git knows no revision \"--output=x\"\n"));
  CHECK(error_of([] {
          read_git("v1", "no/such");
        }).starts_with("there is no \"no/such\" at revision \"v1\"\n"));
  CHECK(error_of([] { read_git("v1", "empty.sql"); }) ==
        "\"empty.sql\" is a file at revision \"v1\"\nName the folder of the migrations.");
}

TEST_CASE("a folder in no repository is said to be none") {
  const WorkingFolder folder;
  const testing::Variables variables({{"GIT_CEILING_DIRECTORIES", folder.path().parent_path().string()}});
  CHECK(error_of([] {
          read_git("HEAD", "db");
        }).starts_with("the working directory is in no git repository\n"));
}

}  // namespace
}  // namespace plumbline
