// Expand, migrate and contract, deployed one after the other, with later expands between them.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

constexpr const char* has_old_column =
    "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'people'::regclass AND attname = 'name')";

// A column gets another name in three deployments; the fifth file is the expand of the next change.
void write_renaming(const Migrated& live, const std::string& wait = "") {
  live.migration(1, "CREATE TABLE people (name text);\nINSERT INTO people VALUES ('Ada');");
  live.migration(2, "ALTER TABLE people ADD COLUMN full_name text;", "", "-- Phase: expand\n");
  live.migration(3, "UPDATE people SET full_name = name;", "", "-- Phase: migrate\n");
  live.migration(4, "ALTER TABLE people DROP COLUMN name;", "", "-- Phase: contract\n" + wait);
  live.migration(5, "ALTER TABLE people ADD COLUMN born date;", "", "-- Phase: expand\n");
}

// As if everything had been applied so much earlier.
void let_pass(Migrated& live, const std::string& time) {
  live.execute("UPDATE plumbline.schema_migrations SET applied_at = applied_at - interval '" + time + "'");
}

}  // namespace

TEST_CASE("three phases are deployed one after the other, with a later expand before the contract") {
  Migrated live;
  write_renaming(live);
  check_refused(live.run({"up", "--phase", "migrate"}), {"are not applied", "plumbline up --phase expand"});
  check_refused(live.run({"up", "--phase", "contract"}), {"are not applied", "plumbline up --phase expand"});
  live.ok({"up", "--phase", "expand"});
  CHECK(live.ledger() == "1 applied, 2 applied, 5 applied");
  check_refused(live.run({"up", "--phase", "contract"}),
                {"20250104_000000 (20250104_000000_step.sql) waits: 20250103_000000 "
                 "(20250103_000000_step.sql) is not applied",
                 "plumbline up --phase migrate"});
  CHECK(live.value(has_old_column) == "t");
  live.ok({"up", "--phase", "migrate"});
  live.ok({"up", "--phase", "contract"});
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied, 5 applied");
  CHECK(live.value("SELECT full_name FROM people") == "Ada");
  CHECK(live.value(has_old_column) == "f");
  CHECK(live.run({"status", "--exit-code"}).exit_code == 0);
  CHECK(live.run({"check"}).exit_code == 0);
}

TEST_CASE("a contract waits as long as its header says, and is never counted as done") {
  Migrated live;
  write_renaming(live, "-- Wait: 14d\n");
  const ProgramResult first = live.run({"up", "--json"});
  CHECK(first.exit_code == 0);
  CHECK_THAT(first.out, Contains("\"waiting\"") && Contains("\"waits\": \"until 14d after 2025"));
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 5 applied");
  let_pass(live, "13 days 23 hours");
  check_refused(live.run({"up", "--phase", "contract"}),
                {"20250104_000000 (20250104_000000_step.sql) waits: until 20", "UTC, 14d after"});
  check_refused(live.run({"approve"}), {"nothing to approve", "waits: until"});
  CHECK_THAT(live.ok({"up"}), Contains("nothing can be applied yet, 1 migration waiting") &&
                                  Contains("not applied 20250104_000000"));
  CHECK_THAT(live.ok({"up", "--dry-run"}),
             Contains("-- Not sent: 20250104_000000") && Contains("Nothing can be sent yet"));
  CHECK_THAT(live.ok({"status"}),
             Contains("waiting         20250104_000000 20250104_000000_step.sql: until"));
  CHECK_THAT(live.ok({"status", "--json"}), Contains("\"pending\": 1") && Contains("\"waits_until\": \"20"));
  CHECK_THAT(live.ok({"list", "--pending"}), Contains("waits: until"));
  CHECK(live.run({"status", "--exit-code"}).exit_code == 3);
  CHECK(live.value(has_old_column) == "t");
  let_pass(live, "2 hours");
  live.ok({"up"});
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 4 applied, 5 applied");
  CHECK(live.run({"check"}).exit_code == 0);
}

TEST_CASE("a run of all or nothing leaves a contract that waits where it is") {
  Migrated live;
  write_renaming(live, "-- Wait: 1h\n");
  CHECK_THAT(live.ok({"up", "--all-or-nothing"}), Contains("not applied 20250104_000000"));
  CHECK(live.ledger() == "1 applied, 2 applied, 3 applied, 5 applied");
  let_pass(live, "61 minutes");
  live.ok({"up", "--all-or-nothing"});
  CHECK(live.value(has_old_column) == "f");
}

TEST_CASE("a contract whose expand was rolled back waits again") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (x int);", "DROP TABLE a;");
  live.migration(2, "ALTER TABLE a ADD COLUMN y int;", "ALTER TABLE a DROP COLUMN y;", "-- Phase: expand\n");
  live.migration(3, "ALTER TABLE a DROP COLUMN x;", "", "-- Phase: contract\n");
  live.ok({"up", "--phase", "expand"});
  live.ok({"down", "--steps", "1"});
  check_refused(live.run({"up", "--phase", "contract"}),
                {"20250102_000000 (20250102_000000_step.sql) is not applied"});
  CHECK(live.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'x'") ==
        "1");
}
