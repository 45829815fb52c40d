#include "snapshot/json.h"

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "postgres/error.h"
#include "snapshot/kinds.h"

namespace plumbline {
namespace {

using Catch::Contains;

// A schema with a table of three columns, one of them with a default, and a view.
constexpr const char* sample = R"({
  "format": "plumbline-snapshot",
  "version": 1,
  "server_version": 15,
  "unreadable": [
    "options of user mapping \"a\""
  ],
  "objects": {
    "schema": [
      {
        "name": "shop"
      }
    ],
    "table": [
      {
        "schema": "shop",
        "name": "orders",
        "comment": "a \"quoted\"\nline\twith \\ and \u0001",
        "children": {
          "column": [
            {
              "name": "id",
              "type": "integer"
            },
            {
              "name": "note",
              "type": "text"
            }
          ],
          "column_default": [
            {
              "name": "note",
              "expression": "'none'::text"
            }
          ]
        }
      }
    ]
  }
}
)";

Snapshot read(const std::string& text, SymbolTable& symbols) {
  std::istringstream in(text);
  return read_json(in, symbols, "live.json");
}

std::string written(const Snapshot& snapshot) {
  std::ostringstream out;
  write_json(snapshot, out);
  return out.str();
}

// The message with which a file is refused; each has a hint.
std::string refusal(const std::string& text) {
  SymbolTable symbols;
  try {
    read(text, symbols);
  } catch (const Error& error) {
    CHECK_FALSE(error.hint().empty());
    return error.message();
  }
  return "";
}

// The sample with a part replaced.
std::string with(const std::string& part, const std::string& other) {
  std::string text = sample;
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), other);
}

TEST_CASE("a snapshot file reads back without loss, and is written as it was") {
  SymbolTable symbols;
  const Snapshot snapshot = read(sample, symbols);
  CHECK(snapshot.size() == 5);
  CHECK(snapshot.server_version == 15);
  CHECK(snapshot.unreadable == std::vector<std::string>{"options of user mapping \"a\""});
  const auto value = snapshot.find({find_kind("column_default"), symbols.intern("shop"),
                                    symbols.intern("orders"), symbols.intern("note")});
  REQUIRE(value);
  CHECK((*value)["expression"] == "'none'::text");
  CHECK(written(snapshot) == sample);
}

TEST_CASE("no attribute is called what the file calls the place of an object") {
  for (const Kind* kind : all_kinds()) {
    for (const Attribute& attribute : kind->attributes) {
      INFO(kind->name << " " << attribute.name);
      for (const char* taken : {"schema", "parent", "name", "children"}) CHECK(attribute.name != taken);
    }
  }
}

TEST_CASE("every kind and every attribute reads back where it was") {
  const int version = GENERATE(13, 14, 18);
  SymbolTable symbols;
  for (const Kind* kind : all_kinds()) {
    Snapshot snapshot;
    snapshot.server_version = version;
    std::vector<Symbol> values;
    for (const Attribute& attribute : kind->attributes) {
      const bool there = attribute.since <= version && (attribute.until == 0 || version <= attribute.until);
      values.push_back(symbols.intern(there ? attribute.name : ""));
    }
    const bool child = !kind->parent_kinds.empty();
    const ObjectId id{kind, symbols.intern("s"), child ? symbols.intern("p") : Symbol(), symbols.intern("n")};
    snapshot.add(id, values);
    snapshot.seal();
    const Snapshot back = read(written(snapshot), symbols);
    INFO(kind->name);
    REQUIRE(back.find(id));
    CHECK(std::ranges::equal(back.find(id)->values(), values));
  }
}

TEST_CASE("a snapshot that was cut off anywhere is refused") {
  const std::string text = sample;
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
    CHECK_THAT(refusal(text.substr(0, length)), Contains("\"live.json\" is no complete JSON file (at byte "));
  }
  CHECK_THAT(refusal(text + "{}"), Contains("is no complete JSON file"));
}

