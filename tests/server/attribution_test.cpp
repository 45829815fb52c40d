#include "expected/attribution.h"

#include <catch2/catch.hpp>
#include <numeric>

#include "expected/replay.h"
#include "snapshot/kind.h"
#include "snapshot/kinds.h"
#include "tests/server/server.h"
#include "tests/support/migrations.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

using Files = std::vector<SourceFile>;

// A history that was run on a database of its own.
class Replayed {
 public:
  explicit Replayed(const std::vector<SourceFile>& files, const ReplayOptions& options = {})
      : database_(server().fresh_database()) {
    const MigrationDirectory directory = load(files);
    std::vector<std::size_t> places(directory.migrations.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    attribution_ = replay(server().shadow(), database_.name(), {directory, places}, symbols_, options);
  }

  // "created, last changed" of an object of schema public; empty when nothing is known of it.
  std::string of(std::string_view kind, std::string_view parent, std::string_view name) {
    const Provenance* found = find(kind, parent, name);
    return found ? text(found->created) + ", " + text(found->changed) : "";
  }
  std::string of(std::string_view kind, std::string_view name) { return of(kind, "", name); }

  std::string of_attribute(std::string_view kind, std::string_view parent, std::string_view name,
                           std::string_view attribute) {
    const Provenance* found = find(kind, parent, name);
    return found ? text(found->of(attribute_index(*find_kind(kind), attribute))) : "";
  }

  Connection& connection() { return database_.connection(); }

 private:
  const Provenance* find(std::string_view kind, std::string_view parent, std::string_view name) {
    const auto found = attribution_.find(
        {find_kind(kind), symbols_.intern("public"), symbols_.intern(parent), symbols_.intern(name)});
    return found == attribution_.end() ? nullptr : &found->second;
  }
  static std::string text(const Place& place) { return place.file + ":" + std::to_string(place.line); }

  TestDatabase database_;
  SymbolTable symbols_;
  Attribution attribution_;
};

}  // namespace

TEST_CASE("what is created and altered is attributed to the statements that did it") {
  Replayed history(
      {{"1_a.sql", "CREATE TABLE t (a int);\n\nCREATE INDEX i ON t (a);\nCREATE TABLE other ();\n"},
       {"2_b.sql", "-- adds b\nALTER TABLE t\n  ADD b text;\n"},
       {"3_c.sql", "ALTER TABLE t ALTER b TYPE varchar;\n"}});
  CHECK(history.of("table", "t") == "1_a.sql:1, 3_c.sql:1");
  CHECK(history.of("column", "t", "a") == "1_a.sql:1, 1_a.sql:1");
  CHECK(history.of("column", "t", "b") == "2_b.sql:2, 3_c.sql:1");
  CHECK(history.of_attribute("column", "t", "b", "type") == "3_c.sql:1");
  CHECK(history.of("index", "t", "i") == "1_a.sql:3, 1_a.sql:3");
  CHECK(history.of("table", "other") == "1_a.sql:4, 1_a.sql:4");
}

TEST_CASE("a note on a column changes that attribute only") {
  Replayed history(
      Files{{"1_a.sql", "CREATE TABLE t (a int);\n"},
            {"2_b.sql", "COMMENT ON COLUMN t.a IS 'a note';\nCOMMENT ON TABLE t IS 'another';\n"}});
  CHECK(history.of("column", "t", "a") == "1_a.sql:1, 1_a.sql:1");
  CHECK(history.of_attribute("column", "t", "a", "comment") == "2_b.sql:1");
  CHECK(history.of_attribute("table", "", "t", "comment") == "2_b.sql:2");
}

TEST_CASE("a renamed table and a renamed column are there under their new names since the rename") {
  Replayed history(Files{{"1_a.sql", "CREATE TABLE before (a int, b int);\nCREATE INDEX i ON before (a);\n"},
                         {"2_b.sql", "SELECT 1;\nALTER TABLE before RENAME TO after;\n"},
                         {"3_c.sql", "ALTER TABLE after RENAME b TO c;\n"}});
  CHECK(history.of("table", "before") == "");
  CHECK(history.of("column", "before", "a") == "");
  CHECK(history.of("table", "after") == "2_b.sql:2, 3_c.sql:1");
  CHECK(history.of("column", "after", "b") == "");
  CHECK(history.of("column", "after", "c") == "3_c.sql:1, 3_c.sql:1");
  CHECK(history.of("index", "after", "i").starts_with("1_a.sql:2, "));
}

TEST_CASE("what is dropped and made again later belongs to the file that made it again") {
  Replayed history(Files{
      {"1_a.sql", "CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT a FROM t;\nCREATE TABLE gone ();\n"},
      {"2_b.sql", "DROP VIEW v;\nDROP TABLE gone, t;\n"},
      {"3_c.sql", "\nCREATE TABLE t (a int);\nCREATE VIEW v AS SELECT a FROM t;\n"}});
  CHECK(history.of("table", "t") == "3_c.sql:2, 3_c.sql:2");
  CHECK(history.of("column", "t", "a") == "3_c.sql:2, 3_c.sql:2");
  CHECK(history.of("view", "v") == "3_c.sql:3, 3_c.sql:3");
  CHECK(history.of("table", "gone") == "");
}

