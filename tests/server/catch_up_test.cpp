// catchup: both ways, proven, and nothing printed or written that is not.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "migrations/execution.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "tests/server/migrated.h"
#include "tests/server/project.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

const std::string first_schema =
    "CREATE TABLE users (id int PRIMARY KEY, name varchar(20), email text);\n"
    "CREATE TABLE orders (id int PRIMARY KEY, user_id int, total numeric(10,2), note text);\n"
    "CREATE VIEW totals AS SELECT user_id, sum(total) AS s FROM orders GROUP BY 1;\n"
    "CREATE INDEX orders_by_user ON orders (user_id);\n";

const std::string drift_of_many_sorts =
    "ALTER TABLE orders ADD CONSTRAINT orders_users_fk FOREIGN KEY (user_id) REFERENCES users;"
    "ALTER TABLE orders ADD CONSTRAINT dear CHECK (total >= 0);"
    "ALTER TABLE orders ALTER note SET NOT NULL, ALTER note SET DEFAULT 'none';"
    "ALTER TABLE users ADD COLUMN age int DEFAULT 3, ALTER name TYPE varchar(40), ADD UNIQUE (email);"
    "DROP INDEX orders_by_user; CREATE INDEX orders_by_user ON orders (user_id, id);"
    "CREATE OR REPLACE VIEW totals AS SELECT user_id, sum(total) AS s, count(*) FROM orders GROUP BY 1;"
    "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 2 * i'; GRANT SELECT ON users TO "
    "PUBLIC;";

const std::string all_hazards =
    "DELETES_DATA,REWRITES_TABLE,ACQUIRES_ACCESS_EXCLUSIVE_LOCK,ACQUIRES_SHARE_LOCK";

class Stop : public ExecutionObserver {
 public:
  [[noreturn]] void failed(const Error& error, std::size_t) override { throw Error(error); }
};

// As psql does.
void run_sql(Connection& connection, const std::string& text) {
  const std::vector<SqlStatement> statements = split_sql(text, "printed");
  Stop stop;
  run_script(connection, {"printed", statements, false}, stop);
}

ProgramResult catch_up(const Project& project, TestDatabase& live, std::vector<std::string> more) {
  more.insert(more.begin(), {"catchup", "--migrations", "db", "--url", live.conninfo()});
  return project.run(more);
}

void drift(Project& project, const std::string& sql, const std::string& schema = first_schema) {
  project.migrations({schema});
  project.live(schema + sql, 1);
}

}  // namespace

TEST_CASE("drift of many sorts is reverted, and taken back again") {
  Project project;
  drift(project, drift_of_many_sorts);
  TestDatabase& live = project.database();
  project.write("before.json", project.run({"snapshot", live.conninfo()}).out);
  const ProgramResult down =
      catch_up(project, live, {"--revert", "--section", "down", "--allow-hazards", all_hazards});
  const ProgramResult up =
      catch_up(project, live, {"--revert", "--section", "up", "--allow-hazards", all_hazards});
  INFO(up.err << up.out);
  REQUIRE(up.exit_code == 0);
  CHECK_THAT(up.out,
             Contains("DROP INDEX CONCURRENTLY") && Contains("-- locks: ACCESS EXCLUSIVE on public.users"));
  run_sql(live.connection(), up.out);
  CHECK(project.check().exit_code == 0);
  run_sql(live.connection(), down.out);
  CHECK(project.check().exit_code == 2);
  CHECK(project.run({"diff", live.conninfo(), "before.json"}).exit_code == 0);
}

// What the server prints of an IN list over varchar, it reads and prints in another way.
TEST_CASE("a condition that is spelled in another way once it was printed is proven, too") {
  Project project;
  const std::string schema =
      "CREATE TABLE orders (status varchar(20), CONSTRAINT known CHECK (status IN ('new', 'paid')));";
  project.migrations({schema});
  project.live(schema + "ALTER TABLE orders DROP CONSTRAINT known;", 1);
  const ProgramResult up = catch_up(project, project.database(), {"--revert", "--section", "up"});
  INFO(up.err << up.out);
  REQUIRE(up.exit_code == 0);
  run_sql(project.database().connection(), up.out);
  CHECK(project.check().exit_code == 0);
}

