#include "tests/server/migrated.h"

#include <catch2/catch.hpp>

namespace plumbline::testing {

Migrated::Migrated(int major) : database_(server(major).fresh_database()) {}

std::string Migrated::version(int number) { return std::to_string(20250100 + number) + "_000000"; }

void Migrated::migration(int number, const std::string& up, const std::string& down,
                         const std::string& header) const {
  std::string text = header + "-- ============= UP MIGRATION =============\n" + up + "\n";
  if (!down.empty()) text += "-- ============= DOWN MIGRATION ============\n" + down + "\n";
  folder_.write("db/" + version(number) + "_step.sql", text);
}

ProgramResult Migrated::run(std::vector<std::string> arguments, Environment environment) const {
  environment.try_emplace("PLUMBLINE_CACHE_DIR", test_cache().string());
  arguments.insert(arguments.end(), {"--migrations", "db", "--url", database_.conninfo()});
  return run_plumbline(arguments, environment, {}, folder_.path());
}

std::string Migrated::ok(const std::vector<std::string>& arguments) const {
  const ProgramResult result = run(arguments);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  return result.out;
}

std::string Migrated::value(const std::string& sql) {
  return database_.connection().value(sql).value_or("none");
}

std::string Migrated::ledger() {
  return value(
      "SELECT coalesce(string_agg(substr(version, 8, 1)::text || ' ' || state || CASE WHEN statement_running "
      "IS "
      "NOT NULL THEN ' at ' || statement_running || '/' || statements WHEN statements_done > 0 THEN ' ' || "
      "statements_done || '/' || statements ELSE '' END, ', ' ORDER BY version), '') FROM "
      "plumbline.schema_migrations");
}

}  // namespace plumbline::testing
