// The runner on every server that is here, and what it takes over from every tool.
#include <catch2/catch.hpp>

#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline::testing;
using Catch::Contains;

TEST_CASE("every server can be migrated up and down") {
  for (const int major : available_versions()) {
    CAPTURE(major);
    Migrated live(major);
    live.migration(1, "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;");
    live.migration(2, "CREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX CONCURRENTLY a_id;");
    live.migration(3, "CREATE TYPE mood AS ENUM ('fine');\nALTER TYPE mood ADD VALUE 'ill';",
                   "DROP TYPE mood;");
    CHECK_THAT(live.ok({"up"}), Contains("3 migrations"));
    CHECK(live.run({"check"}).exit_code == 0);
    live.ok({"down", "--steps", "2"});
    live.ok({"redo"});
    CHECK(live.run({"status", "--exit-code"}).exit_code == 3);
    live.ok({"up"});
    CHECK_THAT(live.ok({"status"}), Contains("applied         3") && Contains("pending         0"));
    CHECK(live.value("SELECT count(*) FROM plumbline.migration_history WHERE action IN ('applied', "
                     "'rolled_back')") == "9");
    live.ok({"history", "--verify"});
    live.ok({"verify-checksums"});
  }
}

namespace {

// Two migrations of a tool, and its ledger when it has applied the first.
struct Tool {
  const char *name, *first, *second;  // files
  const char *before, *behind;        // what stands around the SQL in them
  const char* ledger;
  const char* control_file = nullptr;
};

constexpr Tool tools[] = {
    {"dbmate", "20240101000000_a.sql", "20240102000000_b.sql", "-- migrate:up\n", "\n-- migrate:down\n",
     "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations "
     "VALUES "
     "('20240101000000')"},
    {"golang-migrate", "1_a.up.sql", "2_b.up.sql", "", "",
     "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO "
     "schema_migrations VALUES (1, false)"},
    {"flyway", "V1__a.sql", "V2__b.sql", "", "",
     "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description "
     "varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, "
     "installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time int "
     "NOT "
     "NULL, success boolean NOT NULL); INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', "
     "'V1__a.sql', NULL, 'x', now(), 1, true)"},
    {"prisma", "20240101000000_a/migration.sql", "20240102000000_b/migration.sql", "", "",
     "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, "
     "finished_at "
     "timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at "
     "timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0); INSERT INTO "
     "_prisma_migrations (id, checksum, finished_at, migration_name) SELECT '1', encode(sha256('CREATE TABLE "
     "a "
     "(id int);'), 'hex'), now(), '20240101000000_a'",
     "migration_lock.toml"},
    {"goose", "00001_a.sql", "00002_b.sql", "-- +goose Up\n", "\n-- +goose Down\n",
     "CREATE TABLE goose_db_version (id int PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT "
     "NULL, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version VALUES (1, 0, true), (2, 1, true)"},
    {"diesel", "2024-01-01-000000_a/up.sql", "2024-01-02-000000_b/up.sql", "", "",
     "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL "
     "DEFAULT now()); INSERT INTO __diesel_schema_migrations VALUES ('20240101000000')"},
    {"sqlx", "20240101000000_a.sql", "20240102000000_b.sql", "", "",
     "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, installed_on "
     "timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time "
     "bigint NOT NULL); INSERT INTO _sqlx_migrations VALUES (20240101000000, 'a', now(), true, "
     "sha384('CREATE TABLE a (id int);'), 1)"},
};

}  // namespace

TEST_CASE("the ledger of every tool is taken over, and plumbline goes on from there") {
  for (const Tool& tool : tools) {
    CAPTURE(tool.name);
    Migrated live;
    const auto write = [&](const char* file, const std::string& sql) {
      live.write("db/" + std::string(file), tool.before + sql + tool.behind);
    };
    write(tool.first, "CREATE TABLE a (id int);");
    write(tool.second, "CREATE TABLE b (id int);");
    if (tool.control_file) live.write("db/" + std::string(tool.control_file), "provider = \"postgresql\"\n");
    live.execute("CREATE TABLE a (id int)");
    live.execute(tool.ledger);
    check_refused(live.run({"up"}), {"has a ledger of " + std::string(tool.name), "baseline --import"});
    CHECK_THAT(live.ok({"baseline", "--import"}), Contains("1 migration counts as applied"));
    CHECK_THAT(live.ok({"up"}), Contains("b") && Contains("1 migration"));
    CHECK(live.value("SELECT count(*) FROM plumbline.schema_migrations WHERE state = 'applied'") == "2");
    CHECK(live.value("SELECT reason IS NULL AND details LIKE '" + std::string(tool.name) +
                     "%' FROM plumbline.migration_history WHERE action = 'imported'") == "t");
    const ProgramResult check = live.run({"check"});
    INFO(check.out << check.err);
    CHECK(check.exit_code == 0);
  }
}