TEST_CASE("what holds a password goes, and its way back says what nobody knows") {
  Project project;
  project.migrations({"CREATE TABLE plain (id int);"});
  project.live(
      "CREATE TABLE plain (id int); CREATE FOREIGN DATA WRAPPER w; CREATE SERVER away FOREIGN DATA WRAPPER w;"
      "CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (password 'hush');",
      1);
  const ProgramResult printed = catch_up(project, project.database(), {"--revert", "--section", "both"});
  INFO(printed.err << printed.out);
  CHECK(printed.exit_code == 0);
  CHECK_THAT(printed.out, Contains("DROP USER MAPPING FOR PUBLIC SERVER away") &&
                              Contains("secret options of user mapping away.PUBLIC") && !Contains("hush"));
}

TEST_CASE("what was adopted makes elsewhere what is live, and is refused where it was adopted from") {
  Migrated live;
  live.migration(1, first_schema, "DROP VIEW totals; DROP TABLE orders; DROP TABLE users;");
  live.ok({"up"});
  live.execute(drift_of_many_sorts);
  CHECK_THAT(live.run({"catchup", "--adopt", "--write", "--name", "by hand in march"}).err,
             Contains("it is of class security, so it has to be named: --accept"));
  for (const auto& entry : std::filesystem::directory_iterator(live.path() / "db")) {
    if (entry.path().filename().string().find("by_hand") != std::string::npos) std::filesystem::remove(entry);
  }
  CHECK_THAT(
      live.run({"catchup", "--adopt", "--write", "--name", "by hand in march", "--accept", "public.users"})
          .err,
      Contains("schema_by_hand_in_march.sql"));
  const ProgramResult status = live.run({"up"});
  check_refused(status, {"describes what this database has already", "baseline"});
  CHECK(live.run({"check", "--at", "head"}).exit_code == 0);
  CHECK(run_plumbline({"prove", "--migrations", "db"}, {}, {}, live.path()).exit_code == 0);
  CHECK(live.run({"validate"}).exit_code == 0);
}

TEST_CASE("what reverts is refused when live is another than it was made for") {
  Migrated live;
  live.migration(1, first_schema, "DROP VIEW totals; DROP TABLE orders; DROP TABLE users;");
  live.ok({"up"});
  live.execute("CREATE INDEX by_hand ON orders (note)");
  const ProgramResult sql = live.run({"catchup", "--revert"});
  REQUIRE(sql.exit_code == 0);
  const std::string header = "-- Migration: revert\n";
  live.write("db/20990101_000000_schema_revert.sql", header + sql.out);
  live.execute("CREATE INDEX by_another ON orders (total)");
  check_refused(live.run({"up"}), {"was made for another state of this database"});
  live.execute("DROP INDEX by_another");
  CHECK(live.run({"up"}).exit_code == 0);
  CHECK(live.value("SELECT to_regclass('by_hand') IS NULL") == "t");
}

TEST_CASE("what loses rows or rewrites a table is a comment until somebody allows it") {
  Project project;
  drift(project,
        "ALTER TABLE users ADD COLUMN age int; ALTER TABLE users ALTER id TYPE bigint;"
        "INSERT INTO users (id, age) VALUES (1, 9); CREATE INDEX extra ON users (name);");
  TestDatabase& live = project.database();
  const ProgramResult held = catch_up(project, live, {"--revert", "--section", "up"});
  INFO(held.err << held.out);
  CHECK(held.exit_code == 2);
  CHECK_THAT(held.out, Contains("--allow-hazards DELETES_DATA repairs it") &&
                           Contains("\n-- ALTER TABLE public.users DROP COLUMN age;") &&
                           Contains("\nDROP INDEX CONCURRENTLY public.extra;"));
  run_sql(live.connection(), held.out);
  const ProgramResult rest =
      catch_up(project, live, {"--revert", "--section", "up", "--allow-hazards", all_hazards});
  CHECK(rest.exit_code == 0);
  run_sql(live.connection(), rest.out);
  CHECK(project.check().exit_code == 0);
  CHECK(catch_up(project, live, {"--revert"}).out == "");
}

