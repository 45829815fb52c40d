// Two schemas, each planned into the other on a real server: what no single kind can get right by itself.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "catchup/plan.h"
#include "diff/compare.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/capture.h"
#include "tests/server/server.h"

using namespace plumbline;
using namespace plumbline::testing;
using Catch::Contains;

namespace {

struct Pair {
  const char* what;
  const char* one;
  const char* other;
  int since = 0;
};

constexpr Pair pairs[] = {
    {"new columns come in their order", "CREATE TABLE f (v text)",
     "CREATE TABLE f (v text, zz int, aa int, mm int GENERATED ALWAYS AS (aa + 1) STORED, bb int DEFAULT 5)"},
    {"new columns whose types and defaults are new come in their order", "CREATE TABLE f (v text)",
     "CREATE DOMAIN d AS int; CREATE SEQUENCE s; CREATE FUNCTION n() RETURNS int LANGUAGE sql AS 'SELECT 1';"
     "CREATE TABLE f (v text, z d, \"y, 1\" int DEFAULT n(), x bigint DEFAULT nextval('s'), w int, a d)"},
    {"new attributes of a type come in their order", "CREATE TYPE c AS (v text)",
     "CREATE TYPE c AS (v text, z int, a int)"},
    {"a materialized view without data stays so",
     "CREATE TABLE f (v text);"
     "CREATE MATERIALIZED VIEW m AS SELECT v, 1 / 0 AS boom FROM f WITH NO DATA; INSERT INTO f VALUES ('a')",
     "CREATE TABLE f (v varchar(9));"
     "CREATE MATERIALIZED VIEW m AS SELECT v, 1 / 0 AS boom FROM f WITH NO DATA"},
    {"materialized views are filled in the order in which they read each other", "CREATE TABLE f (v text)",
     "CREATE TABLE f (v text); CREATE MATERIALIZED VIEW z AS SELECT v FROM f;"
     "CREATE VIEW v AS SELECT * FROM z; CREATE MATERIALIZED VIEW a AS SELECT * FROM v"},
    {"what has been emptied is filled again", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a",
     "CREATE MATERIALIZED VIEW m AS SELECT 2 AS a; CREATE UNIQUE INDEX i ON m (a)"},
    {"the border between neighbours moves",
     "CREATE TABLE e (d date NOT NULL) PARTITION BY RANGE (d);"
     "CREATE TABLE e1 PARTITION OF e FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');"
     "CREATE TABLE e2 PARTITION OF e FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')",
     "CREATE TABLE e (d date NOT NULL, n int DEFAULT 1) PARTITION BY RANGE (d); CREATE INDEX i ON e (n);"
     "CREATE TABLE e1 PARTITION OF e FOR VALUES FROM ('2024-01-01') TO ('2024-08-01');"
     "CREATE TABLE e2 PARTITION OF e FOR VALUES FROM ('2024-08-01') TO ('2025-01-01')"},
    {"partitions change places",
     "CREATE TABLE e (d int) PARTITION BY LIST (d); CREATE TABLE e1 PARTITION OF e FOR VALUES IN (1);"
     "CREATE TABLE e2 PARTITION OF e FOR VALUES IN (2)",
     "CREATE TABLE e (d int) PARTITION BY LIST (d); CREATE TABLE e1 PARTITION OF e FOR VALUES IN (2);"
     "CREATE TABLE e3 PARTITION OF e FOR VALUES IN (1)"},
    {"a partition with the indexes of its table is detached",
     "CREATE TABLE e (k int, d date NOT NULL, PRIMARY KEY (k, d), CHECK (k > 0)) PARTITION BY RANGE (d);"
     "CREATE INDEX e_k ON e (k); CREATE TABLE e1 PARTITION OF e FOR VALUES FROM ('2024-01-01') TO "
     "('2024-07-01')",
     "CREATE TABLE e (k int, d date NOT NULL, PRIMARY KEY (k, d), CHECK (k > 0)) PARTITION BY RANGE (d);"
     "CREATE INDEX e_k ON e (k); CREATE TABLE e1 (k int, d date NOT NULL)"},
    {"a partition moves to another table, which gets a column",
     "CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE q (k int) PARTITION BY LIST (k);"
     "CREATE TABLE c PARTITION OF p FOR VALUES IN (1); CREATE INDEX i ON p (k); CREATE INDEX j ON q (k)",
     "CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE q (k int, n text CHECK (n <> '')) PARTITION "
     "BY LIST (k);"
     "CREATE TABLE c PARTITION OF q FOR VALUES IN (1, 2); CREATE INDEX j ON q (k)"},
    {"partitions of partitions move",
     "CREATE TABLE p (k int, l int) PARTITION BY LIST (k);"
     "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (l);"
     "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST (l);"
     "CREATE TABLE s PARTITION OF p1 FOR VALUES IN (1); CREATE INDEX i ON p (l)",
     "CREATE TABLE p (k int, l int) PARTITION BY LIST (k);"
     "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (3) PARTITION BY LIST (l);"
     "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (l);"
     "CREATE TABLE s PARTITION OF p2 FOR VALUES IN (1); CREATE INDEX i ON p (l)"},
    {"the type of a partition key changes and the rows stay",
     "CREATE TABLE p (id int NOT NULL, x int CHECK (x > 0), PRIMARY KEY (id)) PARTITION BY HASH (id);"
     "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (modulus 1, remainder 0) PARTITION BY LIST (id);"
     "CREATE TABLE p1 PARTITION OF p0 FOR VALUES IN (1); CREATE VIEW v AS SELECT id FROM p; CREATE INDEX i "
     "ON p (x);"
     "CREATE TABLE r (id int REFERENCES p)",
     "CREATE TABLE p (id bigint NOT NULL, x int CHECK (x > 0), PRIMARY KEY (id)) PARTITION BY HASH (id);"
     "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (modulus 1, remainder 0) PARTITION BY LIST (id);"
     "CREATE TABLE p1 PARTITION OF p0 FOR VALUES IN (1); CREATE VIEW v AS SELECT id FROM p; CREATE INDEX i "
     "ON p (x);"
     "CREATE TABLE r (id int REFERENCES p)"},
    {"an enum of a partition key loses a value",
     "CREATE TYPE m AS ENUM ('a', 'b', 'c'); CREATE DOMAIN d AS m; CREATE TYPE c AS (m m);"
     "CREATE TABLE u (d d, c c); CREATE TABLE p (m m NOT NULL) PARTITION BY LIST (m);"
     "CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('a'); CREATE TABLE p2 PARTITION OF p DEFAULT",
     "CREATE TYPE m AS ENUM ('b', 'a'); CREATE DOMAIN d AS m; CREATE TYPE c AS (m m);"
     "CREATE TABLE u (d d, c c); CREATE TABLE p (m m NOT NULL) PARTITION BY LIST (m);"
     "CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('a'); CREATE TABLE p2 PARTITION OF p DEFAULT"},
    {"a column comes to a table of which a partition is elsewhere",
     "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER r FOREIGN DATA WRAPPER w;"
     "CREATE TABLE p (a int, b text) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
     "CREATE FOREIGN TABLE pf PARTITION OF p DEFAULT SERVER r",
     "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER r FOREIGN DATA WRAPPER w;"
     "CREATE TABLE p (a int, b varchar(9) NOT NULL, c int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION "
     "OF p FOR VALUES IN (1);"
     "CREATE FOREIGN TABLE pf PARTITION OF p DEFAULT SERVER r"},
    {"a check of parent and child changes while the child leaves",
     "CREATE TABLE p (a int, CONSTRAINT c1 CHECK (a > 0));"
     "CREATE TABLE h (a int, CONSTRAINT c1 CHECK (a > 0)) INHERITS (p)",
     "CREATE TABLE p (a int, CONSTRAINT c1 CHECK (a > 1), CONSTRAINT nd CHECK (false) NO INHERIT);"
     "CREATE TABLE h (a int)"},
    {"a child leaves and keeps or loses what it had declared",
     "CREATE TABLE p (a int CONSTRAINT ck CHECK (a > 0), b int NOT NULL);"
     "CREATE TABLE h (a int CONSTRAINT ck CHECK (a > 0), b int NOT NULL, c int) INHERITS (p)",
     "CREATE TABLE p (a int CONSTRAINT ck CHECK (a > 0), b int NOT NULL); CREATE TABLE h (b int, c int)"},
    {"a check of parent and child changes",
     "CREATE TABLE p (a int, CONSTRAINT c1 CHECK (a > 0)); CREATE TABLE h (k int) INHERITS (p);"
     "CREATE TABLE g (z int) INHERITS (h); CREATE TABLE l (a int, CONSTRAINT c1 CHECK (a > 0)) INHERITS (p)",
     "CREATE TABLE p (a int, CONSTRAINT c1 CHECK (a > 5)); CREATE TABLE h (k int) INHERITS (p);"
     "CREATE TABLE g (z int) INHERITS (h); CREATE TABLE l (a int, CONSTRAINT c1 CHECK (a > 5)) INHERITS (p)"},
    {"NOT NULL of parent and child changes, and a column that both declare",
     "CREATE TABLE p (a int); CREATE TABLE h (a int, k int) INHERITS (p)",
     "CREATE TABLE p (a int NOT NULL, z int); CREATE TABLE h (a int NOT NULL, z int, k int) INHERITS (p)"},
    {"NOT NULL is taken from a child whose name comes first",
     "CREATE TABLE p (a int); CREATE TABLE c (a int, k int) INHERITS (p); CREATE TABLE g () INHERITS (c)",
     "CREATE TABLE p (a int NOT NULL); CREATE TABLE c (a int NOT NULL, k int) INHERITS (p); CREATE TABLE g "
     "() "
     "INHERITS (c)"},
    {"NOT NULL comes where its usual name is taken",
     "CREATE TABLE o (z int); ALTER TABLE o ADD CONSTRAINT u CHECK (z > 0); CREATE TABLE t (a int)",
     "CREATE TABLE t (a int NOT NULL); CREATE TABLE o (z int CONSTRAINT n_b_not_null NOT NULL);"
     "CREATE TABLE n (b int CONSTRAINT o_z_not_null NOT NULL)"},
    {"identity with options becomes serial under the same name",
     "CREATE TABLE b (id int GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 5) PRIMARY KEY)",
     "CREATE TABLE b (id serial PRIMARY KEY)"},
    {"identity with options becomes bigserial under the same name",
     "CREATE TABLE b (id smallint GENERATED ALWAYS AS IDENTITY (MAXVALUE 100 CYCLE))",
     "CREATE TABLE b (id bigserial)"},
    {"a sequence takes the bounds of its new type",
     "CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY (MAXVALUE 100000)); CREATE TABLE c (id serial)",
     "CREATE TABLE b (id smallint GENERATED ALWAYS AS IDENTITY (MAXVALUE 1000)); CREATE TABLE c (id "
     "smallserial)"},
    {"generated columns go",
     "CREATE TABLE t (a int, x int GENERATED ALWAYS AS (a + 1) STORED, y int GENERATED ALWAYS AS (a * 2) "
     "STORED,"
     " CHECK (x < y))",
     "CREATE TABLE t (a int)"},
    {"functions that run call what comes later", "SELECT 1",
     "CREATE FUNCTION z(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i';"
     "CREATE FUNCTION a(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.z(i); END';"
     "CREATE TABLE t (i int, g int GENERATED ALWAYS AS (a(i)) STORED, CHECK (a(i) > 0)); INSERT INTO t "
     "VALUES (1);"
     "CREATE INDEX x ON t (a(i)); CREATE MATERIALIZED VIEW m AS SELECT a(1) AS b"},
    {"what default privileges give is taken, and what they take is given",
     "CREATE SCHEMA s; ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO pg_monitor;"
     "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE "
     "ON TYPES TO pg_monitor;"
     "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pg_monitor; ALTER DEFAULT PRIVILEGES "
     "GRANT USAGE ON SCHEMAS TO pg_monitor",
     "CREATE SCHEMA s; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE s.t (a int); "
     "CREATE SCHEMA n;"
     "CREATE TYPE e AS ENUM ('a'); ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO pg_monitor;"
     "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE "
     "ON TYPES TO pg_monitor;"
     "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pg_monitor; ALTER DEFAULT PRIVILEGES "
     "GRANT USAGE ON SCHEMAS TO pg_monitor"},
    {"a partition made by hand brings the checks of its table",
     "CREATE TABLE inv (d date, s text CHECK (s <> ''), UNIQUE (d)) PARTITION BY RANGE (d); CREATE INDEX i "
     "ON inv (s)",
     "CREATE TABLE inv (d date, s text CHECK (s <> ''), UNIQUE (d)) PARTITION BY RANGE (d); CREATE INDEX i "
     "ON inv (s);"
     "CREATE TABLE inv_26 PARTITION OF inv FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"},
    {"a table made by hand is attached",
     "CREATE TABLE inv (d date, s text CHECK (s <> ''), UNIQUE (d)) PARTITION BY RANGE (d); CREATE INDEX i "
     "ON inv (s);"
     "CREATE TABLE inv_26 (d date, s text); CREATE INDEX inv_26_s_idx ON inv_26 (s)",
     "CREATE TABLE inv (d date, s text CHECK (s <> ''), UNIQUE (d)) PARTITION BY RANGE (d); CREATE INDEX i "
     "ON inv (s);"
     "CREATE TABLE inv_26 PARTITION OF inv FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"},
};

Snapshot read(TestDatabase& database, SymbolTable& symbols) {
  const ReadTransaction transaction(database.connection());
  CaptureOptions options;
  options.dependencies = true;
  return capture(database.connection(), symbols, options);
}

CatchUpPlan plan_for(TestDatabase& database, const Snapshot& from, const Snapshot& to) {
  return plan(from, to, compare(from, to), {.creator = database.connection().user()});
}

std::string text_of(const CatchUpPlan& made) {
  std::vector<std::string> lines;
  for (const Refusal& refusal : made.refusals) lines.push_back(refusal.why);
  for (const Statement& statement : made.statements) lines.push_back(statement.sql + ";");
  return join(lines, "\n");
}

// Makes the database, which is as `from`, what `to` is.
void check_that_it_becomes(TestDatabase& database, const Snapshot& from, const Snapshot& to,
                           SymbolTable& symbols) {
  const CatchUpPlan made = plan_for(database, from, to);
  INFO(text_of(made));
  CHECK(made.refusals.empty());
  for (const Statement& statement : made.statements) REQUIRE_NOTHROW(database.execute(statement.sql));
  const Snapshot now = read(database, symbols);
  for (const Difference& left : compare(now, to)) FAIL_CHECK(describe(left.id) << " differs");
}

void check_both_ways(const Pair& pair, int version) {
  SymbolTable symbols;
  TestDatabase one = server(version).fresh_database(), other = server(version).fresh_database();
  one.execute(pair.one);
  other.execute(pair.other);
  const Snapshot first = read(one, symbols), second = read(other, symbols);
  {
    INFO("there");
    check_that_it_becomes(one, first, second, symbols);
  }
  INFO("back");
  check_that_it_becomes(other, second, first, symbols);
}

}  // namespace

