#include "catchup/live_rows.h"

#include <cstdlib>

#include "postgres/copy_line.h"
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

// FROM and WITH of a query over the table, its partitions and its children.
std::string LiveRows::below(const std::string& table) const {
  return "WITH RECURSIVE below(oid) AS (SELECT pg_catalog.to_regclass(" +
         quote_literal(name_before_ ? name_before_(table) : table) +
         ")::pg_catalog.oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below b ON "
         "i.inhparent ="
         " b.oid), relation AS (SELECT c.* FROM below b JOIN pg_catalog.pg_class c ON c.oid = b.oid) ";
}

// A sequence that has given no value yet holds none (pg_sequence_last_value, 10+). The main fork only: a
// table without pages has nothing in any other. What is no heap (a table access method of an extension) is
// not known by its size.
std::optional<long long> LiveRows::size(const std::string& table) {
  if (!is_source_) return std::nullopt;
  const auto bytes = ask(
      below(table) +
      "SELECT CASE WHEN pg_catalog.bool_and(c.relkind IN ('p', 'f', 'S') OR (c.relkind IN ('r', 'm') AND"
      " m.amname = 'heap')) THEN pg_catalog.sum(CASE c.relkind WHEN 'p' THEN 0 WHEN 'f' THEN 0 WHEN 'S' THEN"
      " CASE WHEN pg_catalog.pg_sequence_last_value(c.oid) IS NULL THEN 0 ELSE 8192 END ELSE"
      " pg_catalog.pg_relation_size(c.oid) END) END FROM relation c LEFT JOIN pg_catalog.pg_am m ON m.oid ="
      " c.relam");
  return bytes ? std::optional(std::atoll(bytes->c_str())) : std::nullopt;
}

bool LiveRows::is_foreign(const std::string& table) {
  const auto foreign = ask(below(table) + "SELECT pg_catalog.bool_or(c.relkind = 'f') FROM relation c");
  return !foreign || *foreign == "t";
}

std::optional<std::vector<std::string>> LiveRows::stored(const std::string& table) {
  // As a line of COPY, since a name may have anything in it.
  auto list =
      ask(below(table) +
          "SELECT coalesce(pg_catalog.string_agg(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace("
          "c.oid::pg_catalog.regclass::text, E'\\\\', E'\\\\\\\\'), E'\\n', E'\\\\n'), E'\\t', E'\\\\t'), "
          "E'\\t'), '') "
          "FROM relation c WHERE c.relkind IN ('r', 'm')");
  if (!list) return std::nullopt;
  std::vector<std::string> names;
  if (list->empty()) return names;
  CopyLine line;
  const Row row = line.parse(list->data(), static_cast<int>(list->size()));
  for (std::size_t i = 0; i < row.size(); ++i) names.emplace_back(row[i]);
  return names;
}

bool LiveRows::is_empty(const std::string& table) {
  const auto bytes = size(table);
  const auto tables = bytes ? stored(table) : std::nullopt;
  if (!tables) return false;
  if (*bytes == 0) return true;
  for (const std::string& each : *tables) {
    const auto some = ask("SELECT EXISTS (SELECT FROM ONLY " + each + ")");
    if (!some || *some != "f") return false;
  }
  return !tables->empty();
}

bool LiveRows::is_small(const std::string& table) {
  const auto bytes = size(table);
  return bytes && *bytes <= small_size;
}

LiveRows::Fit LiveRows::fit(const RowCondition& condition, bool may_ask) {
  if (!condition.table.empty() && is_empty(condition.table)) return Fit::yes;
  if (condition.offending.empty() || !may_ask) return Fit::unknown;
  if (is_source_ && !condition.table.empty() && is_foreign(condition.table)) return Fit::unknown;
  const auto offending = ask(condition.offending);
  if (!offending) return Fit::unknown;
  return *offending == "f" ? Fit::yes : Fit::no;
}

}  // namespace plumbline
