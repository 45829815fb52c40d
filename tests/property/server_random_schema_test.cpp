#include "tests/property/random_schema.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

#include "diff/compare.h"
#include "expected/dump.h"
#include "expected/equivalence.h"
#include "expected/witness.h"
#include "snapshot/capture.h"
#include "snapshot/json.h"
#include "tests/server/dumps.h"
#include "tests/server/server.h"

namespace plumbline::testing {

namespace {

void build(TestDatabase& database, const RandomSchema& schema) {
  database.execute("SET check_function_bodies = off; CREATE SCHEMA " + quote_identifier(schema.name));
  for (const auto& object : schema.objects) {
    for (const std::string& statement : object) database.execute(statement);
  }
}

RandomSchema shuffled(RandomSchema schema) {
  auto& objects = schema.objects;
  for (std::size_t i = objects.size(); i > 1; --i)
    std::swap(objects[i - 1], objects[*rc::gen::inRange<std::size_t>(0, i)]);
  return schema;
}

Snapshot captured(TestDatabase& database, SymbolTable& symbols) {
  const ReadTransaction transaction(database.connection());
  return capture(database.connection(), symbols);
}

std::string json_of(const Snapshot& snapshot) {
  std::ostringstream out;
  write_json(snapshot, out);
  return out.str();
}

bool is_about(const Difference& difference, const std::string& name) {
  const std::string_view own = difference.id.name.view();
  return own == name || difference.id.parent.view() == name || own.starts_with(quote_identifier(name) + "(");
}

// A case takes a fraction of a second: fewer than RapidCheck's hundred, and the failing one is not shrunk for
// long.
template <typename Property>
bool holds(int cases, const Property& property) {
  rc::detail::TestParams parameters = rc::detail::configuration().testParams;
  parameters.maxSuccess = cases;
  parameters.maxSize = 20;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), parameters);
  rc::detail::printResultMessage(result, std::cerr);
  std::cerr << std::endl;
  return result.template is<rc::detail::SuccessResult>();
}

}  // namespace

TEST_CASE("a random schema reads the same in whatever order it was made, and comes back from JSON") {
  CHECK(holds(12, [] {
    const RandomSchema schema = *random_schema();
    TestDatabase one = server().fresh_database(), other = server().fresh_database();
    build(one, schema);
    build(other, shuffled(schema));
    SymbolTable symbols;
    const Snapshot first = captured(one, symbols), second = captured(other, symbols);
    RC_ASSERT(json_of(first) == json_of(second));
    RC_ASSERT(compare(first, second).empty());
    std::istringstream in(json_of(first));
    const Snapshot back = read_json(in, symbols, "random.json");
    RC_ASSERT(compare(back, first).empty());
    RC_ASSERT(back.fingerprint() == first.fingerprint());
  }));
}

TEST_CASE("a random change of a random schema is found at the object that was changed") {
  CHECK(holds(12, [] {
    const RandomSchema schema = *random_schema();
    TestDatabase database = server().fresh_database();
    build(database, schema);
    SymbolTable symbols;
    const Snapshot before = captured(database, symbols);
    for (int i = 0; i < 3; ++i) {
      const RandomChange change = *rc::gen::elementOf(schema.changes);
      RC_LOG() << change.sql << "\n";
      database.execute("BEGIN; SAVEPOINT start");
      database.execute(change.sql);
      const std::vector<Difference> found = compare(capture(database.connection(), symbols), before);
      database.execute("ROLLBACK");
      RC_ASSERT(!found.empty());
      RC_ASSERT(
          std::ranges::all_of(found, [&](const Difference& one) { return is_about(one, change.name); }));
    }
  }));
}

TEST_CASE("a random schema does not differ from what a restore of its dump makes") {
  const int version = newest_with_dump();
  if (version == 0) return skip_without_dump();
  CHECK(holds(6, [&] {
    const RandomSchema schema = *random_schema();
    TestDatabase one = server(version).fresh_database(), other = server(version).fresh_database();
    build(one, schema);
    const auto refused = restore_schema(server(version).shadow(), other.name(),
                                        dump_schema(choose_pg_dump(version), one.conninfo()));
    RC_ASSERT(join(refused, "\n") == "");
    SymbolTable symbols;
    RC_ASSERT(compare(captured(other, symbols), captured(one, symbols)).empty());
    const WitnessOptions options{{.major = version, .url{}, .cache_directory = test_cache(), .data_from{}},
                                 {}};
    RC_ASSERT(join(contradictions(one.conninfo(), other.conninfo(), version, options), "\n") == "");
  }));
}

}  // namespace plumbline::testing
