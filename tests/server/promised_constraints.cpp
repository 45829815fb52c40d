#include <algorithm>
#include <set>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "tests/server/promises.h"

namespace plumbline::testing {

namespace {

std::string text_of(Symbol symbol) { return std::string(symbol.view()); }

// The words at the end of a definition that are no part of it.
struct Trailer {
  std::string_view rest;
  std::set<std::string_view> words;
};

Trailer trailer_of(std::string_view definition) {
  constexpr std::string_view endings[] = {" NOT VALID", " INITIALLY DEFERRED", " DEFERRABLE", " NOT ENFORCED",
                                          " NO INHERIT"};
  Trailer result{definition, {}};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view ending : endings) {
      if (!result.rest.ends_with(ending)) continue;
      result.rest.remove_suffix(ending.size());
      result.words.insert(ending.substr(1));
      again = true;
    }
  }
  return result;
}

// "(a, PERIOD b)" -> a, b.
std::vector<std::string> columns_in(std::string_view sql, std::size_t open) {
  std::vector<std::string> names;
  for (std::string item : split_outside(within(sql, open), ", ")) {
    if (item.starts_with("PERIOD ")) item.erase(0, 7);
    names.push_back(unquoted(item.substr(0, find_outside(item, " "))));
  }
  return names;
}

std::vector<std::string> key_of(const Object& constraint) {
  const std::string_view sql = constraint["definition"];
  return columns_in(sql, sql.find('('));
}

struct Reference {
  std::string schema, table;
  std::vector<std::string> columns;
  std::string_view rules;  // what follows
};

Reference reference_of(const Object& constraint) {
  const std::string_view sql = constraint["definition"];
  const std::size_t from = find_outside(sql, " REFERENCES ") + 12;
  std::size_t open = from;
  for (bool quoted = false; open < sql.size() && (quoted || sql[open] != '('); ++open)
    quoted ^= sql[open] == '"';
  const auto [schema, table] = names_of(sql.substr(from, open - from));
  const std::string_view inside = within(sql, open);
  return {schema, table, columns_in(sql, open), sql.substr(open + inside.size() + 2)};
}

// Each unique or primary key of the table over these columns: which of them the foreign key uses is not
// stated.
std::vector<Object> fitting_keys(const Promises& promises, const Reference& reference) {
  std::vector<Object> result;
  const auto table = promises.find("table", reference.schema, reference.table);
  if (!table) return result;
  const std::set<std::string> wanted(reference.columns.begin(), reference.columns.end());
  for (const Object& key : promises.snapshot.children(table->id(), kinds::constraint)) {
    if (key["type"] != "primary key" && key["type"] != "unique") continue;
    const auto columns = key_of(key);
    if (std::set<std::string>(columns.begin(), columns.end()) == wanted) result.push_back(key);
  }
  return result;
}

std::string rule_after(std::string_view rules, std::string_view words) {
  const std::size_t at = rules.find(words);
  if (at == rules.npos) return "NO ACTION";
  const std::string_view rest = rules.substr(at + words.size());
  for (const char* action : {"CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"}) {
    if (rest.starts_with(action)) return action;
  }
  return "NO ACTION";
}

void promise_reference(Promises& promises, const Object& constraint) {
  const Reference reference = reference_of(constraint);
  PromisedRow& row = promises.add("referential_constraints",
                                  {text_of(constraint.id().schema), text_of(constraint.id().name)});
  row.facts.insert_or_assign("match_option", reference.rules.starts_with(" MATCH FULL") ? "FULL" : "NONE");
  row.facts.insert_or_assign("update_rule", rule_after(reference.rules, " ON UPDATE "));
  row.facts.insert_or_assign("delete_rule", rule_after(reference.rules, " ON DELETE "));
  std::vector<Text> names{Text()}, schemas{Text()};  // a unique index will do as well
  for (const Object& key : fitting_keys(promises, reference)) {
    names.emplace_back(text_of(key.id().name));
    schemas.emplace_back(text_of(key.id().schema));
  }
  row.facts.insert_or_assign("unique_constraint_name", names);
  row.facts.insert_or_assign("unique_constraint_schema", schemas);
  for (const std::string& column : reference.columns) {
    promises.add("constraint_column_usage", {text_of(constraint.id().schema), text_of(constraint.id().name),
                                             reference.schema, reference.table, column});
  }
}

// Where the i-th referenced column stands in one of the keys that fit.
Promise place_in_key(const Promises& promises, const Object& constraint, std::size_t i) {
  if (constraint["type"] != "foreign key") return std::nullopt;
  const Reference reference = reference_of(constraint);
  std::vector<Text> places;
  for (const Object& key : fitting_keys(promises, reference)) {
    const auto columns = key_of(key);
    const auto found = std::ranges::find(columns, reference.columns.at(i));
    places.emplace_back(std::to_string(found - columns.begin() + 1));
  }
  if (places.empty()) return Promise::not_in_snapshot("the foreign key uses a unique index");
  return places;
}

void promise_key_columns(Promises& promises, const Object& constraint) {
  const ObjectId& id = constraint.id();
  const auto columns = key_of(constraint);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    PromisedRow& row = promises.add("key_column_usage", {text_of(id.schema), text_of(id.name),
                                                         text_of(id.schema), text_of(id.parent), columns[i]});
    row.facts.insert_or_assign("ordinal_position", std::to_string(i + 1));
    row.facts.insert_or_assign("position_in_unique_constraint", place_in_key(promises, constraint, i));
    if (constraint["type"] == "foreign key") continue;
    promises.add("constraint_column_usage",
                 {text_of(id.schema), text_of(id.name), text_of(id.schema), text_of(id.parent), columns[i]});
  }
}

