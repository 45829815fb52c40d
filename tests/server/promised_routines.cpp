#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "tests/server/promises.h"

namespace plumbline::testing {

namespace {

std::string text_of(Symbol symbol) { return std::string(symbol.view()); }

struct Parameter {
  std::string mode = "IN";
  Text name, value;
  TypeName type;
};

// "timestamp with time zone": types of several words, which could be a name and a type.
bool is_type_of_several_words(std::string_view sql) {
  if (sql.ends_with("[]")) sql.remove_suffix(2);
  constexpr std::string_view types[] = {"double precision",
                                        "character varying",
                                        "bit varying",
                                        "timestamp without time zone",
                                        "timestamp with time zone",
                                        "time without time zone",
                                        "time with time zone"};
  return std::ranges::find(types, sql) != std::end(types);
}

Parameter parse_parameter(std::string_view sql) {
  Parameter result;
  constexpr std::pair<std::string_view, std::string_view> modes[] = {
      {"INOUT ", "INOUT"}, {"IN ", "IN"}, {"OUT ", "OUT"}, {"VARIADIC ", "IN"}};
  for (const auto& [word, mode] : modes) {
    if (!sql.starts_with(word)) continue;
    result.mode = mode;
    sql.remove_prefix(word.size());
    break;
  }
  if (const std::size_t at = find_outside(sql, " DEFAULT "); at != sql.npos) {
    result.value = text(sql.substr(at + 9));
    sql = sql.substr(0, at);
  }
  const std::size_t space = find_outside(sql, " ");
  if (space != sql.npos && !is_type_of_several_words(sql)) {
    result.name = unquoted(sql.substr(0, space));
    sql.remove_prefix(space + 1);
  }
  result.type = parse_type(sql);
  return result;
}

std::vector<Parameter> table_columns(std::string_view returns) {
  std::vector<Parameter> result;
  if (!returns.starts_with("TABLE(")) return result;
  for (const std::string& item : split_outside(within(returns, 5), ", ")) {
    Parameter column = parse_parameter(item);
    column.mode = "OUT";
    result.push_back(std::move(column));
  }
  return result;
}

// Of an ordered-set aggregate both lists; a variadic one that ends both is there once (pg_proc).
std::vector<Parameter> parameters_of(const Object& routine) {
  std::string arguments = text(routine["arguments"]);
  if (const std::size_t at = find_outside(arguments, "ORDER BY "); at != arguments.npos) {
    const std::string direct = text(trim(arguments.substr(0, at))), ordered = arguments.substr(at + 9);
    const bool once = direct.starts_with("VARIADIC ") && direct == ordered;
    arguments = direct.empty() || once ? ordered : direct + ", " + ordered;
  }
  std::vector<Parameter> result;
  for (const std::string& item : split_outside(arguments, ", ")) result.push_back(parse_parameter(item));
  for (Parameter& column : table_columns(routine["returns"])) result.push_back(std::move(column));
  return result;
}

void promise_parameters(Promises& promises, const Object& routine) {
  const ObjectId& id = routine.id();
  const auto parameters = parameters_of(routine);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    PromisedRow& row =
        promises.add("parameters", {text_of(id.schema), text_of(id.name), std::to_string(i + 1)});
    row.facts.insert_or_assign("parameter_mode", parameter.mode);
    row.facts.insert_or_assign("parameter_name", parameter.name);
    row.facts.insert_or_assign("parameter_default", parameter.value);
    row.facts.insert_or_assign("data_type", data_type(promises, parameter.type));
    row.facts.insert_or_assign("udt_schema", parameter.type.schema);
    row.facts.insert_or_assign("udt_name", udt_name(parameter.type));
  }
}

TypeName returned(const Object& routine) {
  std::string_view returns = routine["returns"];
  const auto columns = table_columns(returns);
  if (columns.size() == 1) return columns[0].type;
  if (!columns.empty()) return {"pg_catalog", "record", "", false};
  if (returns.starts_with("SETOF ")) returns.remove_prefix(6);
  return parse_type(returns);
}

struct Sort {
  std::string_view kind;
  bool is_procedure = false, is_aggregate = false;
};

void promise_result(Promises& promises, const Object& routine, const Sort& sort, PromisedRow& row) {
  const bool is_window = sort.kind == "function" && !routine["window"].empty();
  row.facts.insert_or_assign("routine_type", sort.is_procedure                ? Promise("PROCEDURE")
                                             : sort.is_aggregate || is_window ? Promise(std::nullopt)
                                                                              : Promise("FUNCTION"));
  if (sort.is_procedure) {
    for (const char* fact : {"data_type", "type_udt_schema", "type_udt_name", "is_null_call"})
      row.facts.insert_or_assign(fact, std::nullopt);
    return;
  }
  const TypeName type = returned(routine);
  row.facts.insert_or_assign("data_type", data_type(promises, type));
  row.facts.insert_or_assign("type_udt_schema", type.schema);
  row.facts.insert_or_assign("type_udt_name", udt_name(type));
  row.facts.insert_or_assign("is_null_call", yes_or_no(!sort.is_aggregate && !routine["strict"].empty()));
}

void promise_body(const Object& routine, const Sort& sort, PromisedRow& row) {
  if (sort.is_aggregate) {
    row.facts.insert_or_assign("routine_body", "EXTERNAL");
    row.facts.insert_or_assign("routine_definition", "aggregate_dummy");
    row.facts.insert_or_assign("external_name", std::nullopt);
    row.facts.insert_or_assign("external_language", "INTERNAL");
    row.facts.insert_or_assign("is_deterministic", "YES");
    row.facts.insert_or_assign("security_type", "INVOKER");
    return;
  }
  const std::string_view language = routine["language"];
  std::string upper = text(language);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  row.facts.insert_or_assign("routine_body", language == "sql" ? "SQL" : "EXTERNAL");
  row.facts.insert_or_assign("routine_definition", routine["body"]);
  row.facts.insert_or_assign("external_name",
                             language == "c" ? Promise(routine["body"]) : Promise(std::nullopt));
  row.facts.insert_or_assign("external_language", upper);
  row.facts.insert_or_assign("is_deterministic", yes_or_no(routine["volatility"] == "immutable"));
  row.facts.insert_or_assign("security_type", routine["security_definer"].empty() ? "INVOKER" : "DEFINER");
}

std::string name_of(const Object& routine) {
  const std::string_view signature = routine.id().name.view();
  return unquoted(signature.substr(0, find_outside(signature, "(")));
}

// CREATE TRIGGER taken apart.
struct Trigger {
  std::string timing, orientation, statement;
  std::vector<std::string> events;
  Text condition, old_table, new_table;
};

Text table_after(std::string_view sql, std::string_view words) {
  const std::size_t at = find_outside(sql, words);
  if (at == sql.npos) return std::nullopt;
  const std::string_view rest = sql.substr(at + words.size());
  return unquoted(rest.substr(0, find_outside(rest, " ")));
}

Trigger parse_trigger(std::string_view sql) {
  Trigger result;
  std::size_t from = sql.npos;
  for (const std::string_view timing : {" BEFORE ", " AFTER ", " INSTEAD OF "}) {
    const std::size_t at = find_outside(sql, timing);
    if (at >= from) continue;
    from = at;
    result.timing = text(trim(timing));
  }
  const std::string_view events = sql.substr(from, find_outside(sql, " ON ", from) - from);
  for (const char* event : {"INSERT", "DELETE", "UPDATE"}) {
    if (find_outside(events, std::string(" ") + event) != events.npos) result.events.emplace_back(event);
  }
  const bool each_row = find_outside(sql, " FOR EACH ROW ") != sql.npos;
  result.orientation = each_row ? "ROW" : "STATEMENT";
  const std::size_t action = find_outside(sql, " EXECUTE FUNCTION ");
  result.statement = text(sql.substr(action + 1));
  if (const std::size_t when = find_outside(sql, " WHEN ("); when != sql.npos) {
    result.condition = text(within(sql, when + 6));
  }
  result.old_table = table_after(sql, " OLD TABLE AS ");
  result.new_table = table_after(sql, " NEW TABLE AS ");
  return result;
}

struct Published {
  Object object;
  Trigger trigger;
};

// Its place among those of the same event, orientation and time, by name.
std::string action_order(const std::vector<Published>& all, const Published& one, const std::string& event) {
  const auto before = std::ranges::count_if(all, [&](const Published& other) {
    return std::ranges::count(other.trigger.events, event) > 0 &&
           other.trigger.timing == one.trigger.timing &&
           other.trigger.orientation == one.trigger.orientation &&
           other.object.id().name.view() < one.object.id().name.view();
  });
  return std::to_string(before + 1);
}

void promise_trigger(Promises& promises, const std::vector<Published>& all, const Published& one) {
  const ObjectId& id = one.object.id();
  for (const std::string& event : one.trigger.events) {
    PromisedRow& row = promises.add(
        "triggers", {text_of(id.schema), text_of(id.name), event, text_of(id.schema), text_of(id.parent)});
    row.facts.insert_or_assign("action_order", action_order(all, one, event));
    row.facts.insert_or_assign("action_statement", one.trigger.statement);
    row.facts.insert_or_assign("action_orientation", one.trigger.orientation);
    row.facts.insert_or_assign("action_timing", one.trigger.timing);
    row.facts.insert_or_assign("action_reference_old_table", one.trigger.old_table);
    row.facts.insert_or_assign("action_reference_new_table", one.trigger.new_table);
    row.facts.insert_or_assign("action_condition", one.trigger.condition);
  }
}

}  // namespace

