#include "tests/property/random_schema.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <set>
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

using Strings = std::vector<std::string>;

// Puts together one schema; every name in it is used once.
class Maker {
 public:
  RandomSchema make() {
    schema_.name = "s" + *identifier();
    while (!is_valid_utf8(schema_.name) || schema_.name.size() > 63) schema_.name.pop_back();
    const int count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) make_object();
    return std::move(schema_);
  }

 private:
  void make_object() {
    using Make = void (Maker::*)();
    const Make make_one = *rc::gen::element<Make>(&Maker::make_table, &Maker::make_table, &Maker::make_view,
                                                  &Maker::make_function, &Maker::make_enum,
                                                  &Maker::make_sequence, &Maker::make_domain);
    name_ = unused_name();
    statements_.clear();
    (this->*make_one)();
    schema_.objects.push_back(statements_);
  }

  std::string unused_name() {
    std::string name = *identifier();
    while (!used_.insert(name).second) name = std::to_string(used_.size()) + "\"n";
    return name;
  }
  std::string qualified(const std::string& name) const { return quote_qualified(schema_.name, name); }
  std::string own() const { return qualified(name_); }
  static std::string text() { return quote_literal(*any_text()); }
  void add(const std::string& sql) { statements_.push_back(sql); }
  void changes(const std::string& sql) { schema_.changes.push_back({sql, name_}); }
  // More than one line, so that it is not what is there already.
  void comment_changes(const std::string& what) {
    changes("COMMENT ON " + what + " IS " + quote_literal("another\n" + *any_text()));
  }

  void make_table() {
    static const Strings types{"integer", "text", "varchar(5)", "numeric(8,2)", "timestamptz", "jsonb",
                               "text[]",  "uuid", "\"char\"",   "interval(3)",  "int4range",   "bit(4)"};
    Strings columns, names;
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      names.push_back(unused_name());
      columns.push_back(quote_identifier(names.back()) + " " + *rc::gen::elementOf(types) +
                        (*rc::gen::arbitrary<bool>() ? " NOT NULL" : ""));
    }
    columns.push_back("t text DEFAULT " + text());
    columns.push_back("CONSTRAINT " + quote_identifier(unused_name()) + " CHECK (t <> " + text() + ")");
    add("CREATE TABLE " + own() + " (" + join(columns, ", ") + ")");
    if (*rc::gen::arbitrary<bool>()) add("COMMENT ON TABLE " + own() + " IS " + text());
    for (const std::string& name : names) {
      add("COMMENT ON COLUMN " + own() + "." + quote_identifier(name) + " IS " + text());
      changes("ALTER TABLE " + own() + " DROP COLUMN " + quote_identifier(name));
      changes("ALTER TABLE " + own() + " RENAME COLUMN " + quote_identifier(name) + " TO \"one \"\"more\"");
    }
    add("CREATE INDEX " + quote_identifier(unused_name()) + " ON " + own() + " (lower(t)) WHERE t > " +
        text());
    change_table();
  }

  void change_table() {
    comment_changes("TABLE " + own());
    comment_changes("COLUMN " + own() + ".t");
    for (const char* what :
         {" ALTER t SET NOT NULL", " ALTER t DROP DEFAULT", " ADD COLUMN \"new\n\" int",
          " ENABLE ROW LEVEL SECURITY", " SET (fillfactor = 50)", " ALTER t SET STATISTICS 7",
          " ALTER t SET STORAGE plain", " REPLICA IDENTITY FULL", " SET UNLOGGED", " ALTER t TYPE varchar",
          " ADD UNIQUE (t)", " OWNER TO pg_monitor"}) {
      changes("ALTER TABLE " + own() + what);
    }
    changes("GRANT SELECT (t) ON " + own() + " TO PUBLIC");
    changes("CREATE POLICY \"p,\" ON " + own() + " USING (t = " + text() + ")");
    changes("DROP TABLE " + own());
  }

  void make_view() {
    add("CREATE VIEW " + own() + " AS SELECT " + text() + "::text AS " + quote_identifier(*identifier()) +
        ", 1 AS n1");
    comment_changes("VIEW " + own());
    changes("ALTER VIEW " + own() + " SET (security_barrier)");
    changes("ALTER VIEW " + own() + " RENAME COLUMN n1 TO n2");
    changes("DROP VIEW " + own());
  }

  void make_function() {
    add("CREATE FUNCTION " + own() + "(" + quote_identifier(*identifier()) + " text DEFAULT " + text() +
        ") RETURNS text LANGUAGE plpgsql AS " + text());
    comment_changes("FUNCTION " + own());
    changes("ALTER FUNCTION " + own() + " STRICT SET search_path = " + quote_identifier(*identifier()));
    changes("REVOKE EXECUTE ON FUNCTION " + own() + " FROM PUBLIC");
    changes("DROP FUNCTION " + own());
  }

  void make_enum() {
    const auto labels = *rc::gen::container<std::set<std::string>>(identifier());
    Strings quoted;
    for (const std::string& label : labels) quoted.push_back(quote_literal(label));
    add("CREATE TYPE " + own() + " AS ENUM (" + join(quoted, ", ") + ")");
    comment_changes("TYPE " + own());
    changes("ALTER TYPE " + own() + " ADD VALUE 'not yet, ''there'");
    changes("DROP TYPE " + own());
  }

  void make_sequence() {
    add("CREATE SEQUENCE " + own() + " INCREMENT " + std::to_string(*rc::gen::inRange(1, 100)));
    comment_changes("SEQUENCE " + own());
    changes("ALTER SEQUENCE " + own() + " INCREMENT 1000 CYCLE");
    changes("DROP SEQUENCE " + own());
  }

  void make_domain() {
    add("CREATE DOMAIN " + own() + " AS text DEFAULT " + text() + " CONSTRAINT " +
        quote_identifier(*identifier()) + " CHECK (VALUE <> " + text() + ")");
    comment_changes("DOMAIN " + own());
    changes("ALTER DOMAIN " + own() + " SET NOT NULL");
    changes("DROP DOMAIN " + own());
  }

  RandomSchema schema_;
  std::string name_;
  Strings statements_;
  std::set<std::string> used_{"t"};
};

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

void showValue(const RandomSchema& schema, std::ostream& out) {
  out << schema.name << "\n";
  for (const auto& object : schema.objects) out << join(object, ";\n") << ";\n";
}

rc::Gen<RandomSchema> random_schema() {
  return rc::gen::exec([] { return Maker().make(); });
}

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
