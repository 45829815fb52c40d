#include <catch2/catch.hpp>

#include "snapshot/kinds/declarations.h"
#include "snapshot/query.h"
#include "tests/server/server.h"

namespace plumbline::testing {

namespace {

constexpr const char* many_indexes = R"sql(
CREATE TABLE "T a" (id int PRIMARY KEY, v varchar(9) UNIQUE, "sel ect" text COLLATE "C", n numeric, c "char", m name,
                    e int[], j jsonb, o oid, x cidr, r int4range, EXCLUDE USING gist (r WITH &&));
CREATE INDEX one ON "T a" ("sel ect");
CREATE INDEX two ON "T a" (v, "sel ect" DESC);
CREATE INDEX three ON "T a" (id NULLS FIRST, n DESC NULLS LAST, v DESC NULLS FIRST);
CREATE INDEX four ON "T a" (id, n, v, c);
CREATE UNIQUE INDEX uniquely ON "T a" (m, c);
CREATE INDEX other_collation ON "T a" ("sel ect" COLLATE "POSIX");
CREATE INDEX other_class ON "T a" (v varchar_pattern_ops, "sel ect" text_pattern_ops);
CREATE INDEX foreign_class ON "T a" (id oid_ops);
CREATE INDEX hashed ON "T a" USING hash (v);
CREATE INDEX inverted ON "T a" USING gin (j jsonb_path_ops);
CREATE INDEX arrays ON "T a" (e, x, o);
CREATE INDEX partly ON "T a" (id) WHERE n > 0;
CREATE INDEX computed ON "T a" (lower("sel ect"), id);
CREATE INDEX with_more ON "T a" (id) INCLUDE (n);
CREATE INDEX tuned ON "T a" (id) WITH (fillfactor = 70);
CREATE TABLE p (id int, d date) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX on_all ON p (d DESC, id);
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
CREATE UNIQUE INDEX of_mv ON mv (one);
)sql";

}  // namespace

TEST_CASE("an index definition is what pg_get_indexdef prints, whoever put it together") {
  const int version = GENERATE(from_range(available_versions()));
  CAPTURE(version);
  TestDatabase database = server(version).fresh_database();
  database.execute(many_indexes);
  if (version >= 15) database.execute("CREATE UNIQUE INDEX strict ON \"T a\" (n) NULLS NOT DISTINCT");
  database.execute("SET search_path = ''");
  std::size_t count = 0;
  database.connection().query(
      "SELECT definition, pg_get_indexdef(oid) FROM (" + kind_query(kinds::index, version) + ") q",
      [&](const Row& row) {
        CHECK(row[0] == row[1]);
        ++count;
      });
  CHECK(count == (version >= 15 ? 22U : 21U));
}

}  // namespace plumbline::testing