TEST_CASE("schemas are made into each other, both ways") {
  const Pair& pair = GENERATE(from_range(std::begin(pairs), std::end(pairs)));
  for (const int version : available_versions()) {
    if (pair.since > version) continue;
    INFO("server " << version << ": " << pair.what);
    check_both_ways(pair, version);
  }
}

TEST_CASE("whether a materialized view is filled is no drift, and kept when it is made anew") {
  TestDatabase database = server().fresh_database();
  SymbolTable symbols;
  database.execute("CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA");
  const Snapshot without = read(database, symbols);
  database.execute("REFRESH MATERIALIZED VIEW m");
  const Snapshot with = read(database, symbols);
  CHECK(compare(with, without).empty());
  CHECK(compare(without, with).empty());
  database.execute(
      "DROP MATERIALIZED VIEW m; ALTER TABLE t ALTER a TYPE bigint;"
      "CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA");
  const Snapshot wider = read(database, symbols);
  CHECK_THAT(text_of(plan_for(database, with, wider)), Contains("WITH NO DATA") && !Contains("REFRESH"));
}

TEST_CASE("a query that reads elsewhere is left to somebody who can reach it") {
  TestDatabase database = server().fresh_database();
  SymbolTable symbols;
  database.execute(
      "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER r FOREIGN DATA WRAPPER w;"
      "CREATE FOREIGN TABLE f (a int) SERVER r; CREATE VIEW v AS SELECT a FROM f");
  const Snapshot before = read(database, symbols);
  database.execute(
      "CREATE MATERIALIZED VIEW m AS SELECT a FROM v WITH NO DATA;"
      "UPDATE pg_class SET relispopulated = true WHERE oid = 'm'::regclass");
  const Snapshot after = read(database, symbols);
  const CatchUpPlan made = plan_for(database, before, after);
  CHECK_THAT(text_of(made), Contains("materialized view public.m reads foreign tables"));
  for (const Statement& statement : made.statements) CHECK_THAT(statement.sql, !Contains("REFRESH"));
}

