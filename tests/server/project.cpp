#include "tests/server/project.h"

#include <catch2/catch.hpp>

namespace plumbline::testing {

namespace fs = std::filesystem;

Project::Project() : database_(server().fresh_database()) {
  fs::permissions(servers_.path(), fs::perms::others_exec, fs::perm_options::add);
  database_.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
}

void Project::migrations(const std::vector<std::string>& up) const {
  for (std::size_t i = 0; i < up.size(); ++i) {
    const std::string number = std::to_string(1000001 + i).substr(1);
    folder_.write("db/" + number + "_step.up.sql", up[i]);
    folder_.write("db/" + number + "_step.down.sql", "SELECT 1;\n");
  }
}

void Project::live(const std::string& sql, int version) {
  if (!sql.empty()) database_.execute(sql);
  database_.execute("DELETE FROM schema_migrations; INSERT INTO schema_migrations VALUES (" +
                    std::to_string(version) + ", false)");
}

ProgramResult Project::run(const std::vector<std::string>& arguments, Environment environment) const {
  environment.try_emplace("PLUMBLINE_CACHE_DIR", test_cache().string());
  environment.try_emplace("PLUMBLINE_TMPDIR", servers_.path().string());
  return run_plumbline(arguments, environment, {}, folder_.path());
}

ProgramResult Project::check(const std::vector<std::string>& more, const Environment& environment) const {
  std::vector<std::string> arguments{"check", "--migrations", "db", "--url", database_.conninfo()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments, environment);
}

void check_refused(const ProgramResult& result, const std::vector<std::string>& said) {
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK(result.out == "");
  CHECK(result.err.find("plumbline: error: ") != std::string::npos);
  CHECK(result.err.find("\nhint: ") != std::string::npos);
  for (const std::string& part : said) CHECK_THAT(result.err, Catch::Contains(part));
}

}  // namespace plumbline::testing
