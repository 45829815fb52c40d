#include <algorithm>
#include <sstream>

#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/json.h"
#include "tests/server/dumps.h"
#include "tests/server/real_schemas.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

std::string captured(TestDatabase& database, SymbolTable& symbols) {
  const ReadTransaction transaction(database.connection());
  std::ostringstream out;
  write_json(capture(database.connection(), symbols), out);
  return out.str();
}

std::string read_and_written(const std::string& text) {
  SymbolTable symbols;
  std::istringstream in(text);
  std::ostringstream out;
  write_json(read_json(in, symbols, "torture.json"), out);
  return out.str();
}

// Loaded anew: pg_dump reads it, and a restore makes it again.
void check_restored(int version, TestDatabase& database) {
  TestDatabase restored = server(version).fresh_database();
  const std::vector<std::string> refused = restore_schema(
      server(version).shadow(), restored.name(), dump_schema(choose_pg_dump(version), database.conninfo()));
  if (!refused.empty() && version < newest_with_dump()) {
    WARN("skipped for server " << version << ": the pg_dump here is newer and writes what it does not know");
    return;
  }
  CHECK(join(refused, "\n") == "");
  const ProgramResult result = run_plumbline({"diff", "--witness", database.conninfo(), restored.conninfo()});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
}

}  // namespace

TEST_CASE("PostgreSQL's own regression database is read the same twice, through JSON and after a restore",
          "[.real]") {
  if (!has_real_folder()) return;
  const std::filesystem::path folder = real_folder() / "schemas/pg_regress";
  for (const int version : available_versions()) {
    DYNAMIC_SECTION("on server " << version) {
      TestDatabase database = server(version).fresh_database();
      const auto refused =
          load_files(server(version), database, {folder / "roles.sql", folder / "schema.sql"});
      // Written by 15; compression with lz4 is not in every build, some statements are of one major only.
      INFO(join(refused, "\n"));
      CHECK(refused.size() <= 24);
      SymbolTable symbols;
      const std::string text = captured(database, symbols);
      CHECK(std::count(text.begin(), text.end(), '\n') > 10000);
      CHECK(captured(database, symbols) == text);
      CHECK(read_and_written(text) == text);
      if (can_be_dumped(version)) check_restored(version, database);
    }
  }
}

// Its files, in order, and the server it was made for.
struct RealSchema {
  const char* name;
  std::vector<const char*> files;
  int version;
  std::size_t refused;          // statements that want an extension that is not here
  const char* stays = nullptr;  // the only finding left
};

TEST_CASE("each real schema, written as SQL, loads in one pass and is what it was", "[.real]") {
  if (!has_real_folder()) return;
  const RealSchema schema = GENERATE(values<RealSchema>({
      {"adventureworks", {"schema.sql"}, 15, 0},
      {"bytebase_latest", {"schema.sql"}, 15, 0},
      {"hatchet_declared", {"schema.sql"}, 15, 0},
      {"pagila", {"schema.sql"}, 18, 8},
      {"pg_regress", {"roles.sql", "schema.sql"}, 15, 0},
      {"sakila", {"schema.sql"}, 15, 0},
      // No snapshot holds a password.
      {"yb_omnibus", {"schema-clean.sql"}, 15, 0, "user mapping technically_this_server.foreign_db_owner"},
  }));
  if (std::ranges::count(available_versions(), schema.version) == 0) return;
  DYNAMIC_SECTION(schema.name) {
    TestServer& on = server(schema.version);
    TestDatabase source = on.fresh_database(), target = on.fresh_database();
    std::vector<std::filesystem::path> files;
    for (const char* file : schema.files) files.push_back(real_folder() / "schemas" / schema.name / file);
    const auto refused = load_files(on, source, files);
    INFO(join(refused, "\n"));
    CHECK(refused.size() <= schema.refused);
    const ProgramResult written = run_plumbline({"snapshot", "--format", "sql", source.conninfo()});
    INFO(written.err);
    CHECK(written.exit_code == (schema.stays ? 2 : 0));
    CHECK(join(restore_schema(on.shadow(), target.name(), written.out), "\n") == "");
    const ProgramResult compared = run_plumbline({"diff", target.conninfo(), source.conninfo()});
    INFO(compared.out);
    CHECK(compared.exit_code == (schema.stays ? 2 : 0));
    if (schema.stays) CHECK_THAT(compared.out, Contains(schema.stays) && Contains("1 finding"));
  }
}