void promise_clause(Promises& promises, const Object& constraint) {
  // Up to 16 with the parentheses of the definition and what follows them.
  const std::string_view definition = constraint["definition"], rest = trailer_of(definition).rest;
  PromisedRow& row =
      promises.add("check_constraints", {text_of(constraint.id().schema), text_of(constraint.id().name)});
  row.facts.insert_or_assign(
      "check_clause", std::vector<Text>{text(definition.substr(6)), text(rest.substr(7, rest.size() - 8))});
}

PromisedRow& promise_table_constraint(Promises& promises, const ObjectId& table, const std::string& name) {
  PromisedRow& row = promises.add("table_constraints",
                                  {text_of(table.schema), name, text_of(table.schema), text_of(table.name)});
  row.facts.insert_or_assign("constraint_type", "CHECK");
  row.facts.insert_or_assign("is_deferrable", "NO");
  row.facts.insert_or_assign("initially_deferred", "NO");
  row.facts.insert_or_assign("enforced", "YES");
  row.facts.insert_or_assign("nulls_distinct", std::nullopt);
  return row;
}

void promise_constraint(Promises& promises, const Object& table, const Object& constraint) {
  const std::string_view type = constraint["type"];
  if (type == "exclude") return;  // no part of the standard
  const auto words = trailer_of(constraint["definition"]).words;
  PromisedRow& row = promise_table_constraint(promises, table.id(), text_of(constraint.id().name));
  std::string upper = text(type);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  row.facts.insert_or_assign("constraint_type", upper);
  row.facts.insert_or_assign("is_deferrable", yes_or_no(words.contains("DEFERRABLE")));
  row.facts.insert_or_assign("initially_deferred", yes_or_no(words.contains("INITIALLY DEFERRED")));
  row.facts.insert_or_assign("enforced", yes_or_no(!words.contains("NOT ENFORCED")));
  if (type == "unique") {
    row.facts.insert_or_assign("nulls_distinct",
                               yes_or_no(!constraint["definition"].starts_with("UNIQUE NULLS NOT DISTINCT")));
  }
  if (type != "check") promise_key_columns(promises, constraint);
  if (type == "foreign key") promise_reference(promises, constraint);
}

// The constraint behind NOT NULL: from 18 on it has a name, which a snapshot has when it is not the usual
// one.
std::string not_null_name(const Promises& promises, const Object& table, const Object& column) {
  const std::string name = text_of(column.id().name), of = text_of(table.id().name);
  if (promises.published.version < 18) return of + "." + name + " is not null";
  for (const Object& named : promises.snapshot.children(table.id(), kinds::not_null_constraint)) {
    if (unquoted(named["column"]) == name) return text_of(named.id().name);
  }
  return of + "_" + name + "_not_null";
}

void promise_not_null(Promises& promises, const Object& relation, bool is_table) {
  for (const Object& column : promises.snapshot.children(relation.id(), kinds::column)) {
    if (column["not_null"].empty()) continue;
    const std::string schema = text_of(relation.id().schema),
                      name = not_null_name(promises, relation, column);
    const bool is_named = promises.published.version >= 18;
    if (!is_table && !is_named) continue;
    PromisedRow& clause = promises.add("check_constraints", {schema, name});
    clause.facts.insert_or_assign("check_clause", text_of(column.id().name) + " IS NOT NULL");
    if (!is_table) continue;
    promise_table_constraint(promises, relation.id(), name);
    if (is_named) {
      promises.add("constraint_column_usage",
                   {schema, name, schema, text_of(relation.id().name), text_of(column.id().name)});
    }
  }
}

void promise_domain_constraints(Promises& promises, const Object& domain) {
  const std::string schema = text_of(domain.id().schema), of = text_of(domain.id().name);
  const auto promise = [&](const std::string& name) {
    PromisedRow& row = promises.add("domain_constraints", {schema, name, schema, of});
    row.facts.insert_or_assign("is_deferrable", "NO");
    row.facts.insert_or_assign("initially_deferred", "NO");
  };
  for (const Object& constraint : promises.snapshot.children(domain.id(), kinds::constraint)) {
    if (constraint["of_domain"].empty()) continue;
    promise(text_of(constraint.id().name));
    promise_clause(promises, constraint);
  }
  if (domain["not_null"].empty() || promises.published.version < 17) return;
  const std::string name = domain["not_null_name"].empty() ? of + "_not_null" : text(domain["not_null_name"]);
  promise(name);
  promises.add("check_constraints", {schema, name})
      .facts.insert_or_assign("check_clause", "VALUE IS NOT NULL");
}

}  // namespace

void promise_constraints(Promises& promises) {
  for (const char* kind : {"table", "foreign_table"}) {
    each_of(promises.snapshot, kind, [&](const Object& relation) {
      const bool is_table = relation.id().kind == &kinds::table;
      for (const Object& constraint : promises.snapshot.children(relation.id(), kinds::constraint)) {
        if (!constraint["of_domain"].empty()) continue;
        if (constraint["type"] == "check") promise_clause(promises, constraint);
        if (is_table) promise_constraint(promises, relation, constraint);
      }
      promise_not_null(promises, relation, is_table);
    });
  }
  each_of(promises.snapshot, "domain",
          [&](const Object& domain) { promise_domain_constraints(promises, domain); });
}

}  // namespace plumbline::testing
