#include "diff/finding.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/little_schema.h"

namespace plumbline {
namespace {

using little::Schema;
using Texts = std::vector<std::string>;
using Verb = Difference::Verb;

struct Pair {
  SymbolTable symbols;
  Schema actual{symbols}, expected{symbols};

  std::vector<Finding> run() {
    const Snapshot &a = actual.sealed(), &e = expected.sealed();
    return findings(a, e, compare(a, e));
  }

  // On both sides.
  void both(std::string_view kind, std::string_view schema, std::string_view parent, std::string_view name,
            const std::map<std::string_view, std::string_view>& values = {}) {
    actual.add(kind, schema, parent, name, values);
    expected.add(kind, schema, parent, name, values);
  }
};

TEST_CASE("what stands or falls with a missing table is told with it") {
  Pair pair;
  pair.expected.add("table", "public", "", "orders")
      .add("column", "public", "orders", "total")
      .add("column_default", "public", "orders", "total", {{"expression", "0"}})
      .add("index", "public", "orders", "orders_by_day");
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  CHECK(found[0].verb == Verb::missing);
  CHECK(found[0].object() == "public.orders");
  CHECK(found[0].meaning == Class::data);
  CHECK(found[0].severity == Severity::high);
  CHECK(found[0].implied == Texts{"column public.orders.total", "index public.orders.orders_by_day"});
}

TEST_CASE("everything in an unexpected schema is told with it") {
  Pair pair;
  pair.both("schema", "", "", "public");
  pair.both("table", "public", "", "users");
  pair.actual.add("schema", "", "", "scratch")
      .add("table", "scratch", "", "t")
      .add("column", "scratch", "t", "id")
      .add("function", "scratch", "", "f(integer)");
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == "schema");
  CHECK(found[0].implied == Texts{"table scratch.t", "column scratch.t.id", "function scratch.f(integer)"});
}

TEST_CASE("the children of a table that another one with the same name replaced are not told singly") {
  Pair pair;
  pair.expected.add("table", "public", "", "orders")
      .add("index", "public", "orders", "i", {{"definition", "a"}});
  pair.actual.add("index", "public", "orders", "i", {{"definition", "b"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == "table");
  CHECK(found[0].implied == Texts{"index public.orders.i"});
}

TEST_CASE("a default is told as a change of its column") {
  Pair pair;
  pair.both("table", "public", "", "orders");
  pair.both("column", "public", "orders", "total");
  pair.expected.add("column_default", "public", "orders", "total", {{"expression", "0"}});
  SECTION("missing") {
    const auto found = pair.run();
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == "column");
    CHECK(found[0].verb == Verb::changed);
    REQUIRE(found[0].changes.size() == 1);
    CHECK(found[0].changes[0].attribute == "default");
    CHECK(found[0].changes[0].expected == "0");
    CHECK(found[0].changes[0].actual.empty());
    CHECK(found[0].meaning == Class::breaking);
  }
  SECTION("changed") {
    pair.actual.add("column_default", "public", "orders", "total", {{"expression", "1"}});
    const auto found = pair.run();
    REQUIRE(found.size() == 1);
    CHECK(found[0].changes[0].attribute == "default");
    CHECK(found[0].changes[0].actual == "1");
    CHECK(found[0].meaning == Class::data);
  }
}

TEST_CASE("a default joins the other changes of its column") {
  Pair pair;
  pair.both("table", "public", "", "orders");
  pair.actual.add("column", "public", "orders", "total", {{"type", "bigint"}})
      .add("column_default", "public", "orders", "total", {{"expression", "1"}});
  pair.expected.add("column", "public", "orders", "total", {{"type", "integer"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].changes.size() == 2);
  CHECK(found[0].changes[0].attribute == "type");
  CHECK(found[0].changes[1].attribute == "default");
  CHECK(found[0].severity == Severity::high);
}

TEST_CASE("a default whose column is not among the objects is told by itself") {
  Pair pair;
  pair.expected.add("column_default", "public", "orders", "total", {{"expression", "0"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == "column_default");
  CHECK(found[0].verb == Verb::missing);
}

TEST_CASE("a sequence goes with the column that owns it") {
  Pair pair;
  pair.actual.add("table", "public", "", "Old")
      .add("column", "public", "Old", "id")
      .add("column_default", "public", "Old", "id", {{"expression", "nextval('old_id_seq')"}})
      .add("sequence", "public", "", "old_id_seq", {{"owned_by", "public.\"Old\".id"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  CHECK(found[0].object() == "public.\"Old\"");
  CHECK(found[0].implied == Texts{"sequence public.old_id_seq", "column public.\"Old\".id"});
}

TEST_CASE("an index goes with the missing column it is on, but not with one that was added") {
  Pair pair;
  pair.both("table", "public", "", "t");
  Schema& side = GENERATE(0, 1) == 0 ? pair.expected : pair.actual;
  side.add("column", "public", "t", "c").add("index", "public", "t", "i");
  side.depends(side.id("index", "public", "t", "i"), side.id("column", "public", "t", "c"), true);
  const auto found = pair.run();
  if (&side == &pair.expected) {
    REQUIRE(found.size() == 1);
    CHECK(found[0].implied == Texts{"index public.t.i"});
  } else {
    CHECK(found.size() == 2);
  }
}

TEST_CASE("objects that depend on each other in a circle are all told") {
  Pair pair;
  pair.expected.add("table", "public", "", "a").add("table", "public", "", "b");
  const ObjectId a = pair.expected.id("table", "public", "", "a"),
                 b = pair.expected.id("table", "public", "", "b");
  pair.expected.depends(a, b, true).depends(b, a, true);
  CHECK(pair.run().size() == 2);
}

TEST_CASE("the gravest change decides on the severity") {
  Pair pair;
  pair.actual.add("table", "public", "", "t", {{"comment", "x"}, {"row_security", "on"}});
  pair.expected.add("table", "public", "", "t");
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  CHECK(found[0].meaning == Class::security);
  CHECK(found[0].severity == Severity::critical);
}

TEST_CASE("a missing object carries what it was, for the details") {
  Pair pair;
  pair.both("table", "public", "", "t");
  pair.expected.add("index", "public", "t", "i",
                    {{"definition", "CREATE INDEX i ON public.t USING btree (a)"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].changes.size() == 1);
  CHECK(found[0].changes[0].expected == "CREATE INDEX i ON public.t USING btree (a)");
  CHECK(found[0].changes[0].actual.empty());
}

TEST_CASE("an id depends on what differs and on nothing else") {
  const auto id_of = [](std::string_view kind, std::string_view name, std::string_view type, bool more) {
    Pair pair;
    pair.both("table", "public", "", "t");
    if (more) pair.actual.add("table", "public", "", "another");
    pair.actual.add(kind, "public", "t", name, {{"type", type}});
    pair.expected.add(kind, "public", "t", name, {{"type", "integer"}});
    return pair.run().back().id;
  };
  const std::string id = id_of("column", "a", "bigint", false);
  CHECK(id == id_of("column", "a", "bigint", true));
  CHECK(id == "plb-5adc82409d78");
  const std::set<std::string> all = {id, id_of("column", "b", "bigint", false),
                                     id_of("column", "a", "text", false)};
  CHECK(all.size() == 3);
}

TEST_CASE("a renamed column is hinted at, not believed") {
  Pair pair;
  pair.both("table", "public", "", "t");
  pair.expected.add("column", "public", "t", "total", {{"type", "numeric"}});
  pair.actual.add("column", "public", "t", "amount", {{"type", "numeric"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0].hint, Catch::StartsWith("looks like a rename of \"public.t.total\""));
  CHECK_THAT(found[1].hint, Catch::StartsWith("looks like a rename to \"public.t.amount\""));
}

TEST_CASE("a column of another type is no rename") {
  Pair pair;
  pair.both("table", "public", "", "t");
  pair.expected.add("column", "public", "t", "total", {{"type", "numeric"}});
  pair.actual.add("column", "public", "t", "amount", {{"type", "text"}});
  for (const Finding& finding : pair.run()) CHECK(finding.hint.empty());
}

TEST_CASE("of two columns that could be the renamed one none is named") {
  Pair pair;
  pair.both("table", "public", "", "t");
  pair.expected.add("column", "public", "t", "total", {{"type", "numeric"}});
  pair.actual.add("column", "public", "t", "a", {{"type", "numeric"}});
  pair.actual.add("column", "public", "t", "b", {{"type", "numeric"}});
  for (const Finding& finding : pair.run()) CHECK(finding.hint.empty());
}

TEST_CASE("a renamed table is known by its columns and indexes") {
  Pair pair;
  const auto fill = [](Schema& schema, const std::string& table, std::string_view type) {
    schema.add("table", "public", "", table, {{"column_order", "id"}})
        .add("column", "public", table, "id", {{"type", type}})
        .add("index", "public", table, "t_by_id",
             {{"definition", "CREATE INDEX t_by_id ON public." + table}});
  };
  fill(pair.expected, "orders", "bigint");
  SECTION("equal") {
    fill(pair.actual, "purchases", "bigint");
    const auto found = pair.run();
    REQUIRE(found.size() == 2);
    CHECK_THAT(found[0].hint, Catch::StartsWith("looks like a rename to \"public.purchases\""));
    CHECK_THAT(found[1].hint, Catch::StartsWith("looks like a rename of \"public.orders\""));
  }
  SECTION("with another column type") {
    fill(pair.actual, "purchases", "integer");
    for (const Finding& finding : pair.run()) CHECK(finding.hint.empty());
  }
}

TEST_CASE("a table that moved to another schema is hinted at") {
  Pair pair;
  pair.both("schema", "", "", "public");
  pair.both("schema", "", "", "attic");
  pair.expected.add("table", "public", "", "t").add("column", "public", "t", "id", {{"type", "bigint"}});
  pair.actual.add("table", "attic", "", "t").add("column", "attic", "t", "id", {{"type", "bigint"}});
  const auto found = pair.run();
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0].hint, Catch::StartsWith("looks like a rename of \"public.t\""));
  CHECK_THAT(found[1].hint, Catch::StartsWith("looks like a rename to \"attic.t\""));
}

TEST_CASE("a severity is known by its name") {
  CHECK(severity_from("critical") == Severity::critical);
  CHECK(severity_from("info") == Severity::info);
  CHECK_FALSE(severity_from("Critical").has_value());
}

}  // namespace
}  // namespace plumbline
