// What the digest calls a success, a deployment and a recovery.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"

using namespace plumbline::testing;
using Catch::Contains;

namespace {

std::string digest_of(Migrated& live, const std::string& format = "json") {
  const ProgramResult result =
      run_plumbline({"digest", "--format", format, "--url", live.database().conninfo()}, {}, {}, live.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  return result.out;
}

void check_health(const Migrated& live, const std::string& sql, const std::string& more = "") {
  live.write("plumbline.toml", "[runner]\nhealth_checks = [\"" + sql + "\"]\n" + more);
}

void write_own(const Migrated& live, const std::string& version, const std::string& up) {
  live.write("db/" + version + "_schema_it.sql",
             "-- Migration: it\n-- Version: " + version + "\n-- ============= UP MIGRATION =============\n" +
                 up + "\n-- ============= DOWN MIGRATION ============\nSELECT 1;\n");
}

std::string moment(Migrated& live, const std::string& shift) {
  return live.value("SELECT to_char((clock_timestamp() + interval '" + shift +
                    "') AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS')");
}

}  // namespace

TEST_CASE("a migration that failed its health check and was rolled back is no success") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  check_health(live, "SELECT false");
  CHECK(live.run({"up"}).exit_code == 1);
  CHECK_THAT(digest_of(live), Contains("\"applied\": 1") && Contains("\"rolled_back\": 1") &&
                                  Contains("\"success_rate\": 0.0") && Contains("\"rollback_rate\": 1.0") &&
                                  Contains("\"seconds_to_recover\": null"));
  check_health(live, "SELECT true");
  live.ok({"up"});
  CHECK_THAT(digest_of(live), Contains("\"success_rate\": 0.5") && Contains("\"rollback_rate\": 0.5") &&
                                  !Contains("\"seconds_to_recover\": null"));
  CHECK_THAT(digest_of(live, "text"), Contains("success rate           50 %") &&
                                          Contains("rollback frequency     50 %") &&
                                          Contains("mean time to recover   0."));
}

TEST_CASE("a migration that stays after a failed health check is no success either") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  check_health(live, "SELECT false", "roll_back = false\n");
  CHECK(live.run({"up"}).exit_code == 1);
  REQUIRE(live.ledger() == "1 applied");
  CHECK_THAT(digest_of(live), Contains("\"success_rate\": 0.0") && Contains("\"rolled_back\": 0"));
}

TEST_CASE("what was rolled back by hand was no success, and what was applied again is one") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.ok({"up"});
  CHECK_THAT(digest_of(live), Contains("\"success_rate\": 1.0") && Contains("\"seconds_to_recover\": null"));
  live.ok({"down", "--steps", "1"});
  CHECK_THAT(digest_of(live), Contains("\"success_rate\": 0.5") && Contains("\"seconds_to_recover\": null"));
  live.ok({"up"});
  CHECK_THAT(digest_of(live),
             Contains("\"success_rate\": 0.66") && !Contains("\"seconds_to_recover\": null"));
}

TEST_CASE("the time to recover counts from the first of several failures") {
  Migrated live;
  live.migration(1, "SELECT 1 / 0;");
  CHECK(live.run({"up"}).exit_code == 1);
  live.execute("SELECT pg_sleep(1.2)");
  CHECK(live.run({"up"}).exit_code == 1);
  live.migration(1, "SELECT 1;");
  live.ok({"up"});
  CHECK_THAT(digest_of(live), Contains("\"seconds_to_recover\": ") &&
                                  !Contains("\"seconds_to_recover\": 0.") &&
                                  !Contains("\"seconds_to_recover\": null") && Contains("\"failed\": 2"));
}

TEST_CASE("the age of an imported history is no time to deploy") {
  Migrated live;
  live.execute("SET timezone = 'Asia/Tokyo'");
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  CHECK_THAT(digest_of(live), Contains("\"seconds_to_deploy\": null"));
  write_own(live, moment(live, "0"), "CREATE TABLE b (id int);");
  live.execute("SELECT pg_sleep(1.1)");
  live.ok({"up"});
  const std::string digest = digest_of(live);
  CHECK_THAT(digest, Contains("\"seconds_to_deploy\": ") && !Contains("\"seconds_to_deploy\": null") &&
                         !Contains("\"seconds_to_deploy\": 0.") && !Contains("\"seconds_to_deploy\": -"));
  write_own(live, moment(live, "1 day"), "CREATE TABLE c (id int);");  // nobody wrote it then
  live.ok({"up"});
  CHECK(digest_of(live).substr(digest.find("\"seconds_to_deploy\""), 30) ==
        digest.substr(digest.find("\"seconds_to_deploy\""), 30));
}

TEST_CASE("versions that are no dates are no error of the digest") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);");
  live.ok({"up"});
  live.execute(
      "INSERT INTO plumbline.migration_history (id, at, action, version, performed_by, previous_hash, hash) "
      "SELECT 0, now(), 'applied', version, '', '', '' FROM unnest(ARRAY['20260231_000000', "
      "'20991131_235959', '20260101', 'x', '20260229235959.7', '']) AS version");
  CHECK_THAT(digest_of(live), Contains("\"applied\": 7"));
}

TEST_CASE("the coverage is the share of changes that came through migrations") {
  Migrated live;
  live.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
  live.migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
  live.ok({"up"});
  CHECK_THAT(digest_of(live), Contains("\"migration_coverage\": 1.0"));
  live.execute("ALTER TABLE a ADD by_hand int");
  live.ok({"down", "--steps", "1"});
  CHECK_THAT(digest_of(live), Contains("\"drift_incidents\": 1") && Contains("\"migration_coverage\": 0.75"));
}
