#include "snapshot/kinds/row_conditions.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "postgres/text.h"

namespace plumbline::kinds {

namespace {

// The text between the parenthesis that opens at `open` and its partner; nothing: it has none. Quoted names
// and literals may hold parentheses.
std::optional<std::string_view> inside(std::string_view text, std::size_t open) {
  char quote = '\0';
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0) {
      return text.substr(open + 1, i - open - 1);
    }
  }
  return std::nullopt;
}

bool is_plain_name(std::string_view name) {
  if (name.size() > 2 && name.front() == '"' && name.back() == '"') {
    const std::string_view body = name.substr(1, name.size() - 2);
    return body.find('"') == body.npos && body.find(',') == body.npos;
  }
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  });
}

// "a, \"B\"" as names; none when it holds more than names.
std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  for (const std::string& item : split(std::string(list), ',')) {
    names.emplace_back(trim(item));
    if (!is_plain_name(names.back())) return {};
  }
  return names;
}

std::vector<std::string> names_behind(std::string_view definition, std::string_view words) {
  const std::size_t at = definition.find(words);
  if (at == definition.npos) return {};
  const auto list = inside(definition, at + words.size() - 1);
  return list ? names_in(*list) : std::vector<std::string>();
}

std::string under(const std::string& alias, const std::vector<std::string>& names) {
  std::vector<std::string> result;
  result.reserve(names.size());
  for (const std::string& name : names) result.push_back(std::string(alias).append(".").append(name));
  return join(result, ", ");
}

std::string twice_in(const std::string& table, const std::vector<std::string>& names, bool nulls_count) {
  const std::string list = under("r", names);
  std::string sql = "SELECT EXISTS (SELECT FROM " + table + " r";
  if (!nulls_count) sql.append(" WHERE pg_catalog.num_nulls(").append(list).append(") = 0");
  return sql.append(" GROUP BY ").append(list).append(" HAVING pg_catalog.count(*) > 1)");
}

std::string null_in(const std::string& table, const std::vector<std::string>& names) {
  return "SELECT EXISTS (SELECT FROM " + table + " r WHERE pg_catalog.num_nulls(" + under("r", names) +
         ") > 0)";
}

std::string without_partner(const std::string& table, std::string_view definition) {
  const std::vector<std::string> own = names_behind(definition, "FOREIGN KEY (");
  const std::string_view references = " REFERENCES ";
  const std::size_t at = definition.find(references);
  const std::size_t open = at == definition.npos ? at : definition.find('(', at);
  if (open == definition.npos || definition.find(" MATCH ") != definition.npos ||
      definition.find("PERIOD ") != definition.npos)
    return {};
  const std::string other(definition.substr(at + references.size(), open - at - references.size()));
  const auto list = inside(definition, open);
  const std::vector<std::string> theirs = list ? names_in(*list) : std::vector<std::string>();
  if (own.empty() || own.size() != theirs.size() || other.find('"') != other.npos) return {};
  std::vector<std::string> pairs;
  for (std::size_t i = 0; i < own.size(); ++i) pairs.push_back("o." + theirs[i] + " = r." + own[i]);
  return "SELECT EXISTS (SELECT FROM " + table + " r WHERE pg_catalog.num_nulls(" + under("r", own) +
         ") = 0 AND NOT EXISTS (SELECT FROM " + other + " o WHERE " + join(pairs, " AND ") + "))";
}

}  // namespace

RowCondition condition_of_constraint(const std::string& table, std::string_view definition) {
  RowCondition condition{table, {}};
  if (definition.starts_with("CHECK (")) {
    const auto expression = inside(definition, 6);
    if (!expression) return condition;
    condition.computes = RowCondition::Computes::expression;
    condition.expression = *expression;
    condition.offending =
        "SELECT EXISTS (SELECT FROM " + table + " WHERE NOT (" + condition.expression + "))";
  } else if (definition.starts_with("FOREIGN KEY (")) {
    condition.offending = without_partner(table, definition);
  } else if (definition.starts_with("UNIQUE") && definition.find("OVERLAPS") == definition.npos) {
    const bool nulls_count = definition.starts_with("UNIQUE NULLS NOT DISTINCT");
    const auto names = names_behind(definition, nulls_count ? "UNIQUE NULLS NOT DISTINCT (" : "UNIQUE (");
    if (!names.empty()) condition.offending = twice_in(table, names, nulls_count);
  } else if (definition.starts_with("PRIMARY KEY (") && definition.find("OVERLAPS") == definition.npos) {
    const auto names = names_behind(definition, "PRIMARY KEY (");
    if (!names.empty())
      condition.offending =
          "SELECT (" + null_in(table, names) + ") OR (" + twice_in(table, names, true) + ")";
  }
  return condition;
}

RowCondition condition_of_index(const std::string& table, std::string_view definition) {
  RowCondition condition{table, {}};
  const std::string_view method = " USING btree (";
  const std::size_t at = definition.find(method);
  if (at == definition.npos || definition.find(" WHERE ") != definition.npos) return condition;
  const auto names = names_behind(definition, method);
  const bool nulls_count = definition.find(" NULLS NOT DISTINCT") != definition.npos;
  if (!names.empty()) condition.offending = twice_in(table, names, nulls_count);
  return condition;
}

RowCondition condition_of_domain(const std::string& domain) {
  return {{},
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = "
          "a.attrelid WHERE a.atttypid = " +
              quote_literal(domain) +
              "::pg_catalog.regtype AND NOT a.attisdropped AND (c.relkind NOT IN ('r', 'p', 'm', 'v', 'c')"
              " OR pg_catalog.pg_relation_size(c.oid) > 0))",
          RowCondition::Computes::nothing};
}

}  // namespace plumbline::kinds