void promise_triggers(Promises& promises) {
  for (const char* kind : {"table", "view", "foreign_table"}) {
    each_of(promises.snapshot, kind, [&](const Object& relation) {
      std::vector<Published> all;
      for (const Object& trigger : promises.snapshot.children(relation.id(), kinds::trigger)) {
        // In 14 the server counts a partition's clone among its own (tgisinternal).
        if (promises.published.version < 15 && !trigger["cloned_from_parent"].empty()) continue;
        all.push_back({trigger, parse_trigger(trigger["definition"])});
      }
      for (const Published& one : all) {
        if (one.object["cloned_from_parent"].empty()) promise_trigger(promises, all, one);
      }
    });
  }
}

void promise_routines(Promises& promises) {
  for (const Sort& sort : {Sort{"function"}, Sort{"procedure", true}, Sort{"aggregate", false, true}}) {
    each_of(promises.snapshot, sort.kind, [&](const Object& routine) {
      const ObjectId& id = routine.id();
      PromisedRow& row = promises.add("routines", {text_of(id.schema), text_of(id.name)});
      row.facts.insert_or_assign("routine_schema", text_of(id.schema));
      row.facts.insert_or_assign("routine_name", name_of(routine));
      promise_result(promises, routine, sort, row);
      promise_body(routine, sort, row);
      promise_parameters(promises, routine);
    });
  }
}

}  // namespace plumbline::testing
