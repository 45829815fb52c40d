#include "diff/compare.h"

#include <catch2/catch.hpp>

#include "tests/support/little_schema.h"

namespace plumbline {
namespace {

using little::Schema;
using Verb = Difference::Verb;

struct Pair {
  SymbolTable symbols;
  Schema actual{symbols}, expected{symbols};
  std::vector<Difference> run() { return compare(actual.sealed(), expected.sealed()); }
};

TEST_CASE("equal snapshots do not differ") {
  Pair pair;
  for (Schema* schema : {&pair.actual, &pair.expected}) {
    schema->add("table", "public", "", "users", {{"comment", "all"}}).add("column", "public", "users", "id");
  }
  CHECK(pair.run().empty());
}

TEST_CASE("an empty snapshot lacks everything of the other") {
  Pair pair;
  pair.expected.add("table", "b", "", "t").add("table", "a", "", "t").add("schema", "", "", "a");
  const auto differences = pair.run();
  REQUIRE(differences.size() == 3);
  CHECK(describe(differences[0].id) == "schema a");
  CHECK(describe(differences[1].id) == "table a.t");
  CHECK(describe(differences[2].id) == "table b.t");
  for (const Difference& difference : differences) CHECK(difference.verb == Verb::missing);
}

TEST_CASE("missing, unexpected and changed objects come in canonical order") {
  Pair pair;
  pair.actual.add("table", "public", "", "b", {{"comment", "x"}}).add("table", "public", "", "c");
  pair.expected.add("table", "public", "", "b").add("table", "public", "", "a");
  const auto differences = pair.run();
  REQUIRE(differences.size() == 3);
  CHECK(differences[0].verb == Verb::missing);
  CHECK(differences[1].verb == Verb::changed);
  CHECK(differences[1].attributes == std::vector<std::size_t>{6});
  CHECK(differences[2].verb == Verb::unexpected);
}

TEST_CASE("an attribute that is only carried along is no difference") {
  Pair pair;
  pair.actual.add("table", "public", "", "t", {{"size", "10"}});
  pair.expected.add("table", "public", "", "t", {{"size", "20"}});
  CHECK(pair.run().empty());
}

TEST_CASE("an attribute that one of the servers cannot have is not compared") {
  const int actual_version = GENERATE(14, 15, 16), expected_version = GENERATE(14, 15, 16);
  SymbolTable symbols;
  Schema actual(symbols, actual_version), expected(symbols, expected_version);
  actual.add("table", "public", "", "t", {{"newer", "on"}, {"older", "on"}});
  expected.add("table", "public", "", "t");
  std::vector<std::size_t> changed;
  if (actual_version == 16 && expected_version == 16) changed.push_back(3);
  if (actual_version == 14 && expected_version == 14) changed.push_back(4);
  const auto differences = compare(actual.sealed(), expected.sealed());
  REQUIRE(differences.size() == (changed.empty() ? 0 : 1));
  if (!changed.empty()) CHECK(differences[0].attributes == changed);
}

TEST_CASE("an order differs only in names that both sides have") {
  CHECK(same_order("a, b, c", "a,b,c"));
  CHECK(same_order("a, x, b", "a, b, y"));
  CHECK(same_order("", "a"));
  CHECK_FALSE(same_order("b, a", "a, b"));
  CHECK_FALSE(same_order("b, x, a", "a, b"));
}

TEST_CASE("a comma inside a quoted name does not part it") {
  CHECK(same_order("\"a,b\", c", "\"a,b\", x, c"));
  CHECK_FALSE(same_order("\"a,b\", c", "c, \"a,b\""));
  CHECK(same_order("\"say \"\"a,b\"\"\", c", "c"));
}

TEST_CASE("a column that was added in the middle changes no order") {
  Pair pair;
  pair.actual.add("table", "public", "", "t", {{"column_order", "id, note, name"}});
  pair.expected.add("table", "public", "", "t", {{"column_order", "id, name"}});
  CHECK(pair.run().empty());
}

}  // namespace
}  // namespace plumbline
