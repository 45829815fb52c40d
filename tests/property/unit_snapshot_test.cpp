#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>
#include <sstream>

#include "diff/compare.h"
#include "snapshot/json.h"
#include "snapshot/kinds.h"
#include "tests/property/names.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

constexpr int version = 15;

struct Row {
  const Kind* kind = nullptr;
  std::string schema, parent, name;
  std::vector<std::string> values;
};
using Rows = std::vector<Row>;

bool has(const Attribute& attribute) {
  return attribute.since <= version && (attribute.until == 0 || version <= attribute.until);
}

rc::Gen<const Kind*> kind_of_version() {
  return rc::gen::suchThat(
      rc::gen::elementOf(std::vector<const Kind*>(all_kinds().begin(), all_kinds().end())),
      [](const Kind* kind) { return kind->since <= version; });
}

// Values are drawn from a few texts: to make one for each attribute would take most of the time.
rc::Gen<Row> row(const std::vector<std::string>& texts) {
  return rc::gen::exec([texts] {
    Row made;
    made.kind = *kind_of_version();
    made.schema =
        *rc::gen::oneOf(rc::gen::just(std::string("public")), identifier(), rc::gen::just(std::string()));
    made.name = *identifier();
    std::size_t random = *rc::gen::inRange<std::size_t>(0, 1u << 30);
    for (const Attribute& attribute : made.kind->attributes) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const std::size_t place = (random >> 33) % (2 * texts.size());
      made.values.push_back(has(attribute) && place < texts.size() ? texts[place] : "");
    }
    return made;
  });
}

// Objects without two of one name, some of them below others.
rc::Gen<Rows> rows() {
  constexpr int size = 25;
  return rc::gen::resize(
      size, rc::gen::exec([] {
        const auto texts = *rc::gen::container<std::vector<std::string>>(4, any_text());
        Rows made = *rc::gen::container<Rows>(row(texts));
        std::set<std::pair<std::string, std::string>> names;
        std::erase_if(made, [&](const Row& one) { return !names.emplace(one.schema, one.name).second; });
        for (Row& one : made) {
          if (one.kind->parent_kinds.empty()) continue;
          const Row& parent = *rc::gen::elementOf(made);
          const bool fits = &parent != &one && parent.kind->parent_kinds.empty();
          one.parent = fits ? parent.name : *identifier();
          if (fits) one.schema = parent.schema;
        }
        std::set<std::tuple<const Kind*, std::string, std::string, std::string>> ids;
        std::erase_if(made, [&](const Row& one) {
          return !ids.emplace(one.kind, one.schema, one.parent, one.name).second;
        });
        return made;
      }));
}

Snapshot snapshot_of(const Rows& rows, SymbolTable& symbols) {
  Snapshot snapshot;
  snapshot.server_version = version;
  for (const Row& one : rows) {
    std::vector<Symbol> values;
    for (const std::string& value : one.values) values.push_back(symbols.intern(value));
    snapshot.add({one.kind, symbols.intern(one.schema), symbols.intern(one.parent), symbols.intern(one.name)},
                 values);
  }
  snapshot.seal();
  return snapshot;
}

std::string json_of(const Snapshot& snapshot) {
  std::ostringstream out;
  write_json(snapshot, out);
  return out.str();
}

Rows shuffled(Rows rows) {
  for (std::size_t i = rows.size(); i > 1; --i)
    std::swap(rows[i - 1], rows[*rc::gen::inRange<std::size_t>(0, i)]);
  return rows;
}

}  // namespace

TEST_CASE("a random snapshot does not differ from itself, whatever the order of its rows") {
  CHECK(rc::check([] {
    const Rows made = *rows();
    SymbolTable symbols;
    const Snapshot one = snapshot_of(made, symbols), other = snapshot_of(shuffled(made), symbols);
    RC_ASSERT(compare(one, one).empty());
    RC_ASSERT(compare(one, other).empty());
    RC_ASSERT(one.fingerprint() == other.fingerprint());
    RC_ASSERT(json_of(one) == json_of(other));
  }));
}

TEST_CASE("a random snapshot comes back from JSON without loss") {
  CHECK(rc::check([] {
    SymbolTable symbols;
    const Snapshot one = snapshot_of(*rows(), symbols);
    const std::string text = json_of(one);
    std::istringstream in(text);
    const Snapshot back = read_json(in, symbols, "random.json");
    RC_ASSERT(back.size() == one.size());
    RC_ASSERT(compare(back, one).empty());
    RC_ASSERT(json_of(back) == text);
  }));
}

TEST_CASE("a random change of a value is found, and nothing else") {
  CHECK(rc::check([] {
    Rows made = *rc::gen::nonEmpty(rows());
    SymbolTable symbols;
    const Snapshot before = snapshot_of(made, symbols);
    const std::size_t place = *rc::gen::inRange<std::size_t>(0, made.size());
    Row& one = made[place];
    RC_PRE(!one.values.empty());
    const std::size_t attribute = *rc::gen::inRange<std::size_t>(0, one.values.size());
    const Attribute& declared = one.kind->attributes[attribute];
    RC_PRE(has(declared) && declared.compared && !declared.comes_by_use && declared.form != Form::order);
    one.values[attribute] += *identifier();
    const std::vector<Difference> found = compare(snapshot_of(made, symbols), before);
    RC_ASSERT(found.size() == 1u);
    RC_ASSERT(found[0].verb == Difference::Verb::changed);
    RC_ASSERT(found[0].id.kind == one.kind && found[0].id.name.view() == one.name);
    RC_ASSERT(found[0].attributes == std::vector<std::size_t>{attribute});
  }));
}

TEST_CASE("what is on one side only is unexpected there and missing here") {
  CHECK(rc::check([] {
    Rows made = *rc::gen::nonEmpty(rows());
    SymbolTable symbols;
    const Snapshot whole = snapshot_of(made, symbols);
    const std::size_t place = *rc::gen::inRange<std::size_t>(0, made.size());
    const Row gone = made[place];
    made.erase(made.begin() + static_cast<std::ptrdiff_t>(place));
    const Snapshot rest = snapshot_of(made, symbols);
    const auto unexpected = compare(whole, rest), missing = compare(rest, whole);
    RC_ASSERT(unexpected.size() == 1u && missing.size() == 1u);
    RC_ASSERT(unexpected[0].verb == Difference::Verb::unexpected &&
              missing[0].verb == Difference::Verb::missing);
    RC_ASSERT(unexpected[0].id == missing[0].id && missing[0].id.name.view() == gone.name);
  }));
}