TEST_CASE("what one file drops and makes anew has been changed by it, as far as it is another now") {
  Replayed history(Files{{"1_a.sql",
                          "CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT a FROM t;\n"
                          "CREATE VIEW w AS SELECT a FROM t;\n"},
                         {"2_b.sql",
                          "DROP VIEW v, w;\nCREATE VIEW v AS SELECT a FROM t;\n"
                          "CREATE VIEW w AS SELECT a + 1 AS b FROM t;\n"}});
  CHECK(history.of("view", "v") == "1_a.sql:2, 1_a.sql:2");
  CHECK(history.of("view", "w") == "1_a.sql:3, 2_b.sql:3");
}

TEST_CASE("what a DO block does belongs to the block, what a called function does to its file") {
  Replayed history(
      Files{{"1_a.sql",
             "CREATE TABLE t (a int);\nCREATE FUNCTION add_c() RETURNS void LANGUAGE plpgsql AS\n"
             "  'BEGIN ALTER TABLE t ADD c int; END';\n"},
            {"2_b.sql", "SELECT 1;\nDO $$ BEGIN\n  EXECUTE 'ALTER TABLE t ADD b int';\nEND $$;\n"},
            {"3_c.sql", "SELECT add_c();\n"}});
  CHECK(history.of("column", "t", "b") == "2_b.sql:2, 2_b.sql:2");
  CHECK(history.of("column", "t", "c") == "3_c.sql:1, 3_c.sql:1");
  CHECK(history.of("table", "t") == "1_a.sql:1, 3_c.sql:1");
}

TEST_CASE("a view that reads otherwise since a column was renamed has been changed by the rename") {
  Replayed history(Files{{"1_a.sql", "CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT a FROM t;\n"},
                         {"2_b.sql", "ALTER TABLE t RENAME a TO b;\n"}});
  CHECK(history.of("view", "v") == "1_a.sql:2, 2_b.sql:1");
  CHECK(history.of_attribute("view", "", "v", "definition") == "2_b.sql:1");
}

TEST_CASE("the data of a COPY is loaded and counts as lines") {
  Replayed history(Files{{"1_a.sql",
                          "CREATE TABLE t (a int, b text);\nCOPY t FROM stdin;\n1\tone; two\n2\t\\N\n\\.\n"
                          "CREATE INDEX i ON t (a);\n"}});
  CHECK(history.connection().value("SELECT count(*) FROM t") == "2");
  CHECK(history.connection().value("SELECT b FROM t WHERE a = 1") == "one; two");
  CHECK(history.of("index", "t", "i") == "1_a.sql:6, 1_a.sql:6");
  CHECK(history.of("table", "t") == "1_a.sql:1, 1_a.sql:1");
}

TEST_CASE("statements that refuse a transaction run outside one") {
  Replayed history(
      Files{{"1_a.sql",
             "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a);\nVACUUM t;\n"
             "ALTER TABLE t ADD b int;\n"},
            {"2_b.sql", "CREATE TYPE mood AS ENUM ('sad');\nALTER TYPE mood ADD VALUE 'happy';\n"}});
  CHECK(history.of("index", "t", "i") == "1_a.sql:2, 1_a.sql:2");
  CHECK(history.of("column", "t", "b") == "1_a.sql:4, 1_a.sql:4");
  CHECK(history.of("table", "t") == "1_a.sql:1, 1_a.sql:4");
  CHECK(history.of("enum", "mood") == "2_b.sql:1, 2_b.sql:2");
}

TEST_CASE("what a called function does is seen before its transaction ends") {
  const std::string function =
      "CREATE TABLE t ();\nCREATE FUNCTION add(name text) RETURNS void LANGUAGE plpgsql AS\n"
      "  'BEGIN EXECUTE format(''ALTER TABLE t ADD %I int'', name); END';\n";
  Replayed history(Files{{"1_a.sql", function},
                         {"2_b.sql", "SELECT add('a');\nCOMMIT;\nSELECT add('b');\nVACUUM t;\n"},
                         {"3_c.sql", "SELECT add('c');\nCREATE INDEX CONCURRENTLY i ON t (c);\n"}});
  CHECK(history.of("column", "t", "a") == "2_b.sql:1, 2_b.sql:1");
  CHECK(history.of("column", "t", "b") == "2_b.sql:3, 2_b.sql:3");
  CHECK(history.of("column", "t", "c") == "3_c.sql:1, 3_c.sql:1");
  CHECK(history.of("index", "t", "i") == "3_c.sql:2, 3_c.sql:2");
}

TEST_CASE("a file may begin and commit transactions of its own") {
  Replayed history(
      Files{{"1_a.sql",
             "CREATE TABLE a ();\nCOMMIT;\nBEGIN;\nCREATE TABLE b ();\nALTER TABLE a ADD x int;\n"
             "COMMIT;\nCREATE TABLE c ();\n"},
            {"2_b.sql", "BEGIN;\nALTER TABLE c ADD y int;\nEND;\n"}});
  CHECK(history.of("table", "a") == "1_a.sql:1, 1_a.sql:5");
  CHECK(history.of("table", "b") == "1_a.sql:4, 1_a.sql:4");
  CHECK(history.of("table", "c") == "1_a.sql:7, 2_b.sql:2");
}

TEST_CASE("what the prelude makes is the prelude's, on whatever line") {
  const TemporaryDirectory folder;
  ReplayOptions options;
  options.prelude = folder.write("platform.sql", "SELECT 1;\nCREATE TABLE auth_users (id int);\n");
  Replayed history(Files{{"1_a.sql", "ALTER TABLE auth_users ADD name text;\n"}}, options);
  CHECK(history.of("table", "auth_users") == "prelude:0, 1_a.sql:1");
  CHECK(history.of("column", "auth_users", "id") == "prelude:0, prelude:0");
}
