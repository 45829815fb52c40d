// What becomes of differences before any server is asked: order, cycles, what is held back, how it is
// written.
#include <catch2/catch.hpp>
#include <map>

#include "catchup/patched.h"
#include "catchup/permission.h"
#include "catchup/plan.h"
#include "catchup/section.h"
#include "catchup/units.h"
#include "diff/finding.h"
#include "diff/fold.h"
#include "postgres/error.h"
#include "snapshot/kinds.h"

using namespace plumbline;
using Catch::Contains;

namespace {

// Snapshots of real kinds, filled by hand.
class Side {
 public:
  explicit Side(SymbolTable& symbols) : symbols_(symbols) {}

  ObjectId id(std::string_view kind, std::string_view schema, std::string_view parent,
              std::string_view name) {
    return {find_kind(kind), symbols_.intern(schema), symbols_.intern(parent), symbols_.intern(name)};
  }

  ObjectId add(const ObjectId& id, const std::map<std::string_view, std::string_view>& values = {}) {
    std::vector<Symbol> row(id.kind->attributes.size());
    for (const auto& [attribute, value] : values)
      row[attribute_index(*id.kind, attribute)] = symbols_.intern(value);
    snapshot_.add(id, row);
    return id;
  }

  ObjectId view(std::string_view name, std::string_view query) {
    return add(id("view", "public", "", name), {{"definition", query}});
  }

  void needs(const ObjectId& dependent, const ObjectId& referenced) {
    needs_.push_back({dependent, referenced, Dependency::Hold::normal});
  }

  const Snapshot& sealed() {
    if (!is_sealed_) {
      snapshot_.server_version = 15;
      snapshot_.seal();
      for (const Dependency& dependency : needs_) snapshot_.add_dependency(dependency);
    }
    is_sealed_ = true;
    return snapshot_;
  }

 private:
  SymbolTable& symbols_;
  Snapshot snapshot_;
  std::vector<Dependency> needs_;
  bool is_sealed_ = false;
};

CatchUpPlan plan_of(Side& actual, Side& expected) {
  return plan(actual.sealed(), expected.sealed(), compare(actual.sealed(), expected.sealed()));
}

std::size_t place_of(const CatchUpPlan& made, std::string_view text) {
  for (std::size_t i = 0; i < made.statements.size(); ++i) {
    if (made.statements[i].sql.find(text) != std::string::npos) return i;
  }
  FAIL("no statement has " << text);
  return 0;
}

CatchUpPlan three_steps(const std::vector<Hazard>& of_the_first) {
  CatchUpPlan made;
  made.statements = {{{"first", of_the_first}}, {{"second"}}, {{"third"}}};
  return made;
}

// The numbers of the units of differences of views that need each other like that.
std::vector<std::vector<std::string>> units_of(
    const std::vector<std::string>& names, const std::vector<std::pair<std::string, std::string>>& needs) {
  SymbolTable symbols;
  Side side(symbols), none(symbols);
  for (const std::string& name : names) side.view(name, "SELECT 1");
  const std::vector<Difference> differences = compare(none.sealed(), side.sealed());
  std::vector<Need> all;
  for (const auto& [one, other] : needs)
    all.push_back({side.id("view", "public", "", one), side.id("view", "public", "", other)});
  const RepairUnits units(fold(none.sealed(), side.sealed(), differences), all);
  std::vector<std::vector<std::string>> result;
  for (const RepairUnit& unit : units.all()) {
    result.emplace_back();
    for (const ObjectId& id : unit.findings) result.back().emplace_back(id.name.view());
  }
  return result;
}

}  // namespace

