#include "catchup/live_rows.h"

#include <cstdlib>

#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr long long small_size = 8LL * 1024 * 1024;

}  // namespace

std::optional<std::string> LiveRows::ask(const std::string& sql) {
  if (!ask_) return std::nullopt;
  const auto known = answers_.find(sql);
  if (known != answers_.end()) return known->second;
  std::optional<std::string> answer = ask_(sql);
  if (answer && answer->empty()) answer.reset();  // NULL
  return answers_.emplace(sql, std::move(answer)).first->second;
}

// The main fork only: a table without pages has nothing in any other. What is no heap (a foreign table, a
// table access method of an extension) is not known by its size.
std::optional<long long> LiveRows::size(const std::string& name) {
  if (!is_source_) return std::nullopt;
  const std::string table = name_before_ ? name_before_(name) : name;
  const auto bytes = ask(
      "WITH RECURSIVE below(oid) AS (SELECT pg_catalog.to_regclass(" + quote_literal(table) +
      ")::pg_catalog.oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below b ON i.inhparent ="
      " b.oid) SELECT CASE WHEN pg_catalog.bool_and(c.relkind = 'p' OR (c.relkind IN ('r', 'm') AND"
      " m.amname = 'heap')) THEN pg_catalog.sum(CASE c.relkind WHEN 'p' THEN 0 ELSE"
      " pg_catalog.pg_relation_size(c.oid) END) END FROM below b JOIN pg_catalog.pg_class c ON c.oid = b.oid"
      " LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam");
  return bytes ? std::optional(std::atoll(bytes->c_str())) : std::nullopt;
}

bool LiveRows::is_empty(const std::string& table) {
  const auto bytes = size(table);
  if (!bytes) return false;
  if (*bytes == 0) return true;
  const auto some = ask("SELECT EXISTS (SELECT FROM " + (name_before_ ? name_before_(table) : table) + ")");
  return some && *some == "f";
}

bool LiveRows::is_small(const std::string& table) {
  const auto bytes = size(table);
  return bytes && *bytes <= small_size;
}

LiveRows::Fit LiveRows::fit(const RowCondition& condition, bool may_ask) {
  if (!condition.table.empty() && is_empty(condition.table)) return Fit::yes;
  if (condition.offending.empty() || !may_ask) return Fit::unknown;
  const auto offending = ask(condition.offending);
  if (!offending) return Fit::unknown;
  return *offending == "f" ? Fit::yes : Fit::no;
}

}  // namespace plumbline
