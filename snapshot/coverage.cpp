#include "snapshot/coverage.h"

#include <map>
#include <set>

#include "postgres/text.h"

namespace plumbline {

namespace {

using ColumnNames = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

const ColumnNames& known_columns() {
  static const ColumnNames known = [] {
    ColumnNames result;
    for (const Coverage& entry : all_coverage()) {
      auto& columns = result[std::string(entry.catalog)];
      for (const std::string& column : split(entry.columns, ' ')) columns.insert(column);
    }
    return result;
  }();
  return known;
}

// What a newer server may have of a sort that we do not know; everything else is read by some kind.
constexpr std::string_view unknown_sorts =
    "SELECT 'relations of kind \"' || relkind::text || '\"', count(*) FROM pg_class"
    " WHERE relkind NOT IN ('r', 'p', 'f', 'v', 'm', 'i', 'I', 'S', 't', 'c') GROUP BY 1"
    " UNION ALL SELECT 'types of kind \"' || typtype::text || '\"', count(*) FROM pg_type"
    " WHERE typtype NOT IN ('b', 'c', 'd', 'e', 'm', 'p', 'r') GROUP BY 1"
    " UNION ALL SELECT 'routines of kind \"' || prokind::text || '\"', count(*) FROM pg_proc"
    " WHERE prokind NOT IN ('f', 'p', 'a', 'w') GROUP BY 1"
    " UNION ALL SELECT 'constraints of kind \"' || contype::text || '\"', count(*) FROM pg_constraint"
    " WHERE contype NOT IN ('c', 'f', 'n', 'p', 'u', 't', 'x') GROUP BY 1 ORDER BY 1";

}  // namespace

std::vector<std::string> not_compared(Connection& connection) {
  ColumnNames unknown;
  std::map<std::string, std::size_t, std::less<>> column_count;
  connection.query(
      "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE"
      " c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND c.oid < 16384 AND a.attnum > 0"
      " AND NOT a.attisdropped ORDER BY c.relname COLLATE \"C\", a.attnum",
      [&](const Row& row) {
        const std::string catalog(row[0]);
        ++column_count[catalog];
        const auto known = known_columns().find(catalog);
        if (known == known_columns().end() || !known->second.contains(row[1]))
          unknown[catalog].emplace(row[1]);
      });
  std::vector<std::string> result;
  for (const auto& [catalog, columns] : unknown) {
    if (columns.size() == column_count[catalog]) {
      result.push_back("everything in " + catalog);
      continue;
    }
    for (const std::string& column : columns) result.emplace_back(catalog).append(".").append(column);
  }
  connection.query(unknown_sorts, [&](const Row& row) {
    result.push_back(std::string(row[0]) + " (" + std::string(row[1]) + ")");
  });
  return result;
}

}  // namespace plumbline
