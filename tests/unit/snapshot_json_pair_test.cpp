#include <catch2/catch.hpp>
#include <sstream>

#include "diff/compare.h"
#include "postgres/error.h"
#include "snapshot/json.h"
#include "snapshot/json_pair.h"

namespace plumbline {
namespace {

// Two tables, a view and a function, as write_json lays them out.
std::string file_of(const std::string& type_of_note, const std::string& body, bool with_view) {
  const std::string view = with_view ? R"("view": [{"schema": "shop", "name": "v"}],)" : "";
  std::istringstream in(
      R"json({"format": "plumbline-snapshot", "version": 1, "server_version": 15, "unreadable": [], "objects": {
    "table": [
      {"schema": "shop", "name": "orders", "children": {"column": [{"name": "id", "type": "integer"},
        {"name": "note", "type": ")json" +
      type_of_note + R"json("}]}},
      {"schema": "shop", "name": "people", "comment": "\n      }\n    ],", "children": {"column": [{"name": "id"}]}}],)json" +
      view + R"json("function": [{"schema": "shop", "name": "f()", "body": ")json" + body +
      R"json("}]}})json");
  SymbolTable symbols;
  std::ostringstream out;
  write_json(read_json(in, symbols, "sample"), out);
  return out.str();
}

std::vector<std::string> told(const std::vector<Difference>& differences) {
  std::vector<std::string> result;
  for (const Difference& difference : differences) {
    result.push_back(std::to_string(static_cast<int>(difference.verb)) + describe(difference.id));
    for (const std::size_t attribute : difference.attributes) {
      result.back().append(" ").append(difference.id.kind->attributes[attribute].name);
    }
  }
  return result;
}

std::vector<std::string> told_of_whole(const std::string& actual, const std::string& expected) {
  SymbolTable symbols;
  std::istringstream live(actual), promised(expected);
  const Snapshot a = read_json(live, symbols, "a"), e = read_json(promised, symbols, "e");
  return told(compare(a, e));
}

}  // namespace

TEST_CASE("two snapshot files read side by side differ in what the whole snapshots differ in") {
  const std::string one = file_of("text", "SELECT 1", true);
  const auto [name, other] = GENERATE(table<std::string, std::string>({
      {"the same", file_of("text", "SELECT 1", true)},
      {"a column", file_of("integer", "SELECT 1", true)},
      {"a body", file_of("text", "SELECT 2\\n      }\\n", true)},
      {"a kind less", file_of("text", "SELECT 1", false)},
      {"all of it", file_of("bytea", "SELECT 3", false)},
  }));
  CAPTURE(name);
  for (const auto& [actual, expected] : {std::pair(one, other), std::pair(other, one)}) {
    SymbolTable symbols;
    const auto pair = read_differing({actual, "a"}, {expected, "e"}, symbols);
    REQUIRE(pair);
    CHECK(told(compare(pair->actual, pair->expected)) == told_of_whole(actual, expected));
    std::istringstream whole(actual);
    CHECK(pair->equal + pair->actual.size() == read_json(whole, symbols, "whole").size());
    CHECK(pair->actual.server_version == 15);
  }
}

TEST_CASE("what both snapshot files say in the same bytes is not taken apart") {
  const std::string one = file_of("text", "SELECT 1", true), other = file_of("text", "SELECT 2", true);
  SymbolTable symbols;
  const auto pair = read_differing({one, "a"}, {other, "e"}, symbols);
  REQUIRE(pair);
  CHECK(pair->actual.size() == 1);
  CHECK(pair->equal == 6);
}

TEST_CASE("a snapshot file that is laid out in another way is not read side by side") {
  const std::string good = file_of("text", "SELECT 1", true);
  const std::string twice = [&] {
    std::string text = good;
    const std::size_t start =
        text.find("\n      {\n        \"schema\": \"shop\",\n        \"name\": \"people\"");
    const std::size_t end = text.find("\n    ]", start);
    return text.insert(end, "," + text.substr(start, end - start));
  }();
  const std::string bad = GENERATE_COPY(good.substr(0, good.size() / 2), good.substr(0, good.size() - 3),
                                        std::string(), std::string("[]"), twice);
  SymbolTable symbols;
  CHECK_FALSE(read_differing({bad, "a"}, {good, "e"}, symbols));
  CHECK_FALSE(read_differing({good, "a"}, {bad, "e"}, symbols));
}

TEST_CASE("of two files that lie side by side the head is read as any file's") {
  std::string newer = file_of("text", "SELECT 1", true);
  newer.replace(newer.find("\"version\": 1"), 12, "\"version\": 9");
  SymbolTable symbols;
  CHECK_THROWS_AS(read_differing({newer, "a"}, {newer, "e"}, symbols), Error);
}

}  // namespace plumbline
