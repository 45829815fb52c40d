// What somebody mistypes is quoted back to him, but for the password in it; and what is kept is kept for its
// owner.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> mistyped{"postgres:/u:Pa55word@h/shop",
                                        "postgres:u:Pa55word@h/shop",
                                        "postgre://u:Pa55word@h/shop",
                                        "postgresql//u:Pa55word@h/shop",
                                        "postgres://u:Pa55word@h:port/shop",
                                        "postgres://u:Pa55word@[h/shop",
                                        "postgres://u:Pa55word@h/shop?nonsense=1",
                                        "http://u:Pa55word@h/shop",
                                        "jdbc:postgresql://h/shop?user=u&password=Pa55word",
                                        "u:Pa55word@h/shop",
                                        "//u:Pa55word@h",
                                        "host=h pasword=Pa55word",
                                        "host=h password =Pa55word x",
                                        "host=h password='Pa55word",
                                        "PGPASSWORD=Pa55word"};

}  // namespace

TEST_CASE("no message shows the password of a mistyped connection string") {
  const Project project;
  project.migrations({"SELECT 1;\n"});
  for (const std::string& text : mistyped) {
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"check", "--migrations", "db", "--url", text},
             {"check", "--migrations", "db", "--url=" + text},
             {"check", "--migrations", text, "--url", "postgres://127.0.0.1:1/x"},
             {"check", "--ulr=" + text},
             {"check", text},
             {text},
             {"diff", text, "empty"},
             {"diff", "empty", text},
             {"snapshot", text},
             {"check", "--format", text},
             {"check", "--output", text + "=x"},
             {"up", "--migrations", "db", "--url", text, "-v"},
             {"report", text},
             {"doctor", "--migrations", "db", "--url", text},
             {"doctor", "--migrations", "db", "--shadow-url", text}}) {
      const ProgramResult result = project.run(command);
      INFO(command.front() << " " << text << "\n" << result.err << result.out);
      CHECK(result.exit_code != 0);
      CHECK(result.err.find("Pa55word") == std::string::npos);
      CHECK(result.out.find("Pa55word") == std::string::npos);
    }
  }
}

TEST_CASE("cached schemas are for their owner alone, in a folder that was open, too") {
  Project project;
  project.migrations({"CREATE TABLE orders (id int);\n"});
  project.live("CREATE TABLE orders (id int)", 1);
  const TemporaryDirectory cache;
  fs::create_directory(cache.path() / "expected");
  fs::permissions(cache.path() / "expected", fs::perms::all);
  REQUIRE(project.check({"--cache-dir", cache.path()}).exit_code == 0);
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  std::size_t entries = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(cache.path() / "expected")) {
    if (!entry.is_directory()) continue;
    CHECK((entry.status().permissions() & others) == fs::perms::none);
    ++entries;
  }
  CHECK(entries > 0);
  CHECK((fs::status(cache.path() / "expected").permissions() & others) == fs::perms::none);
}