TEST_CASE("rows that come to an empty table while the script waits are not lost") {
  const std::vector<std::pair<std::string, std::string>> drifts{
      {"ALTER TABLE users ADD COLUMN extra text", "ALTER TABLE public.users DROP COLUMN extra"},
      {"CREATE TABLE extra (a int) PARTITION BY LIST (a); CREATE TABLE extra1 PARTITION OF extra DEFAULT",
       "DROP TABLE public.extra"}};
  for (const auto& [sql, drop] : drifts) {
    Project project;
    project.migrations({first_schema});
    project.live(first_schema + sql, 1);
    const ProgramResult printed = catch_up(project, project.database(), {"--revert"});
    INFO(printed.err << printed.out);
    CHECK(printed.exit_code == 0);
    CHECK_THAT(printed.out, Contains(drop) && Contains("-- Deletes no row: public."));
    // Behind the first statement, which looks at the state once.
    const std::size_t behind = printed.out.find("SET lock_timeout");
    REQUIRE(behind != std::string::npos);
    project.database().execute(sql.starts_with("CREATE") ? "INSERT INTO extra VALUES (1)"
                                                         : "INSERT INTO users (id) VALUES (7)");
    CHECK_THROWS_WITH(run_sql(project.database().connection(), printed.out.substr(behind)),
                      Contains("has rows by now, which would be lost"));
    project.database().connection().execute("ROLLBACK");
    CHECK(project.check().exit_code == 2);
  }
}

TEST_CASE("wrong words for catchup are told, and nothing is printed") {
  Project project;
  drift(project, "CREATE TABLE extra (a int);");
  const auto asked = [&](std::vector<std::string> more) {
    return catch_up(project, project.database(), more);
  };
  CHECK(asked({}).exit_code == 64);
  CHECK(asked({"--revert", "--adopt"}).exit_code == 64);
  CHECK(asked({"--revert", "--write"}).exit_code == 64);
  CHECK(asked({"--revert", "--section", "sideways"}).exit_code == 64);
  const ProgramResult hazard = asked({"--revert", "--allow-hazards", "DELETE_DATA"});
  CHECK(hazard.exit_code == 64);
  CHECK_THAT(hazard.err, Contains("Did you mean DELETES_DATA?"));
}

TEST_CASE("ignored drift stays, and the rest is repaired around it") {
  Project project;
  drift(project,
        "CREATE TABLE kept (a int); COMMENT ON TABLE users IS 'hers'; CREATE INDEX extra ON users (name);");
  project.write("plumbline.toml",
                "[[ignore]]\nkind = \"table\"\nobject = \"public.kept\"\nreason = \"ours\"\n"
                "[[ignore]]\nkind = \"table\"\nattribute = \"comment\"\nreason = \"ours\"\n");
  const ProgramResult sql = catch_up(project, project.database(), {"--revert"});
  INFO(sql.err);
  CHECK(sql.exit_code == 0);
  CHECK_THAT(sql.out,
             Contains("public.extra") && !Contains("DROP TABLE public.kept") && !Contains("COMMENT ON"));
}

TEST_CASE("a shadow on which nothing may be made is said, and nothing is printed") {
  Project project;
  drift(project, "CREATE TABLE extra (a int);");
  server().make_login_role("catch_up_nobody");
  server().shadow().connect("postgres")->execute("ALTER ROLE catch_up_nobody NOSUPERUSER NOCREATEDB");
  const std::string url = with_parameter(project.database().conninfo(), "user", "catch_up_nobody");
  check_refused(catch_up(project, project.database(), {"--revert", "--shadow-url", url}),
                {"catch_up_nobody"});
}

TEST_CASE("a difference that no statement repairs is named, and the others are repaired") {
  Project project;
  const std::string invalid =
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_by_user'::regclass;";
  project.migrations({first_schema + invalid});
  project.live(first_schema + "COMMENT ON TABLE users IS 'by hand';", 1);
  const ProgramResult result = catch_up(project, project.database(), {"--revert"});
  INFO(result.err << result.out);
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Contains("orders_by_user is expected to be invalid, which no statement makes it"));
  CHECK_THAT(result.out, Contains("COMMENT ON TABLE public.users") && !Contains("DROP INDEX"));
}

TEST_CASE("an extension that the throw-away server lacks is named, and the rest is printed") {
  Project project;
  project.migrations({first_schema});
  project.live(first_schema, 1);
  // As if it had been installed there and not here; what has nothing to do with it is printed.
  project.database().execute(
      "CREATE EXTENSION hstore; CREATE TABLE held (a hstore); COMMENT ON TABLE users IS 'hers';"
      "UPDATE pg_extension SET extname = 'nowhere_else' WHERE extname = 'hstore'");
  const ProgramResult printed = catch_up(project, project.database(), {"--adopt"});
  INFO(printed.err << printed.out);
  CHECK(printed.exit_code == 2);
  CHECK_THAT(printed.err, Contains("extension \"nowhere_else\" is not available") &&
                              Contains("table public.held: it needs extension nowhere_else"));
  CHECK_THAT(printed.out, Contains("\nCOMMENT ON TABLE public.users IS 'hers'") &&
                              !Contains("\nCREATE TABLE") && !Contains("\nCREATE EXTENSION"));
}