TEST_CASE("a key is written once where the dependencies were not kept") {
  TestDatabase database = server().fresh_database();
  SymbolTable symbols;
  const Snapshot empty = read(database, symbols);
  database.execute("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int UNIQUE)");
  const Snapshot full = read(database, symbols);
  Snapshot kept;
  kept.server_version = full.server_version;
  for (std::size_t place = 0; place < full.size(); ++place) kept.add(full.id(place), full[place].values());
  kept.seal();
  CHECK(text_of(plan_for(database, empty, kept)) == text_of(plan_for(database, empty, full)));
}

TEST_CASE("a conversion that nobody can guess is refused, and made as it is said") {
  TestDatabase one = server().fresh_database(), other = server().fresh_database();
  SymbolTable symbols;
  one.execute("CREATE TABLE t (f varchar, j text, n int); CREATE VIEW v AS SELECT n FROM t");
  other.execute("CREATE TABLE t (f text[], j jsonb, n bigint); CREATE VIEW v AS SELECT n FROM t");
  const Snapshot from = read(one, symbols), to = read(other, symbols);
  const CatchUpPlan made = plan_for(one, from, to);
  CHECK_THAT(text_of(made),
             Contains("--using public.t.f=EXPRESSION") && Contains("--using public.t.j=EXPRESSION"));
  CHECK_THAT(text_of(made), Contains("ALTER COLUMN n TYPE bigint") && !Contains("ALTER COLUMN f TYPE"));
  PlanOptions said;
  said.using_expressions = {{"public.t.f", "string_to_array(f, ',')"}, {"public.t.j", "to_jsonb(j)"}};
  const CatchUpPlan using_it = plan(from, to, compare(from, to), said);
  CHECK(using_it.refusals.empty());
  for (const Statement& statement : using_it.statements) REQUIRE_NOTHROW(one.execute(statement.sql));
  CHECK(compare(read(one, symbols), to).empty());
}