TEST_CASE("what others stand on is made first and dropped last") {
  SymbolTable symbols;
  Side with(symbols), without(symbols);
  // Named against the alphabet, so that names decide nothing.
  const ObjectId lower = with.view("z_lower", "SELECT 1 AS a"), upper = with.view("a_upper", "SELECT a");
  with.needs(upper, lower);
  const CatchUpPlan made = plan_of(without, with);
  CHECK(place_of(made, "VIEW public.z_lower") < place_of(made, "VIEW public.a_upper"));
  const CatchUpPlan dropped = plan_of(with, without);
  CHECK(place_of(dropped, "DROP VIEW public.a_upper") < place_of(dropped, "DROP VIEW public.z_lower"));
}

TEST_CASE("a cycle that cannot be cut is refused, and its members are named") {
  SymbolTable symbols;
  Side with(symbols), without(symbols);
  const ObjectId one = with.view("one", "SELECT 1"), two = with.view("two", "SELECT 2");
  with.needs(one, two);
  with.needs(two, one);
  try {
    plan_of(without, with);
    FAIL("a plan for a circle");
  } catch (const Error& error) {
    CHECK_THAT(error.message(), Contains("view public.one") && Contains("view public.two"));
    CHECK_THAT(error.hint(), Contains("--exclude"));
  }
}

TEST_CASE("a patched schema has the differences that were asked for and no others") {
  SymbolTable symbols;
  Side actual(symbols), expected(symbols);
  actual.view("kept", "SELECT 1");
  actual.view("old", "SELECT 1");
  const ObjectId base = expected.view("base", "SELECT 1");
  expected.needs(expected.view("kept", "SELECT 2"), base);
  std::vector<Difference> all = compare(actual.sealed(), expected.sealed());
  const Snapshot whole = patched(actual.sealed(), expected.sealed(), all);
  CHECK(compare(whole, expected.sealed()).empty());
  CHECK(whole.dependencies().size() == 1);
  std::erase_if(all, [](const Difference& one) { return one.verb == Difference::Verb::unexpected; });
  const Snapshot most = patched(actual.sealed(), expected.sealed(), all);
  CHECK(most.find(actual.id("view", "public", "", "old")));
  CHECK(compare(most, expected.sealed()).size() == 1);
}

TEST_CASE("only what the findings still tell is to be repaired") {
  SymbolTable symbols;
  Side actual(symbols), expected(symbols);
  actual.add(actual.id("view", "public", "", "v"), {{"definition", "SELECT 1"}, {"comment", "hers"}});
  expected.add(expected.id("view", "public", "", "v"), {{"definition", "SELECT 2"}, {"comment", "his"}});
  expected.view("gone", "SELECT 3");
  const std::vector<Difference> all = compare(actual.sealed(), expected.sealed());
  std::vector<Finding> told = findings(actual.sealed(), expected.sealed(), all);
  CHECK(told_by(told, actual.sealed(), expected.sealed(), all).size() == 2);
  std::erase_if(told, [](const Finding& finding) { return finding.name == "gone"; });
  for (Finding& finding : told)
    std::erase_if(finding.changes,
                  [](const AttributeChange& change) { return change.attribute == "comment"; });
  const std::vector<Difference> left = told_by(told, actual.sealed(), expected.sealed(), all);
  REQUIRE(left.size() == 1);
  REQUIRE(left[0].attributes.size() == 1);
  CHECK(left[0].id.kind->attributes[left[0].attributes[0]].name == "definition");
}

TEST_CASE("what needs each other is one unit, and what needs another is its own") {
  using Units = std::vector<std::vector<std::string>>;
  CHECK(units_of({"a", "b", "c"}, {}) == Units{{"a"}, {"b"}, {"c"}});
  CHECK(units_of({"a", "b", "c"}, {{"a", "b"}, {"b", "c"}}) == Units{{"a"}, {"b"}, {"c"}});
  CHECK(units_of({"a", "b", "c"}, {{"a", "c"}, {"c", "a"}, {"b", "a"}}) == Units{{"a", "c"}, {"b"}});
  CHECK(units_of({"a", "b", "c"}, {{"a", "b"}, {"b", "c"}, {"c", "a"}}) == Units{{"a", "b", "c"}});
}