TEST_CASE("what cannot be made on a copy takes its own units away, and the rest is printed") {
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"CREATE SUBSCRIPTION away CONNECTION 'host=nowhere password=hush' PUBLICATION p WITH (connect = "
       "false, "
       "slot_name = NONE)",
       "subscription away: it cannot be tried: it cannot be rebuilt here: the connection of subscription "
       "away "
       "holds a secret"},
      {"CREATE EXTENSION hstore; CREATE TABLE held (a hstore); CREATE VIEW seen AS SELECT * FROM held;"
       "UPDATE pg_extension SET extname = 'nowhere_else' WHERE extname = 'hstore'",
       "it cannot be tried: it cannot be rebuilt here: extension "
       "\"nowhere_else\" is not available"}};
  for (const auto& [sql, said] : kinds) {
    Project project;
    project.migrations({first_schema});
    project.live(first_schema + "COMMENT ON TABLE users IS 'hers';", 1);
    for (const std::string_view each : split(sql, ';')) project.database().execute(std::string(each));
    const ProgramResult printed =
        catch_up(project, project.database(), {"--revert", "--allow-hazards", "DELETES_DATA,CORRECTNESS"});
    INFO(printed.err << printed.out);
    CHECK(printed.exit_code == 2);
    CHECK_THAT(printed.err, Contains(said));
    CHECK_THAT(printed.out, Contains("\nCOMMENT ON TABLE public.users IS NULL") && Contains("\n-- Proven ") &&
                                !Contains("\nDROP "));
  }
}

TEST_CASE("what was renamed by hand gets its name back and keeps its rows, on the user's word") {
  Project project;
  drift(project, "INSERT INTO users SELECT generate_series(1, 3); ALTER TABLE users RENAME TO people;");
  const ProgramResult up = catch_up(project, project.database(),
                                    {"--revert", "--section", "up", "--rename", "public.people=public.users",
                                     "--allow-hazards", all_hazards});
  INFO(up.err << up.out);
  REQUIRE(up.exit_code == 0);
  CHECK_THAT(up.out, Contains("ALTER TABLE public.people RENAME TO users") && !Contains("DROP TABLE"));
  run_sql(project.database().connection(), up.out);
  CHECK(project.check().exit_code == 0);
  CHECK(project.database().connection().value("SELECT count(*) FROM public.users") == "3");
}

TEST_CASE("what is held back behind a renaming leaves the way back a renaming, too") {
  Project project;
  drift(project,
        "INSERT INTO users (id) VALUES (1); ALTER TABLE users RENAME TO people;"
        "ALTER TABLE people ADD COLUMN by_hand text DEFAULT 'x';");
  const ProgramResult printed =
      catch_up(project, project.database(),
               {"--revert", "--section", "both", "--rename", "public.people=public.users"});
  INFO(printed.err << printed.out);
  CHECK(printed.exit_code == 2);
  CHECK_THAT(printed.out, Contains("-- ALTER TABLE public.users DROP COLUMN by_hand") &&
                              Contains("ALTER TABLE public.users RENAME TO people") &&
                              !Contains("DROP TABLE"));
}

