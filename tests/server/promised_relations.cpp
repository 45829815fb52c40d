#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "tests/server/promises.h"

namespace plumbline::testing {

namespace {

constexpr std::string_view query_of_view = "a view's columns follow from its query";
constexpr std::string_view order = "the order is held, see is_in_order";

std::string text_of(Symbol symbol) { return std::string(symbol.view()); }

// The limits of a sequence, of which a snapshot has what is not the default.
struct Limits {
  std::string minimum, maximum, start, increment;
};

Limits limits_of(const Object& sequence) {
  const std::string_view type = sequence["data_type"];
  const std::string last = type == "smallint"  ? "32767"
                           : type == "integer" ? "2147483647"
                                               : "9223372036854775807";
  const std::string first = type == "smallint"  ? "-32768"
                            : type == "integer" ? "-2147483648"
                                                : "-9223372036854775808";
  const auto said = [&](std::string_view attribute, const std::string& otherwise) {
    return sequence[attribute].empty() ? otherwise : text(sequence[attribute]);
  };
  Limits limits;
  limits.increment = said("increment", "1");
  const bool down = limits.increment.starts_with('-');
  limits.minimum = said("minimum", down ? first : "1");
  limits.maximum = said("maximum", down ? "-1" : last);
  limits.start = said("start", down ? limits.maximum : limits.minimum);
  return limits;
}

// schema.table.column, unquoted -> the sequences that belong to it. An identity column has one of its own,
// and may own others besides: the snapshot does not tell which is which.
using Behind = std::multimap<Key, Object>;

Key owner_of(const Object& sequence) {
  Key result;
  for (const std::string& name : split_outside(sequence["owned_by"], ".")) result.push_back(unquoted(name));
  return result;
}

Behind owned_sequences(const Promises& promises) {
  Behind result;
  each_of(promises.snapshot, "sequence", [&](const Object& sequence) {
    if (!sequence["owned_by"].empty()) result.emplace(owner_of(sequence), sequence);
  });
  return result;
}

void promise_identity(const Object& column, const Behind& sequences, PromisedRow& row) {
  const std::string_view identity = column["identity"];
  const ObjectId& id = column.id();
  row.facts.insert_or_assign("is_identity", yes_or_no(!identity.empty()));
  row.facts.insert_or_assign("identity_generation", identity.empty()       ? Promise(std::nullopt)
                                                    : identity == "always" ? Promise("ALWAYS")
                                                                           : Promise("BY DEFAULT"));
  std::map<std::string, std::vector<Text>> said;
  auto [from, to] = sequences.equal_range({text_of(id.schema), text_of(id.parent), text_of(id.name)});
  if (identity.empty()) from = to;
  for (; from != to; ++from) {
    const Limits limits = limits_of(from->second);
    said["identity_start"].emplace_back(limits.start);
    said["identity_increment"].emplace_back(limits.increment);
    said["identity_maximum"].emplace_back(limits.maximum);
    said["identity_minimum"].emplace_back(limits.minimum);
    said["identity_cycle"].emplace_back(yes_or_no(!from->second["cycle"].empty()));
  }
  for (const char* fact : {"identity_start", "identity_increment", "identity_maximum", "identity_minimum"}) {
    row.facts.insert_or_assign(fact, said.empty() ? Promise(std::nullopt) : Promise(said[fact]));
  }
  row.facts.insert_or_assign("identity_cycle",
                             said.empty() ? Promise("NO") : Promise(said["identity_cycle"]));
}

void promise_default(const Promises& promises, const Object& column, PromisedRow& row) {
  const ObjectId id{&kinds::column_default, column.id().schema, column.id().parent, column.id().name};
  const auto found = promises.snapshot.find(id);
  const bool generated = !column["generated"].empty();
  const Promise said = found ? Promise((*found)["expression"]) : Promise(std::nullopt);
  row.facts.insert_or_assign("column_default", generated ? Promise(std::nullopt) : said);
  row.facts.insert_or_assign("generation_expression", generated ? said : Promise(std::nullopt));
  row.facts.insert_or_assign("is_generated", generated ? "ALWAYS" : "NEVER");
}

void promise_type(const Promises& promises, const Object& column, PromisedRow& row) {
  const TypeName type = parse_type(column["type"]);
  if (type.schema == "information_schema") {
    for (const char* fact :
         {"data_type", "udt_schema", "udt_name", "domain_schema", "domain_name", "is_nullable"}) {
      row.facts.insert_or_assign(fact, Promise::not_in_snapshot("the server's own domain"));
    }
    promise_modifiers(promises, {"", "", "", false}, "", row);
    for (auto& [fact, promise] : row.facts) {
      if (fact.find("_") != fact.npos && promise.any_of == std::vector<Text>{Text()})
        promise = Promise::not_in_snapshot("the server's own domain");
    }
    return;
  }
  const auto domain = type.is_array ? std::nullopt : domain_of(promises, type);
  const TypeName base = domain ? parse_type((*domain)["type"]) : type;
  promise_modifiers(promises, type, column["collation"], row);
  row.facts.insert_or_assign("data_type", data_type(promises, base));
  row.facts.insert_or_assign("udt_schema", base.schema);
  row.facts.insert_or_assign("udt_name", udt_name(base));
  row.facts.insert_or_assign("domain_schema", domain ? Promise(type.schema) : Promise(std::nullopt));
  row.facts.insert_or_assign("domain_name", domain ? Promise(type.name) : Promise(std::nullopt));
  const bool not_null = !column["not_null"].empty() || (domain && !(*domain)["not_null"].empty());
  row.facts.insert_or_assign("is_nullable", yes_or_no(!not_null));
}

void promise_view_type(PromisedRow& row) {
  for (const char* fact :
       {"data_type", "udt_schema", "udt_name", "domain_schema", "domain_name", "is_nullable",
        "character_maximum_length", "character_octet_length", "numeric_precision", "numeric_precision_radix",
        "numeric_scale", "datetime_precision", "interval_type", "collation_schema", "collation_name"}) {
    row.facts.insert_or_assign(fact, Promise::not_in_snapshot(query_of_view));
  }
}

void promise_columns(Promises& promises) {
  const Behind sequences = owned_sequences(promises);
  each_of(promises.snapshot, "column", [&](const Object& column) {
    const ObjectId& id = column.id();
    if (promises.find("materialized_view", id.schema.view(), id.parent.view())) return;
    PromisedRow& row = promises.add("columns", {text_of(id.schema), text_of(id.parent), text_of(id.name)});
    if (column["type"].empty()) {
      promise_view_type(row);
    } else {
      promise_type(promises, column, row);
    }
    promise_identity(column, sequences, row);
    promise_default(promises, column, row);
    row.facts.insert_or_assign("ordinal_position", Promise::not_in_snapshot(order));
  });
}

void promise_tables(Promises& promises) {
  constexpr std::pair<std::string_view, const char*> types[] = {
      {"table", "BASE TABLE"}, {"view", "VIEW"}, {"foreign_table", "FOREIGN"}};
  for (const auto& [kind, type] : types) {
    each_of(promises.snapshot, kind, [&, kind = kind, type = type](const Object& object) {
      PromisedRow& row = promises.add("tables", {text_of(object.id().schema), text_of(object.id().name)});
      const bool is_table = kind == "table";
      const std::string_view of = is_table ? object["of_type"] : std::string_view();
      row.facts.insert_or_assign("table_type", type);
      row.facts.insert_or_assign("user_defined_type_schema",
                                 of.empty() ? Promise(std::nullopt) : Promise(names_of(of).first));
      row.facts.insert_or_assign("user_defined_type_name",
                                 of.empty() ? Promise(std::nullopt) : Promise(names_of(of).second));
      row.facts.insert_or_assign("is_typed", yes_or_no(!of.empty()));
    });
  }
}

// A trigger INSTEAD OF that event, for each row.
bool has_instead(const Promises& promises, const Object& view, std::string_view event) {
  bool found = false;
  for (const Object& trigger : promises.snapshot.children(view.id(), kinds::trigger)) {
    const std::string_view sql = trigger["definition"];
    const std::size_t from = find_outside(sql, " INSTEAD OF ");
    if (from == sql.npos) continue;
    const std::string_view events = sql.substr(from, find_outside(sql, " ON ", from) - from);
    found |= find_outside(events, event) != events.npos;
  }
  return found;
}

void promise_views(Promises& promises) {
  each_of(promises.snapshot, "view", [&](const Object& view) {
    PromisedRow& row = promises.add("views", {text_of(view.id().schema), text_of(view.id().name)});
    const std::string options = ", " + text(view["options"]) + ", ";
    row.facts.insert_or_assign("view_definition", view["definition"]);
    row.facts.insert_or_assign("check_option",
                               options.find(", check_option=cascaded, ") != options.npos ? "CASCADED"
                               : options.find(", check_option=local, ") != options.npos  ? "LOCAL"
                                                                                         : "NONE");
    row.facts.insert_or_assign("is_trigger_updatable", yes_or_no(has_instead(promises, view, " UPDATE")));
    row.facts.insert_or_assign("is_trigger_deletable", yes_or_no(has_instead(promises, view, " DELETE")));
    row.facts.insert_or_assign("is_trigger_insertable_into",
                               yes_or_no(has_instead(promises, view, " INSERT")));
  });
}

bool has_identity(const Promises& promises, const Key& column) {
  for (const char* kind : {"table", "foreign_table"}) {
    const auto owner = promises.find(kind, column[0], column[1]);
    if (!owner) continue;
    for (const Object& each : promises.snapshot.children(owner->id(), kinds::column)) {
      if (each.id().name.view() == column[2]) return !each["identity"].empty();
    }
  }
  return false;
}

void promise_sequences(Promises& promises) {
  const Behind owned = owned_sequences(promises);
  each_of(promises.snapshot, "sequence", [&](const Object& sequence) {
    // The one behind an identity column is told with the column.
    const Key owner = owner_of(sequence);
    const bool may_be_behind = owner.size() == 3 && has_identity(promises, owner);
    if (may_be_behind && owned.count(owner) == 1) return;
    PromisedRow& row =
        promises.add("sequences", {text_of(sequence.id().schema), text_of(sequence.id().name)});
    const std::string type = sequence["data_type"].empty() ? "bigint" : text(sequence["data_type"]);
    const Limits limits = limits_of(sequence);
    row.may_be_missing = may_be_behind;
    row.facts.insert_or_assign("data_type", type);
    row.facts.insert_or_assign("numeric_precision", type == "bigint"    ? "64"
                                                    : type == "integer" ? "32"
                                                                        : "16");
    row.facts.insert_or_assign("start_value", limits.start);
    row.facts.insert_or_assign("minimum_value", limits.minimum);
    row.facts.insert_or_assign("maximum_value", limits.maximum);
    row.facts.insert_or_assign("increment", limits.increment);
    row.facts.insert_or_assign("cycle_option", yes_or_no(!sequence["cycle"].empty()));
  });
}

}  // namespace

void promise_relations(Promises& promises) {
  promise_tables(promises);
  promise_columns(promises);
  promise_views(promises);
  promise_sequences(promises);
}

}  // namespace plumbline::testing