TEST_CASE("another file is no snapshot") {
  for (const char* text : {"[]", "{}", "\"text\"", "{\"format\": \"plumbline-report\", \"version\": 1}",
                           "{\"name\": 1}", "{\"version\": 1}", "[{\"table\": []}]", "7", "null"}) {
    INFO(text);
    CHECK_THAT(refusal(text), Contains("\"live.json\" "));
  }
  CHECK(refusal("{\"format\": \"plumbline-report\"}") == "\"live.json\" is no snapshot of plumbline");
  CHECK(refusal("[1]") == "\"live.json\" is no snapshot of plumbline");
}

TEST_CASE("a newer format is refused, and one that is none") {
  CHECK(refusal(with("\"version\": 1", "\"version\": 2")) ==
        "\"live.json\" has snapshot format 2, this plumbline reads up to 1");
  CHECK_THAT(refusal(with("\"version\": 1", "\"version\": 18446744073709551615")),
             Contains("snapshot format"));
  CHECK(refusal(with("\"version\": 1", "\"version\": 0")) == "\"live.json\" has the version 0");
  CHECK(refusal(with("\"version\": 1", "\"version\": \"1\"")) ==
        "\"live.json\" holds a text where none can be");
  CHECK(refusal(with("\"server_version\": 15", "\"server_version\": -1")) ==
        "\"live.json\" has the server_version -1");
}

TEST_CASE("a file that lacks a part is refused, not read as an empty schema") {
  CHECK(refusal("{\"format\": \"plumbline-snapshot\", \"version\": 1, \"server_version\": 15}") ==
        "\"live.json\" lacks \"objects\"");
  CHECK(refusal(with("\"version\": 1,", "")) == "\"live.json\" lacks \"version\"");
  CHECK(refusal(with("\"server_version\": 15,", "")) == "\"live.json\" lacks \"server_version\"");
  CHECK(refusal(with("\"name\": \"shop\"", "")) == "\"live.json\" holds an object without a name");
}

TEST_CASE("what this plumbline does not know is refused by name") {
  CHECK(refusal(with("\"schema\": [", "\"graph\": [")) ==
        "\"live.json\" holds objects of the unknown kind \"graph\"");
  CHECK(refusal(with("\"type\": \"integer\"", "\"colour\": \"red\"")) ==
        "\"live.json\" gives a column the unknown attribute \"colour\"");
}

TEST_CASE("values of another type are refused wherever they are") {
  const std::map<std::string, std::string> values{{"null", "a null"},    {"true", "a boolean"},
                                                  {"7", "a number"},     {"0.5", "a fraction"},
                                                  {"[\"a\"]", "a list"}, {"{\"a\": \"b\"}", "an object"}};
  for (const auto& [value, name] : values) {
    for (const char* part : {"\"integer\"", "\"shop\"", "\"options of user mapping \\\"a\\\"\""}) {
      INFO(value << " for " << part);
      CHECK_THAT(refusal(with(part, value)), Contains("holds " + name));
    }
  }
  CHECK(refusal(with("\"schema\": [\n      {\n        \"name\": \"shop\"\n      }\n    ]",
                     "\"schema\": [\"shop\"]")) == "\"live.json\" holds a text where none can be");
  CHECK(refusal(with("\"schema\": [\n      {\n        \"name\": \"shop\"\n      }\n    ]",
                     "\"schema\": \"shop\"")) == "\"live.json\" holds a text where none can be");
}

TEST_CASE("the same object twice is refused by name") {
  CHECK_THAT(refusal(with("\"name\": \"note\",\n              \"type\": \"text\"", "\"name\": \"id\"")),
             Contains("\"live.json\"") && Contains("column shop.orders.id twice"));
  CHECK(refusal(with("\"version\": 1,", "\"version\": 1, \"version\": 1,")) ==
        "\"live.json\" says \"version\" twice");
}

}  // namespace
}  // namespace plumbline