TEST_CASE("a throw-away server that is lost in the middle is said, and nothing is printed") {
  Project project;
  drift(project, drift_of_many_sorts);
  std::unique_ptr<Connection> killer = server().shadow().connect("postgres");
  std::atomic<bool> done = false;
  std::thread killing([&] {
    while (!done) {
      killer->execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE '%source%'");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  const ProgramResult result = catch_up(project, project.database(),
                                        {"--revert", "--shadow-url", server().shadow().conninfo("postgres")});
  done = true;
  killing.join();
  check_refused(result, {"connection"});
}

// Each was found by reverting and adopting the public list of single changes.
TEST_CASE("single changes that surround others are reverted and adopted, proven") {
  struct SingleChange {
    const char *schema, *change, *said;
  };
  const SingleChange one = GENERATE(values<SingleChange>({
      {"CREATE TABLE t (a int PRIMARY KEY);", "ALTER TABLE t RENAME CONSTRAINT t_pkey TO pk_t;",
       "DROP CONSTRAINT pk_t, ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey"},
      {"CREATE TABLE t (g int GENERATED ALWAYS AS (1 + 1) STORED);",
       "DROP TABLE t; CREATE TABLE t (g int DEFAULT (1 + 1));", "GENERATED ALWAYS AS ((1 + 1)) STORED"},
      {"CREATE TABLE t (a serial);", "DROP TABLE t; CREATE TABLE t (a int GENERATED BY DEFAULT AS IDENTITY);",
       "setval('public.t_a_seq', max(a))"},
      {"CREATE TABLE t (id int, c numeric(10,2));", "ALTER TABLE t ALTER c TYPE numeric;",
       "TYPE numeric(10,2)"},
      {"CREATE TABLE t (a int, b int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN "
       "(1);"
       "CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2); CREATE INDEX i ON t (b);",
       "ALTER INDEX t1_b_idx RENAME TO t1_renamed;", "ATTACH PARTITION public.t1_b_idx"},
      {"CREATE TABLE t (a int, b int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN "
       "(1);"
       "CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2); CREATE INDEX i ON ONLY t (b); CREATE INDEX i1 ON "
       "t1 (b);"
       "CREATE INDEX j1 ON t1 (b); ALTER INDEX i ATTACH PARTITION i1;",
       "DROP INDEX i; CREATE INDEX i ON ONLY t (b); ALTER INDEX i ATTACH PARTITION j1; CREATE INDEX i1 ON t1 "
       "(b);",
       "ATTACH PARTITION public.i1"},
      {"CREATE TABLE t (a int, UNIQUE (a)) PARTITION BY LIST (a);"
       "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);",
       "ALTER TABLE t DETACH PARTITION t1;", "ATTACH PARTITION public.t1"},
      {"CREATE SEQUENCE s;", "ALTER SEQUENCE s INCREMENT -1 MINVALUE -100;", "INCREMENT BY 1"},
      {"CREATE TABLE p (a int); CREATE TABLE q (a int); CREATE TABLE c (a int);"
       "ALTER TABLE c INHERIT p; ALTER TABLE c INHERIT q;",
       "ALTER TABLE c NO INHERIT p; ALTER TABLE c INHERIT p;", "INHERIT public.q"},
      {"CREATE VIEW v AS SELECT 1 AS a;", "COMMENT ON RULE \"_RETURN\" ON v IS 'by hand';",
       "COMMENT ON RULE \"_RETURN\" ON public.v IS NULL"},
      {"CREATE TABLE p (a int CONSTRAINT ck CHECK (a > 0)); CREATE TABLE c (b int) INHERITS (p);",
       "COMMENT ON TABLE c IS 'by hand';", "COMMENT ON TABLE public.c IS NULL"},
      {"CREATE TABLE t (a int PRIMARY KEY) PARTITION BY LIST (a);"
       "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE PUBLICATION pub FOR TABLE t;",
       "ALTER PUBLICATION pub ADD TABLE t1;", "ALTER PUBLICATION pub"},
      {"CREATE TABLE t (a int);", "ALTER SCHEMA public OWNER TO postgres;",
       "ALTER SCHEMA public OWNER TO pg_database_owner"},
  }));
  CAPTURE(one.change);
  Project project;
  project.migrations({one.schema});
  project.live(std::string(one.schema) + one.change, 1);
  TestDatabase& live = project.database();
  const std::vector<std::string> allowed{"--allow-hazards", all_hazards + ",INDEX_DROPPED,CORRECTNESS"};
  const auto both = [&](const char* way) {
    std::vector<std::string> words{way, "--section", "up"};
    words.insert(words.end(), allowed.begin(), allowed.end());
    return catch_up(project, live, words);
  };
  const ProgramResult adopted = both("--adopt"), reverted = both("--revert");
  INFO(adopted.err << reverted.err << reverted.out);
  if (adopted.err.find("--accept") == std::string::npos) CHECK(adopted.exit_code == 0);
  REQUIRE(reverted.exit_code == 0);
  CHECK_THAT(reverted.out, Contains(one.said));
  run_sql(live.connection(), reverted.out);
  CHECK(project.check().exit_code == 0);
}

// CREATE DATABASE ... TEMPLATE leaves it out.
TEST_CASE("a subscription is altered and taken away, proven") {
  Project project;
  const std::string schema =
      "CREATE SUBSCRIPTION catch_up_one CONNECTION 'host=away' PUBLICATION p WITH (connect = false);";
  const std::string end =
      "ALTER SUBSCRIPTION catch_up_one SET (slot_name = NONE); DROP SUBSCRIPTION catch_up_one;";
  project.migrations({"CREATE TABLE plain (id int);"});
  project.live("CREATE TABLE plain (id int);" + schema, 1);
  for (const char* way : {"--revert", "--adopt"}) {
    const ProgramResult printed =
        catch_up(project, project.database(), {way, "--section", "both", "--allow-hazards", all_hazards});
    INFO(printed.err << printed.out);
    CHECK(printed.exit_code == 0);
    CHECK_THAT(printed.out, Contains("DROP SUBSCRIPTION catch_up_one") && Contains("CREATE SUBSCRIPTION"));
  }
  run_sql(project.database().connection(), end);
}

// A branch's migrations may hold any function of the server, which reads files and ends sessions.
TEST_CASE("live computes only immutable functions of the server for a check of the migrations") {
  struct Check {
    const char *sql, *said;
  };
  const Check check = GENERATE(values<Check>({
      {"CHECK (length(note) < 10)", ""},
      {"CHECK (note <> pg_catalog.query_to_xml('SELECT 1', true, true, '')::text)", "could not be checked"},
      {"CHECK (pg_catalog.pg_sleep(0) IS NOT NULL OR note = 'x')", "could not be checked"},
      {"CHECK (ours(note))", "could not be checked"},
  }));
  CAPTURE(check.sql);
  const std::string schema =
      "CREATE TABLE t (note text); CREATE FUNCTION ours(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS "
      "'SELECT true';";
  Project project;
  project.migrations({schema + "ALTER TABLE t ADD CONSTRAINT c " + check.sql});
  project.live(schema + "INSERT INTO t VALUES ('x')", 1);
  const ProgramResult printed = catch_up(project, project.database(), {"--revert"});
  INFO(printed.err << printed.out);
  const std::string said = check.said;
  CHECK(printed.exit_code == (said.empty() ? 0 : 2));
  CHECK_THAT(printed.err, Contains(said));
}

TEST_CASE("what rows of live violate is left, and what they fit is repaired") {
  struct Rows {
    const char *change, *bad, *good;
    const char* said = "violate it";
  };
  const Rows rows = GENERATE(values<Rows>({
      {"ALTER TABLE t ADD UNIQUE (a)", "(1, 'x'), (1, 'y')", "(1, 'x'), (2, 'x')"},
      {"CREATE UNIQUE INDEX one ON t (a)", "(1, 'x'), (1, 'y')", "(1, 'x'), (2, 'x')"},
      {"ALTER TABLE t ADD PRIMARY KEY (a)", "(NULL, 'x')", "(1, 'x'), (2, 'x')"},
      {"ALTER TABLE t ADD CHECK (a > 0)", "(0, 'x')", "(NULL, 'x'), (2, 'x')"},
      {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other", "(8, 'x')", "(7, 'x'), (NULL, 'x')"},
      {"ALTER TABLE t ALTER a SET NOT NULL", "(NULL, 'x')", "(1, 'x')"},
      {"ALTER TABLE t ALTER b TYPE varchar(3)", "(1, 'four')", "(1, 'two')"},
      {"ALTER TABLE t ADD c int NOT NULL", "(1, 'x')", ""},
      {"ALTER TABLE t ADD EXCLUDE (a WITH =)", "(1, 'x'), (1, 'x')", "", "could not be checked"},
  }));
  CAPTURE(rows.change);
  const std::string schema =
      "CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (7); CREATE TABLE t (a int, b "
      "text);";
  const auto reverted = [&](const std::string& values) {
    Project project;
    project.migrations({schema + rows.change});
    project.live(schema + (values.empty() ? "" : "INSERT INTO t VALUES " + values), 1);
    const ProgramResult printed = catch_up(project, project.database(), {"--revert"});
    run_sql(project.database().connection(), printed.out);
    return std::pair(printed, project.check().exit_code);
  };
  const auto [bad, drift] = reverted(rows.bad);
  INFO(bad.err << bad.out);
  CHECK(bad.exit_code == 2);
  CHECK_THAT(bad.err, Contains(rows.said) && Contains("--allow-hazards MAY_FAIL_ON_ROWS"));
  CHECK(drift == 2);
  const auto [good, none] = reverted(rows.good);
  INFO(good.err << good.out);
  CHECK(good.exit_code == 0);
  CHECK(none == 0);
}
