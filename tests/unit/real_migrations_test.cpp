// The migration directories of real applications, loaded without help.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "migrations/parser.h"
#include "migrations/splitter.h"
#include "tests/support/golden.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;
namespace fs = std::filesystem;

namespace {

// The conventions that looking alone cannot tell from golang-migrate: the ledger decides.
std::string convention_to_name(const std::string& convention) {
  return convention == "concourse" ? convention : "";
}

void check_application(const fs::path& folder) {
  const auto origin = nlohmann::json::parse(read_text((folder / "origin.json").string()));
  MigrationOptions options;
  options.path = (folder / "migrations").string();
  options.convention = convention_to_name(origin.at("convention").get<std::string>());
  const MigrationDirectory directory = load_migrations(options);
  CHECK(directory.not_understood().empty());
  CHECK(directory.migrations.size() == origin.at("sql_migrations").get<std::size_t>());

  std::set<std::string> outside;
  for (const Migration& migration : directory.migrations) {
    if (!migration.transactional) outside.insert(migration.file);
  }
  CHECK(outside == origin.at("no_transaction").get<std::set<std::string>>());

  if (!origin.contains("behind")) return;
  const auto last = origin.at("behind").get<std::vector<std::string>>();
  REQUIRE(directory.migrations.size() > last.size());
  for (std::size_t i = 0; i < last.size(); ++i) {
    const std::string& file = directory.migrations[directory.migrations.size() - last.size() + i].file;
    CHECK(file.find(last[i]) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("real directories load in their tool's order and with its transactions") {
  const auto shared = shared_data();
  if (!shared) {
    WARN("skipped: there is no shared data");
    return;
  }
  for (const auto& entry : fs::directory_iterator(*shared / "real" / "apps")) {
    CAPTURE(entry.path().filename().string());
    check_application(entry.path());
  }
}

TEST_CASE("real SQL is split as libpg_query splits it, wherever it can") {
  const auto shared = shared_data();
  if (!shared) {
    WARN("skipped: there is no shared data");
    return;
  }
  std::size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(*shared / "real" / "apps")) {
    if (entry.path().extension() != ".sql") continue;
    std::string text = read_text(entry.path().string());
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    const auto by_grammar = statements_by_grammar(text);
    if (!by_grammar) continue;
    std::vector<std::string> theirs, ours;
    for (const std::string& statement : *by_grammar) theirs.push_back(normalised(statement));
    for (const SqlStatement& statement : split_sql(text, entry.path().string()))
      ours.push_back(normalised(statement.text));
    ++compared;
    if (ours == theirs) continue;
    FAIL_CHECK(entry.path().string());
  }
  CHECK(compared > 1000);
}
