#include "catchup/rows.h"

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

struct Column {
  std::string name, type, category, base;
  bool generated = false;
  bool needs_value = false;  // NOT NULL, and nothing gives it one
};

std::map<std::string, std::vector<Column>> columns_by_table(Connection& connection) {
  std::map<std::string, std::vector<Column>> tables;
  connection.query(
      "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(a.attname), "
      "pg_catalog.format_type(a.atttypid,"
      " a.atttypmod), t.typcategory, coalesce(b.typname, t.typname), a.attgenerated <> '',"
      " a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''"
      " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND"
      " a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
      " LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype"
      " WHERE c.relkind = 'r' AND c.oid >= 16384 AND c.relpersistence <> 't' ORDER BY c.oid, a.attnum",
      [&](const Row& row) {
        std::vector<Column>& columns = tables[std::string(row[0])];
        if (row.is_null(1)) return;
        columns.push_back({std::string(row[1]), std::string(row[2]), std::string(row[3]), std::string(row[4]),
                           row[5] == "t", row[6] == "t"});
      });
  return tables;
}

// What the g-th row has in a column of that sort; equal for columns of one type, so that foreign keys hold.
std::string expression_for(const Column& column) {
  const auto cast = [&](const std::string& value) { return "(" + value + ")::" + column.type; };
  const std::string& base = column.base;
  switch (column.category.empty() ? '\0' : column.category.front()) {
    case 'A':
      return cast("'{}'");
    case 'B':
      return cast("g % 2 = 0");
    case 'D':
      if (base.starts_with("time") && !base.starts_with("timestamp"))
        return cast("'00:00'::time + g * interval '1 minute'");
      return cast("'2020-01-01'::timestamp + g * interval '1 day'");
    case 'E':
      return "(pg_catalog.enum_range(NULL::" + column.type + "))[1]";
    case 'I':
      return cast("'10.0.0.' || g");
    case 'N':
      return base.starts_with("reg") ? "NULL" : cast("g");
    case 'R':
      return cast(base.find("multirange") == base.npos ? "'empty'" : "'{}'");
    case 'S':
      return cast("g::text");
    case 'T':
      return cast("g * interval '1 minute'");
    case 'U':
      if (base == "uuid") return cast("pg_catalog.md5(g::text)");
      if (base == "json" || base == "jsonb") return cast("'{\"n\": ' || g || '}'");
      if (base == "bytea") return cast("pg_catalog.decode(pg_catalog.md5(g::text), 'hex')");
      break;
    default:
      break;
  }
  return "NULL";
}

std::string insert_into(const std::string& table, const std::vector<Column>& columns, int rows,
                        bool only_needed = false) {
  std::vector<std::string> names, values;
  for (const Column& column : columns) {
    if (column.generated || (only_needed && !column.needs_value)) continue;
    names.push_back(column.name);
    values.push_back(expression_for(column));
  }
  if (names.empty()) return "INSERT INTO " + table + " DEFAULT VALUES";
  return "INSERT INTO " + table + " (" + join(names, ", ") + ") OVERRIDING SYSTEM VALUE SELECT " +
         join(values, ", ") + " FROM pg_catalog.generate_series(1, " + std::to_string(rows) + ") g";
}

bool try_to(Connection& connection, const std::string& sql) {
  try {
    connection.execute(sql);
    return true;
  } catch (const Error& error) {
    if (error.sqlstate() == "08006") throw;
    return false;
  }
}

}  // namespace

std::vector<std::string> put_rows(Connection& connection) {
  // Without triggers and without foreign keys being looked at; only a superuser may.
  try_to(connection, "SET session_replication_role = replica");
  std::vector<std::string> empty;
  for (const auto& [table, columns] : columns_by_table(connection)) {
    const bool some = try_to(connection, insert_into(table, columns, 5)) ||
                      try_to(connection, insert_into(table, columns, 5, true)) ||
                      try_to(connection, insert_into(table, columns, 1)) ||
                      try_to(connection, insert_into(table, columns, 1, true)) ||
                      try_to(connection, "INSERT INTO " + table + " DEFAULT VALUES");
    if (!some) empty.push_back(table);
  }
  try_to(connection, "RESET session_replication_role");
  return empty;
}

std::map<std::string, TableContent> read_rows(Connection& connection) {
  std::map<std::string, TableContent> result;
  for (const auto& [table, columns] : columns_by_table(connection)) {
    std::string sql = "SELECT pg_catalog.count(*)";
    std::vector<std::pair<std::string, std::string>> names;
    for (const Column& column : columns) {
      if (column.generated) continue;
      names.emplace_back(column.name, column.type);
      sql.append(", pg_catalog.sum(pg_catalog.hashtextextended(").append(column.name).append("::text, 0))");
    }
    TableContent& content = result[table];
    sql.append(" FROM ONLY ").append(table);
    connection.query(sql, [&](const Row& row) {
      content.rows = row[0];
      for (std::size_t i = 0; i < names.size(); ++i) content.columns[names[i]] = row[i + 1];
    });
  }
  return result;
}

}  // namespace plumbline