TEST_CASE("with a unit goes what it needs, and with one that is left what needs it") {
  SymbolTable symbols;
  Side side(symbols), none(symbols);
  for (const char* name : {"a", "b", "c", "d"}) side.view(name, "SELECT 1");
  const auto id = [&](const char* name) { return side.id("view", "public", "", name); };
  const std::vector<Difference> differences = compare(none.sealed(), side.sealed());
  const std::vector<Need> needs{{id("a"), id("b")}, {id("b"), id("c")}};
  const RepairUnits units(fold(none.sealed(), side.sealed(), differences), needs);
  CHECK(units.with_needs({true, false, false, false}) == std::vector{true, true, true, false});
  CHECK(units.with_dependents({false, false, true, false}) == std::vector{true, true, true, false});
  CHECK(units.with_dependents({false, false, false, true}) == std::vector{false, false, false, true});
  CHECK(units.find(id("c")) == std::optional<std::size_t>(2));
}

TEST_CASE("a short lock is no reason to hold a statement back, a long one is") {
  const auto missing = [](const std::vector<Hazard>& hazards, const std::set<Hazard>& allowed) {
    return missing_permission({"first", hazards}, allowed);
  };
  CHECK(missing({Hazard::blocks_reads_and_writes}, {}).empty());
  CHECK(missing({Hazard::blocks_writes, Hazard::index_build}, {Hazard::index_build}) ==
        std::vector{Hazard::blocks_writes});
  CHECK(missing({Hazard::blocks_writes, Hazard::index_build}, {Hazard::blocks_writes}).empty());
  CHECK(missing({Hazard::deletes_data}, {}) == std::vector{Hazard::deletes_data});
}

TEST_CASE("nothing is lost of a table without rows, and rows that fit are no obstacle") {
  SymbolTable symbols;
  Side side(symbols);
  const ObjectId column = side.id("column", "public", "t", "c");
  const auto weighed = [&](const std::vector<std::pair<std::string, std::string>>& answers,
                           const Statement& statement) {
    CatchUpPlan made;
    made.statements = {{statement, column}};
    LiveRows rows([&](const std::string& sql) -> std::optional<std::string> {
      for (const auto& [part, answer] : answers) {
        if (sql.find(part) != sql.npos) return answer;
      }
      return std::nullopt;
    });
    correct_hazards(made);
    weigh_rows(made, rows, [](const ObjectId&, const RowCondition&) { return true; });
    return grave_hazards(made.statements[0]);
  };
  const Statement drop{"DROP", {Hazard::deletes_data}};
  CHECK(weighed({{"pg_relation_size", "0"}, {"string_agg", "public.t"}}, drop).empty());
  CHECK(weighed({{"pg_relation_size", "8192"}, {"string_agg", "public.t"}, {"EXISTS", "f"}}, drop).empty());
  CHECK(weighed({{"pg_relation_size", "8192"}, {"string_agg", "public.t"}, {"EXISTS", "t"}}, drop) ==
        std::vector{Hazard::deletes_data});
  CHECK(weighed({}, drop) == std::vector{Hazard::deletes_data});
  const Statement set{"SET NOT NULL", {}, Transaction::shared, {{"public.t", "SELECT c"}}};
  CHECK(weighed({{"pg_relation_size", "8192"},
                 {"string_agg", "16384"},
                 {"16384::", "public.t"},
                 {"EXISTS", "t"},
                 {"bool_or", "f"},
                 {"SELECT c", "f"}},
                set)
            .empty());
  CHECK(weighed({{"pg_relation_size", "8192"},
                 {"string_agg", "16384"},
                 {"16384::", "public.t"},
                 {"EXISTS", "t"},
                 {"bool_or", "f"},
                 {"SELECT c", "t"}},
                set) == std::vector{Hazard::fails_on_rows});
  CHECK(weighed({}, set) == std::vector{Hazard::fails_on_rows});
  const Statement rewrite{"ALTER", {Hazard::rewrites_table}};
  CHECK(weighed({{"pg_relation_size", "8192"}}, rewrite).empty());
  CHECK(weighed({{"pg_relation_size", "99999999"}, {"EXISTS", "t"}}, rewrite) ==
        std::vector{Hazard::rewrites_table});
}

