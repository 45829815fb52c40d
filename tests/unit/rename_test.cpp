#include "diff/rename.h"

#include <catch2/catch.hpp>

#include "diff/renamed.h"
#include "tests/support/little_schema.h"

namespace plumbline {
namespace {

using little::Schema;
using Texts = std::vector<std::string>;

struct RenamePair {
  SymbolTable symbols;
  Schema actual{symbols}, expected{symbols};

  // "public.t.email <- public.t.mail: same place and type"; with "?" where another would do as well.
  Texts run() {
    const Snapshot &a = actual.sealed(), &e = expected.sealed();
    Texts texts;
    for (const SuspectedRename& one : suspected_renames(a, e, compare(a, e))) {
      texts.push_back(qualified(one.missing) + " <- " + qualified(one.unexpected) + ": " + one.why +
                      (one.ambiguous ? "?" : ""));
    }
    return texts;
  }

  // A table with columns of the form "name type".
  static void table(Schema& schema, const std::string& where, const std::string& name, const Texts& columns) {
    std::string order;
    for (const std::string& column : columns) {
      const std::size_t space = column.find(' ');
      order += (order.empty() ? "" : ",") + column.substr(0, space);
      schema.add("column", where, name, column.substr(0, space), {{"type", column.substr(space + 1)}});
    }
    schema.add("table", where, "", name, {{"column_order", order}});
  }
  void tables(const Texts& live, const Texts& promised) {
    table(actual, "public", "t", live);
    table(expected, "public", "t", promised);
  }
};

TEST_CASE("columns of one table are suspected by place and type") {
  struct Case {
    Texts live, promised, suspected;
  };
  const std::vector<Case> cases = {
      {{"id int", "mail text"},
       {"id int", "email text"},
       {"public.t.email <- public.t.mail: same place and type"}},
      {{"id int", "b int", "mail text"},
       {"id int", "email text", "b int"},
       {"public.t.email <- public.t.mail: same type"}},
      {{"id int", "mail varchar", "b int"},
       {"id int", "email text", "b int"},
       {"public.t.email <- public.t.mail: same place, another type"}},
      {{"id int", "b int", "mail varchar"}, {"id int", "email text", "b int"}, {}},
      {{"a2 text", "b2 text", "c int"},
       {"a text", "b text", "c int"},
       {"public.t.a <- public.t.a2: same place and type", "public.t.b <- public.t.b2: same place and type"}},
      {{"c int", "x text", "y text"},
       {"a text", "c int"},
       {"public.t.a <- public.t.x: same type?", "public.t.a <- public.t.y: same type?"}},
      {{"x text", "c int", "y text"}, {"a text", "c int"}, {"public.t.a <- public.t.x: same place and type"}},
      {{"id int"}, {"id int", "email text"}, {}},
  };
  for (const Case& one : cases) {
    RenamePair pair;
    pair.tables(one.live, one.promised);
    CHECK(pair.run() == one.suspected);
  }
}

TEST_CASE("a column is suspected whatever else of it was changed") {
  RenamePair pair;
  pair.tables({"id int", "mail text"}, {"id int"});
  pair.expected.add("column", "public", "t", "email", {{"type", "text"}, {"not_null", "true"}});
  CHECK(pair.run() == Texts{"public.t.email <- public.t.mail: same type"});
}

TEST_CASE("a table is suspected with most of its columns, and what moved along is no pair of its own") {
  RenamePair pair;
  RenamePair::table(pair.expected, "public", "users", {"id int", "name text", "email text"});
  SECTION("all") {
    RenamePair::table(pair.actual, "public", "people", {"id int", "name text", "email text"});
    CHECK(pair.run() == Texts{"public.users <- public.people: equal but for the name"});
  }
  SECTION("one of them renamed as well") {
    RenamePair::table(pair.actual, "public", "people", {"id int", "name text", "mail text"});
    CHECK(pair.run() == Texts{"public.users <- public.people: 66 % of it is the same",
                              "public.users.email <- public.people.mail: same place and type"});
  }
  SECTION("few") {
    RenamePair::table(pair.actual, "public", "people", {"id int", "a text", "b text"});
    CHECK(pair.run().empty());
  }
  SECTION("two that would do") {
    RenamePair::table(pair.actual, "public", "p1", {"id int", "name text", "email text"});
    RenamePair::table(pair.actual, "public", "p2", {"id int", "name text", "email text"});
    CHECK(pair.run() == Texts{"public.users <- public.p1: equal but for the name?",
                              "public.users <- public.p2: equal but for the name?"});
  }
  SECTION("the better one") {
    RenamePair::table(pair.actual, "public", "p1", {"id int", "name text"});
    RenamePair::table(pair.actual, "public", "p2", {"id int", "name text", "email text"});
    CHECK(pair.run() == Texts{"public.users <- public.p2: equal but for the name"});
  }
  SECTION("in another schema, under another name") {
    RenamePair::table(pair.actual, "attic", "people", {"id int", "name text", "email text"});
    CHECK(pair.run() == Texts{"public.users <- attic.people: equal but for the name"});
  }
  SECTION("in another schema, changed") {
    RenamePair::table(pair.actual, "attic", "users", {"id int", "name text"});
    CHECK(pair.run() == Texts{"public.users <- attic.users: 66 % of it is the same"});
  }
}

TEST_CASE("a renamed schema takes everything in it along") {
  RenamePair pair;
  pair.expected.add("schema", "", "", "shop");
  pair.actual.add("schema", "", "", "store");
  RenamePair::table(pair.expected, "shop", "users", {"id int", "email text"});
  RenamePair::table(pair.actual, "store", "users", {"id int", "mail text"});
  pair.expected.add("function", "shop", "", "f(integer)", {{"source", "SELECT 1"}});
  pair.actual.add("function", "store", "", "f(integer)", {{"source", "SELECT 1"}});
  CHECK(pair.run() == Texts{"shop <- store: equal but for the name",
                            "shop.users.email <- store.users.mail: same place and type"});
}

TEST_CASE("what holds no rows is suspected when it is equal but for the name, owner and comment") {
  RenamePair pair;
  pair.expected.add("function", "public", "", "f(integer)", {{"source", "SELECT 1"}, {"owner", "a"}});
  SECTION("equal") {
    pair.actual.add("function", "public", "", "g(integer)", {{"source", "SELECT 1"}, {"owner", "b"}});
    CHECK(pair.run() == Texts{"public.f(integer) <- public.g(integer): equal but for the name"});
  }
  SECTION("another body") {
    pair.actual.add("function", "public", "", "g(integer)", {{"source", "SELECT 2"}});
    CHECK(pair.run().empty());
  }
  SECTION("other arguments") {
    pair.actual.add("function", "public", "", "g(text)", {{"source", "SELECT 1"}});
    CHECK(pair.run().empty());
  }
}

TEST_CASE("an index of a renamed table may have been renamed too") {
  RenamePair pair;
  for (const auto& [schema, table, index] :
       {std::tuple{&pair.expected, "users", "users_i"}, std::tuple{&pair.actual, "people", "people_i"}}) {
    RenamePair::table(*schema, "public", table, {"id int"});
    schema->add("index", "public", table, index,
                {{"definition", "CREATE INDEX " + std::string(index) + " ON public." + table + " (id)"}});
    schema->add("index", "public", table, "same",
                {{"definition", "CREATE INDEX same ON public." + std::string(table)}});
  }
  CHECK(pair.run() == Texts{"public.users <- public.people: equal but for the name",
                            "public.users.users_i <- public.people.people_i: equal but for the name"});
}

TEST_CASE("a sequence is suspected though it has nothing to be known by") {
  RenamePair pair;
  pair.expected.add("sequence", "public", "", "numbers");
  pair.actual.add("sequence", "public", "", "counter");
  CHECK(pair.run() == Texts{"public.numbers <- public.counter: equal but for the name"});
}

TEST_CASE("ten thousand tables that all changed their names are matched in a moment") {
  RenamePair pair;
  for (int i = 0; i < 10'000; ++i) {
    const Texts columns{"id int", "c" + std::to_string(i) + " text"};
    RenamePair::table(pair.expected, "public", "t" + std::to_string(i), columns);
    RenamePair::table(pair.actual, "public", "u" + std::to_string(i), columns);
  }
  CHECK(pair.run().size() == 10'000);
}

// The findings with renames folded, "renamed column public.t.mail (email)".
struct FoldedPair : RenamePair {
  std::vector<Difference> differences;
  std::vector<Finding> found;

  Texts told() {
    const Snapshot &a = actual.sealed(), &e = expected.sealed();
    differences = compare(a, e);
    found = findings(a, e, differences);
    fold_renames(found, a, e, differences);
    Texts texts;
    for (const Finding& one : found) {
      std::string text = renaming_of(one) ? "renamed" : std::string(to_string(one.verb));
      text += " " + one.label + " " + one.object();
      if (renaming_of(one)) text += ", expected " + expected_name(one);
      for (const AttributeChange& change : one.changes) {
        if (one.verb == Difference::Verb::changed) text += " [" + change.attribute + "]";
      }
      for (const std::string& implied : one.implied) text += " + " + implied;
      texts.push_back(text);
    }
    return texts;
  }
  std::size_t told_differences() const {
    return told_by(found, actual.snapshot(), expected.snapshot(), differences).size();
  }
};

TEST_CASE("one renamed column is one finding, with the constraint, index and view that follow") {
  FoldedPair pair;
  pair.tables({"id int", "mail text"}, {"id int", "email text"});
  for (const auto& [schema, name, as] :
       {std::tuple{&pair.actual, "mail", "mail AS email"}, std::tuple{&pair.expected, "email", "email"}}) {
    schema->add("index", "public", "t", "t_email",
                {{"definition", std::string("CREATE INDEX t_email ON public.t (") + name + ")"}});
    schema->add("function", "public", "", "v()",
                {{"source", std::string("SELECT ") + as + " FROM public.t"}});
    schema->add("column_default", "public", "t", name, {{"expression", "''::text"}});
  }
  CHECK(pair.told() == Texts{"renamed column public.t.mail, expected email [name] + index public.t.t_email + "
                             "function public.v()"});
  const Finding& one = pair.found[0];
  CHECK(one.changes[0].actual == "public.t.mail");
  CHECK(one.changes[0].expected == "public.t.email");
  CHECK(one.severity == Severity::high);
  CHECK(one.hint ==
        "looks like a rename; if it is one, rename it back: plumbline catchup --revert --rename "
        "public.t.mail=public.t.email");
  CHECK(pair.told_differences() == pair.differences.size());
  SECTION("hidden with the finding") {
    pair.found.clear();
    CHECK(pair.told_differences() == 0);
  }
}

TEST_CASE("what the rename does not explain is told by itself") {
  FoldedPair pair;
  pair.tables({"id int", "mail text"}, {"id int", "email text"});
  pair.actual.add("index", "public", "t", "i", {{"definition", "INDEX (mail) WHERE true"}});
  pair.expected.add("index", "public", "t", "i", {{"definition", "INDEX (email)"}});
  pair.actual.add("index", "public", "other", "j", {{"definition", "INDEX (mail)"}});
  pair.expected.add("index", "public", "other", "j", {{"definition", "INDEX (email)"}});
  CHECK(pair.told() == Texts{"renamed column public.t.mail, expected email [name]",
                             "changed index public.other.j [definition]",
                             "changed index public.t.i [definition]"});
}

TEST_CASE("what else was changed of a renamed column is told with it") {
  FoldedPair pair;
  pair.tables({"id int", "mail text"}, {"id int", "email text"});
  pair.actual.add("column_default", "public", "t", "mail", {{"expression", "'x'"}});
  CHECK(pair.told() == Texts{"renamed column public.t.mail, expected email [name] [default]"});
  CHECK(pair.told_differences() == pair.differences.size());
}

TEST_CASE("a renamed table is one finding when all that is in it is the same") {
  FoldedPair pair;
  RenamePair::table(pair.expected, "public", "users", {"id int", "name text"});
  RenamePair::table(pair.actual, "public", "people", {"id int", "name text"});
  pair.expected.add("index", "public", "users", "i", {{"definition", "INDEX i ON public.users (id)"}});
  SECTION("the same") {
    pair.actual.add("index", "public", "people", "i", {{"definition", "INDEX i ON public.people (id)"}});
    CHECK(pair.told() == Texts{"renamed table public.people, expected users [name]"});
    CHECK(pair.told_differences() == pair.differences.size());
  }
  SECTION("without the index") {
    const Texts told = pair.told();
    REQUIRE(told.size() == 2);
    CHECK(pair.found[0].hint ==
          "looks like a rename of \"public.users\"; if it is one, rename it back: plumbline catchup --revert "
          "--rename public.people=public.users");
  }
}

TEST_CASE("two suspicions that are ambiguous or weak stay two findings") {
  FoldedPair pair;
  SECTION("ambiguous") { pair.tables({"id int", "x text", "y text"}, {"a text", "id int"}); }
  SECTION("another place") {
    pair.tables({"id int", "b int", "mail text"}, {"id int", "email text", "b int"});
  }
  for (const std::string& one : pair.told()) CHECK_FALSE(one.starts_with("renamed"));
}

TEST_CASE("a moved table is told with both schemas") {
  FoldedPair pair;
  RenamePair::table(pair.expected, "public", "users", {"id int", "name text"});
  RenamePair::table(pair.actual, "attic", "users", {"id int", "name text"});
  CHECK(pair.told() == Texts{"renamed table attic.users, expected public.users [name]"});
}

}  // namespace
}  // namespace plumbline
