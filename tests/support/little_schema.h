#pragma once

#include <array>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/kind.h"
#include "snapshot/snapshot.h"

// Kinds of our own and snapshots filled by hand, for tests of what knows no kind.
namespace plumbline::little {

constexpr Attribute attribute(std::string_view name, Class meaning = Class::breaking,
                              Form form = Form::text) {
  return {.name = name, .sql = {}, .form = form, .meaning = meaning};
}

inline constexpr std::array schema_attributes = {attribute("owner", Class::security)};
inline constexpr std::array table_attributes = {
    attribute("row_security", Class::security),
    attribute("storage_parameters", Class::operational),
    attribute("column_order", Class::cosmetic, Form::order),
    Attribute{.name = "newer", .sql = {}, .since = 16},
    Attribute{.name = "older", .sql = {}, .until = 14},
    Attribute{.name = "size", .sql = {}, .compared = false},
    attribute("comment", Class::cosmetic),
};
inline constexpr std::array column_attributes = {attribute("type"), attribute("not_null")};
inline constexpr std::array default_attributes = {attribute("expression", Class::data, Form::expression)};
inline constexpr std::array index_attributes = {
    attribute("definition", Class::operational, Form::expression)};
inline constexpr std::array function_attributes = {attribute("volatility"),
                                                   attribute("source", Class::breaking, Form::code),
                                                   attribute("owner", Class::security)};
inline constexpr std::array sequence_attributes = {attribute("owned_by"), attribute("increment")};

struct Classes {
  Class missing = Class::breaking, unexpected = Class::additive;
};

// `label` is the name for people; `parents` the kinds its parent can be of.
inline Kind kind_of(std::string_view name, std::string_view label, std::span<const Attribute> attributes,
                    std::string_view parents = {}, Classes classes = {}) {
  Kind kind{
      .name = name, .label = label, .address = {}, .identity = {}, .from = {}, .attributes = attributes};
  kind.missing = classes.missing;
  kind.unexpected = classes.unexpected;
  kind.parent_kinds = parents;
  return kind;
}

// Kinds that are not in all_kinds() are ordered by address: an array keeps this order.
inline const std::array<Kind, 7> kinds = [] {
  std::array<Kind, 7> all = {
      kind_of("schema", "schema", schema_attributes),
      kind_of("sequence", "sequence", sequence_attributes),
      kind_of("table", "table", table_attributes, {}, {.missing = Class::data}),
      kind_of("column", "column", column_attributes, "table"),
      kind_of("column_default", "default", default_attributes, "column", {.unexpected = Class::operational}),
      kind_of("index", "index", index_attributes, "table", {Class::operational, Class::operational}),
      kind_of("function", "function", function_attributes)};
  all[0].is_namespace = true;
  for (Kind& one : all) one.keyword = one.name;
  for (const std::size_t place : {0, 1, 2, 3}) all[place].holds_rows = true;
  all[3].part_of_parent = true;
  all[4].reported_as = "default";
  all[6].name_is_sql = true;
  return all;
}();

inline const Kind& kind(std::string_view name) {
  for (const Kind& one : kinds) {
    if (one.name == name) return one;
  }
  throw std::out_of_range(std::string(name));
}

// Fills one snapshot: Schema(symbols).add("table", "public", "", "users", {{"comment", "all of them"}})
class Schema {
 public:
  explicit Schema(SymbolTable& symbols, int version = 15) : symbols_(symbols) {
    snapshot_.server_version = version;
  }

  Schema& add(std::string_view kind_name, std::string_view schema, std::string_view parent,
              std::string_view name, const std::map<std::string_view, std::string_view>& values = {}) {
    std::vector<Symbol> row(kind(kind_name).attributes.size());
    for (const auto& [attribute, value] : values) {
      row[attribute_index(kind(kind_name), attribute)] = symbols_.intern(value);
    }
    snapshot_.add(id(kind_name, schema, parent, name), row);
    return *this;
  }

  Schema& depends(const ObjectId& dependent, const ObjectId& referenced, bool automatic) {
    using Hold = Dependency::Hold;
    snapshot_.add_dependency({dependent, referenced, automatic ? Hold::automatic : Hold::normal});
    return *this;
  }

  ObjectId id(std::string_view kind_name, std::string_view schema, std::string_view parent,
              std::string_view name) {
    return {&kind(kind_name), symbols_.intern(schema), symbols_.intern(parent), symbols_.intern(name)};
  }

  const Snapshot& snapshot() const { return snapshot_; }

  const Snapshot& sealed() {
    snapshot_.seal();
    return snapshot_;
  }

 private:
  SymbolTable& symbols_;
  Snapshot snapshot_;
};

}  // namespace plumbline::little