TEST_CASE("what was measured counts, not what was assumed") {
  CatchUpPlan made = three_steps({Hazard::rewrites_table, Hazard::blocks_reads_and_writes});
  made.statements[0].effect = {true, {{"public.t", "SHARE ROW EXCLUSIVE"}}, {}, {"public.t"}};
  correct_hazards(made);
  CHECK(made.statements[0].hazards == std::vector{Hazard::blocks_writes_and_its_like, Hazard::scans_table});
  made.statements[0].effect.rewritten = {"public.t"};
  correct_hazards(made);
  CHECK(grave_hazards(made.statements[0]) ==
        std::vector{Hazard::rewrites_table, Hazard::blocks_writes_and_its_like});
}

TEST_CASE("statements that belong together stand in a transaction, the others do not") {
  CatchUpPlan made = three_steps({});
  made.statements[0].transaction = Transaction::none;
  const Section section = write_section(made, {"2s", true});
  CHECK_THAT(section.text, Contains("SET lock_timeout = 0;\nfirst;\nSET lock_timeout = '2s';"));
  CHECK_THAT(section.text, Contains("BEGIN;\n\nsecond;\n\nthird;\n\nCOMMIT;"));
  CHECK_FALSE(section.transactional);
  CHECK(section.statements.size() == 10);
}

TEST_CASE("what is left is a comment to its last line") {
  CHECK(as_comments({{{"first\nline two", {Hazard::deletes_data}}}}) ==
        "-- hazards: DELETES_DATA\n-- first\n-- line two;\n");
}

TEST_CASE("every hazard has a name that can be said") {
  for (const std::string& name : hazard_names()) CHECK(to_string(*hazard_from(name)) == name);
  CHECK_FALSE(hazard_from("DELETES_EVERYTHING"));
}

TEST_CASE("whoever holds rows is altered, or made anew because its table says so, or left alone") {
  for (const Kind* kind : all_kinds()) {
    if (!kind->holds_rows) continue;
    for (const Attribute& attribute : kind->attributes) {
      INFO(kind->name << ": " << attribute.name);
      CHECK((attribute.alter || attribute.remakes || attribute.surroundings || !attribute.compared));
    }
  }
  for (const char* name : {"table", "column", "sequence", "materialized_view", "enum_type", "domain"}) {
    const Kind* kind = find_kind(name);
    if (kind) CHECK(kind->holds_rows);
  }
}

TEST_CASE("an attribute that nobody has given an alter is refused, and nothing is dropped") {
  static constexpr Attribute attributes[] = {{.name = "trial", .sql = "NULL"}};
  static Kind trial;
  trial.name = trial.label = trial.keyword = "trial";
  trial.attributes = attributes;
  trial.drop = [](const Object&, Scene&, Script& out) { out.add("DROP"); };
  trial.create = [](const Object&, Scene&, Script& out) { out.add("CREATE"); };
  SymbolTable symbols;
  for (const bool holds_rows : {false, true}) {
    trial.holds_rows = holds_rows;
    Side actual(symbols), expected(symbols);
    const ObjectId id{&trial, symbols.intern("public"), {}, symbols.intern("x")};
    actual.add(id, {{"trial", "1"}});
    expected.add(id, {{"trial", "2"}});
    const CatchUpPlan made = plan_of(actual, expected);
    CHECK(made.statements.empty() == holds_rows);
    CHECK(made.refused().contains(id) == holds_rows);
    if (holds_rows) CHECK_THAT(made.refusals.at(0).why, Contains("\"trial\" of trial public.x"));
  }
}
