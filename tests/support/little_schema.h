#pragma once

#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/kind.h"
#include "snapshot/snapshot.h"

// Kinds of our own and snapshots filled by hand, for tests of what knows no kind.
namespace plumbline::little {

inline constexpr auto schema_attributes =
    std::to_array<Attribute>({{.name = "owner", .meaning = Class::security}});
inline constexpr auto table_attributes = std::to_array<Attribute>({
    {.name = "row_security", .meaning = Class::security},
    {.name = "storage_parameters", .meaning = Class::operational},
    {.name = "column_order", .form = Form::order, .meaning = Class::cosmetic},
    {.name = "newer", .since = 16},
    {.name = "older", .until = 14},
    {.name = "size", .compared = false},
    {.name = "comment", .meaning = Class::cosmetic},
});
inline constexpr auto column_attributes = std::to_array<Attribute>({{.name = "type"}, {.name = "not_null"}});
inline constexpr auto default_attributes =
    std::to_array<Attribute>({{.name = "expression", .form = Form::expression, .meaning = Class::data}});
inline constexpr auto index_attributes = std::to_array<Attribute>(
    {{.name = "definition", .form = Form::expression, .meaning = Class::operational}});
inline constexpr auto function_attributes =
    std::to_array<Attribute>({{.name = "volatility"},
                              {.name = "source", .form = Form::code},
                              {.name = "owner", .meaning = Class::security}});
inline constexpr auto sequence_attributes =
    std::to_array<Attribute>({{.name = "owned_by"}, {.name = "increment"}});

// Kinds that are not in all_kinds() are ordered by address: an array keeps this order.
inline const std::array<Kind, 7> kinds = {{
    {.name = "schema", .label = "schema", .attributes = schema_attributes},
    {.name = "sequence", .label = "sequence", .attributes = sequence_attributes},
    {.name = "table", .label = "table", .attributes = table_attributes, .missing = Class::data},
    {.name = "column",
     .label = "column",
     .attributes = column_attributes,
     .part_of_parent = true,
     .parent_kinds = "table"},
    {.name = "column_default",
     .label = "default",
     .attributes = default_attributes,
     .missing = Class::breaking,
     .unexpected = Class::operational,
     .reported_as = "default",
     .parent_kinds = "column"},
    {.name = "index",
     .label = "index",
     .attributes = index_attributes,
     .missing = Class::operational,
     .unexpected = Class::operational,
     .parent_kinds = "table"},
    {.name = "function", .label = "function", .attributes = function_attributes, .name_is_sql = true},
}};

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
    snapshot_.add_dependency({dependent, referenced, automatic});
    return *this;
  }

  ObjectId id(std::string_view kind_name, std::string_view schema, std::string_view parent,
              std::string_view name) {
    return {&kind(kind_name), symbols_.intern(schema), symbols_.intern(parent), symbols_.intern(name)};
  }

  const Snapshot& sealed() {
    snapshot_.seal();
    return snapshot_;
  }

 private:
  SymbolTable& symbols_;
  Snapshot snapshot_;
};

}  // namespace plumbline::little
