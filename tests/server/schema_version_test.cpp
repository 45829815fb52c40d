// Which part of the schema's version a migration and its way back raise.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"

using namespace plumbline::testing;

namespace {

std::string levels(Migrated& live) {
  return live.value("SELECT string_agg(change, ' ' ORDER BY id) FROM plumbline.schema_versions");
}

void with_versions(const Migrated& live, const std::string& which, const std::string& more = "") {
  live.write("plumbline.toml", "[runner]\nschema_versions = \"" + which + "\"\n" + more);
}

}  // namespace

TEST_CASE("rolling back an additive migration breaks nothing that was there before it") {
  for (const std::string which : {"each", "run"}) {
    CAPTURE(which);
    Migrated live;
    with_versions(live, which);
    live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
    live.ok({"up"});
    live.migration(2, "CREATE TABLE b (id int); ALTER TABLE a ADD n int; CREATE INDEX a_n ON a (n);",
                   "DROP TABLE b; ALTER TABLE a DROP n;");
    live.ok({"up"});
    live.ok({"down", "--steps", "1"});
    CHECK(levels(live) == "minor minor minor");
    live.ok({"down", "--steps", "1"});
    CHECK(levels(live) == "minor minor minor minor");
  }
}

TEST_CASE("a failed health check that rolls back an additive migration raises no major version") {
  Migrated live;
  with_versions(live, "each", "health_checks = [\"SELECT false\"]\n");
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK(levels(live) == "minor minor");
}

TEST_CASE("a down that takes away more than its migration brought raises the major version") {
  Migrated live;
  live.execute("CREATE TABLE old (id int); CREATE TABLE older (id int)");
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE old;");
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b; DROP TABLE older;");
  live.migration(3, "CREATE TABLE c (id int);", "SELECT 1;");
  live.ok({"up"});
  live.ok({"down", "--steps", "3"});
  CHECK(levels(live) == "minor minor minor patch major major");
}

TEST_CASE("rolling back a breaking migration raises what it does") {
  Migrated live;
  live.execute("CREATE TABLE a (id int, n int)");
  live.migration(1, "ALTER TABLE a DROP n;", "ALTER TABLE a ADD n int;");
  live.migration(2, "ALTER TABLE a ALTER id TYPE bigint;", "ALTER TABLE a ALTER id TYPE int;");
  live.ok({"up"});
  live.ok({"down", "--steps", "2"});
  CHECK(levels(live) == "major major major minor");
}

TEST_CASE("more changes than the ledger names are not taken for undone") {
  Migrated live;
  std::string up, down;
  for (int i = 0; i < 7; ++i) {
    live.execute("CREATE TABLE z" + std::to_string(i) + " (id int)");
    up += "CREATE TABLE a" + std::to_string(i) + " (id int);";
    down += "DROP TABLE " + std::string(i < 5 ? "a" : "z") + std::to_string(i) + ";";
  }
  live.migration(1, up, down);
  live.ok({"up"});
  live.ok({"down", "--steps", "1"});
  CHECK(levels(live) == "minor major");
}
