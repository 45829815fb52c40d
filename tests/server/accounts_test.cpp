// Commands that read a directory know every file of it.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

void config(const Migrated& live, const std::string& text) { live.write("plumbline.toml", text); }

}  // namespace

TEST_CASE("a file that is not understood stops whatever claims to know them all") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.ok({"up"});
  live.write("db/000_schema_versions.sql", "CREATE TABLE b (id int);");
  live.write("db/003_x.py", "print(1)");
  live.write("db/README.md", "read me");
  const std::vector<std::vector<std::string>> stopped = {{"up"},
                                                         {"up", "--dry-run"},
                                                         {"redo"},
                                                         {"check"},
                                                         {"catchup", "--revert"},
                                                         {"prove", "--migrations", "db"},
                                                         {"impact", "--base", "empty", "--head", "db"}};
  for (const std::vector<std::string>& command : stopped) {
    CAPTURE(command[0]);
    const bool without_live = command.size() > 2;
    const ProgramResult result =
        without_live ? run_plumbline(command, {}, {}, live.path()) : live.run(command);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains("2 files in \"db\" are not understood beside migrations of plumbline") &&
                               Contains("\"000_schema_versions.sql\" (named as numbered has it") &&
                               Contains("\"003_x.py\" (a program, which is not run)") &&
                               Contains("exclude = [\"000_schema_versions.sql\", \"003_x.py\"]") &&
                               Contains("stand_ins = {\"003_x.py\" = \"stand_ins/003_x.py.sql\"}"));
  }
  const ProgramResult validated = live.run({"validate"});
  CHECK(validated.exit_code == 1);
  CHECK_THAT(validated.out, Contains("db/000_schema_versions.sql:1:1: error:") &&
                                Contains("db/003_x.py:1:1: error:") && Contains("[files]"));
  CHECK_THAT(live.ok({"list"}), Contains("not understood  003_x.py, a program, which is not run"));
  CHECK_THAT(live.ok({"status"}), Contains("not understood  000_schema_versions.sql"));
  CHECK_THAT(live.ok({"status", "--json"}), Contains("\"role\": \"harmless\"") && Contains("README.md"));
  CHECK_THAT(live.run({"doctor"}).out, Contains("problem migrations: 2 files"));
  const ProgramResult down = live.run({"down", "--steps", "1"});
  CHECK(down.exit_code == 0);
  CHECK_THAT(down.err, Contains("warning: 2 files in \"db\" are not understood"));
  check_refused(live.run({"validate", "db/003_x.py"}), {"a program, which is not run", "stand_ins"});

  config(live, "[migrations]\nexclude = [\"000_*.sql\", \"003_x.py\"]\n");
  CHECK_THAT(live.ok({"validate"}), Contains("1 migration is valid"));
  live.ok({"up"});
  CHECK_THAT(live.ok({"list"}), Contains("excluded        003_x.py"));
}

TEST_CASE("a stand-in runs at the place of its program") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.migration(3, "ALTER TABLE made_by_program ADD x int;");
  live.write("db/20250102_000000_program.py", "print(1)");
  live.write("db/stand_ins/program.sql", "CREATE TABLE made_by_program ();");
  check_refused(live.run({"up"}), {"20250102_000000_program.py"});
  config(live, "[migrations.stand_ins]\n\"20250102_000000_program.py\" = \"stand_ins/program.sql\"\n");
  live.ok({"up"});
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied");
  CHECK_THAT(live.ok({"check"}), Contains("no drift"));
  CHECK_THAT(
      live.ok({"list"}),
      Contains("program         20250102_000000_program.py, \"stand_ins/program.sql\" stands in for it"));
}

TEST_CASE("list needs no live server") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  const ProgramResult result =
      run_plumbline({"list", "--migrations", "db", "--url", "host=/nowhere"}, {}, {}, live.path());
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Contains("unknown     20250101_000000"));
  CHECK_THAT(result.err, Contains("the states are not known, since live cannot be asked"));
  CHECK(run_plumbline({"list", "--pending", "--migrations", "db", "--url", "host=/nowhere"}, {}, {},
                      live.path())
            .exit_code == 1);
}

TEST_CASE("a file without sections is valid, and so is a date as version") {
  Migrated live;
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.write("db/20250101_initial.sql", "CREATE TABLE a (id int);\n");
  CHECK_THAT(live.ok({"validate"}), Contains("2 migrations are valid"));
  live.ok({"up"});
  CHECK(live.value("SELECT string_agg(version, ' ' ORDER BY version) FROM plumbline.schema_migrations") ==
        "20250101 20250102_000000");
}

TEST_CASE("migrations and db/migrations are found without arguments") {
  for (const std::string folder : {"migrations", "db/migrations"}) {
    Migrated live;
    live.write(folder + "/20250101_000000_a.sql", "CREATE TABLE a (id int);\n");
    const ProgramResult result =
        run_plumbline({"up", "--url", live.database().conninfo()}, {}, {}, live.path());
    CAPTURE(folder, result.err);
    CHECK(result.exit_code == 0);
  }
}
