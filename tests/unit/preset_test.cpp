#include <catch2/catch.hpp>
#include <set>

#include "diff/preset.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"
#include "tests/support/sample_report.h"

namespace plumbline {
namespace {

using Verb = Difference::Verb;

Finding at(Verb verb, const std::string& kind, const std::string& schema, const std::string& parent,
           const std::string& name) {
  Finding finding = sample_finding(verb, kind, parent, name, {});
  finding.schema = schema;
  return finding;
}

// How many of the findings the preset hides.
std::size_t hidden_by(const std::string& preset, std::vector<Finding> findings) {
  const std::vector<std::string> names = {preset};
  return hide(findings, active_presets(names, nullptr).at(0)).count;
}

TEST_CASE("a preset hides what is in the service's schemas, with the schema itself") {
  CHECK(hidden_by("supabase", {at(Verb::unexpected, "schema", "", "", "auth"),
                               at(Verb::unexpected, "column", "auth", "users", "email"),
                               at(Verb::changed, "function", "storage", "", "search(text)")}) == 3);
  CHECK(hidden_by("supabase", {at(Verb::unexpected, "schema", "", "", "authors"),
                               at(Verb::unexpected, "table", "public", "", "auth")}) == 0);
}

TEST_CASE("no preset hides what is missing on live") {
  for (const std::string& name : preset_names()) {
    INFO(name);
    CHECK(hidden_by(name, {at(Verb::missing, "table", "auth", "", "users"),
                           at(Verb::missing, "role", "", "", "rds_superuser"),
                           at(Verb::missing, "table", "public", "", "flyway_schema_history")}) == 0);
  }
}

TEST_CASE("a service's roles go with their memberships, settings and default privileges") {
  CHECK(hidden_by("rds", {at(Verb::unexpected, "role", "", "", "rdsadmin"),
                          at(Verb::unexpected, "membership", "", "", "rds_password TO app"),
                          at(Verb::unexpected, "membership", "", "", "pg_monitor TO rds_superuser"),
                          at(Verb::unexpected, "role_setting", "", "", "rdsadmin log_statement"),
                          at(Verb::unexpected, "default_privileges", "", "",
                             "FOR ROLE rdsadmin IN SCHEMA public ON TABLES")}) == 5);
  CHECK(hidden_by("rds", {at(Verb::unexpected, "role", "", "", "lords"),
                          at(Verb::unexpected, "membership", "", "", "app TO admin")}) == 0);
}

TEST_CASE("where a vendor patches the catalogue, that is hidden, and nowhere else") {
  const std::vector<Finding> patched = {
      at(Verb::changed, "system_catalog", "", "", "pg_proc"),
      at(Verb::unexpected, "system_object", "", "", "FUNCTION pg_catalog.f()")};
  for (const std::string name : {"supabase", "rds", "cloudsql", "azure", "neon"}) {
    CHECK(hidden_by(name, patched) == 2);
  }
  for (const std::string name : {"timescaledb", "postgis", "pg_partman", "pg_cron", "ledgers"}) {
    CHECK(hidden_by(name, patched) == 0);
  }
}

TEST_CASE("another tool's ledger is hidden as long as the migrations do not make it") {
  CHECK(hidden_by("ledgers", {at(Verb::unexpected, "table", "app", "", "alembic_version")}) == 1);
  CHECK(hidden_by("ledgers", {at(Verb::changed, "table", "app", "", "alembic_version"),
                              at(Verb::unexpected, "column", "app", "alembic_version", "extra")}) == 0);
}

TEST_CASE("presets speak of kinds that there are") {
  std::set<std::string, std::less<>> kinds;
  for (const Kind* kind : all_kinds()) kinds.emplace(kind->name);
  for (const std::string& name : preset_names()) {
    const ActivePreset active = active_presets(std::vector{name}, nullptr).at(0);
    for (const IgnoreRule& rule : active.rules) {
      INFO(name << ": " << rule.kind);
      CHECK(kinds.contains(rule.kind));
    }
  }
  for (const Preset& preset : all_presets()) {
    for (const std::string& kind : split(preset.left, ' ')) CHECK((kind.empty() || kinds.contains(kind)));
  }
}

TEST_CASE("auto, none and names may stand together, and an unknown name is refused") {
  const auto names = [](const std::vector<std::string>& said) {
    std::vector<std::string> result;
    for (const ActivePreset& active : active_presets(said, nullptr)) result.emplace_back(active.preset->name);
    return result;
  };
  CHECK(names({"none"}).empty());
  CHECK(names({"auto"}) == std::vector<std::string>{"ledgers"});
  CHECK(names({"auto", "rds", "ledgers"}) == std::vector<std::string>{"ledgers", "rds"});
  CHECK_THROWS_AS(names({"oracle"}), Error);
}

}  // namespace
}  // namespace plumbline
