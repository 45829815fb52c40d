#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expected/information_schema.h"
#include "snapshot/kind.h"
#include "snapshot/snapshot.h"

// What a snapshot says that information_schema has to publish: read off the texts of the snapshot, without
// asking the server.
namespace plumbline::testing {

using Text = std::optional<std::string>;

// One of these texts; none, when a snapshot does not hold the fact, with the reason.
struct Promise {
  std::vector<Text> any_of;
  std::string_view unknown = {};

  Promise(Text text) : any_of{std::move(text)} {}                 // NOLINT(google-explicit-constructor)
  Promise(const char* text) : any_of{std::string(text)} {}        // NOLINT(google-explicit-constructor)
  Promise(std::string text) : any_of{std::move(text)} {}          // NOLINT(google-explicit-constructor)
  Promise(std::string_view text) : any_of{std::string(text)} {}   // NOLINT(google-explicit-constructor)
  Promise(std::vector<Text> texts) : any_of(std::move(texts)) {}  // NOLINT(google-explicit-constructor)
  Promise(std::nullopt_t) : any_of{Text()} {}                     // NOLINT(google-explicit-constructor)
  static Promise not_in_snapshot(std::string_view why) {
    Promise result(std::vector<Text>{});
    result.unknown = why;
    return result;
  }
};

struct PromisedRow {
  std::map<std::string, Promise, std::less<>> facts;
  bool may_be_missing = false;
};

using Key = std::vector<std::string>;
using PromisedRows = std::map<Key, std::vector<PromisedRow>>;

struct Promises {
  const Snapshot& snapshot;
  const InformationSchema& published;  // for who has rights of others
  std::map<std::string, PromisedRows, std::less<>> views;
  // The places of objects without a parent, by kind, schema and name.
  std::map<std::array<std::string_view, 3>, std::size_t> places;

  Promises(const Snapshot& of, const InformationSchema& as) : snapshot(of), published(as) {
    for (std::size_t place = 0; place < of.size(); ++place) {
      const ObjectId& id = of.id(place);
      if (id.parent.empty()) places[{id.kind->name, id.schema.view(), id.name.view()}] = place;
    }
  }
  std::optional<Object> find(std::string_view kind, std::string_view schema, std::string_view name) const {
    const auto found = places.find({kind, schema, name});
    return found == places.end() ? std::nullopt : std::optional<Object>(snapshot[found->second]);
  }
  PromisedRow& add(std::string_view view, Key key) {
    return views[std::string(view)][std::move(key)].emplace_back();
  }
};

void promise_relations(Promises& promises);
void promise_types(Promises& promises);
void promise_constraints(Promises& promises);
void promise_triggers(Promises& promises);
void promise_routines(Promises& promises);
void promise_privileges(Promises& promises);

// Whether a row that is published and not promised follows from what the snapshot has.
bool is_implied(const Promises& promises, std::string_view view, const Key& key);

std::string text(std::string_view view);
std::string yes_or_no(bool yes);
// "\"A b\"" -> "A b".
std::string unquoted(std::string_view name);
// Splits at `separator` outside of quotes, parentheses and brackets.
std::vector<std::string> split_outside(std::string_view sql, std::string_view separator);
// The first place of `what` outside of quotes and parentheses; npos.
std::size_t find_outside(std::string_view sql, std::string_view what, std::size_t from = 0);
// "s.t" -> {"s", "t"}, unquoted; no schema: {"pg_catalog", name}.
std::pair<std::string, std::string> names_of(std::string_view qualified);
// What stands in the parentheses that open at `open`.
std::string_view within(std::string_view sql, std::size_t open);

// A type as format_type prints it.
struct TypeName {
  std::string schema, name;  // as in pg_type; of an array, of its elements
  std::string modifier;      // "10,2", "YEAR TO MONTH"
  bool is_array = false;
};
TypeName parse_type(std::string_view printed);
// "integer" for pg_catalog.int4.
std::string printed(const TypeName& type);
// data_type as information_schema says it of a routine's, a parameter's and an attribute's.
Promise data_type(const Promises& promises, const TypeName& type);
Promise udt_name(const TypeName& type);
// The domain of that name, if it is one.
std::optional<Object> domain_of(const Promises& promises, const TypeName& type);
// Length, precision, collation, ... of a column of that type, with domains seen through.
void promise_modifiers(const Promises& promises, const TypeName& type, std::string_view collation,
                       PromisedRow& row);

// Visits the objects of a kind.
template <typename Visit>
void each_of(const Snapshot& snapshot, std::string_view kind, Visit visit) {
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Object object = snapshot[place];
    if (object.id().kind->name == kind) visit(object);
  }
}

}  // namespace plumbline::testing
