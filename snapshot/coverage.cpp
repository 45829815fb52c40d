#include "snapshot/coverage.h"

#include <map>
#include <set>

#include "postgres/text.h"
#include "snapshot/kinds.h"

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

// Catalogues whose rows are objects of a kind that does not exist yet: "event triggers (2)".
struct Unread {
  std::string_view kind, objects;
  int since;
  std::string_view from;
};

#define USER_MADE(oid) \
  oid " >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = " oid " AND d.deptype = 'e')"

constexpr Unread unread[] = {
    {"event_trigger", "event triggers", 0, "pg_event_trigger x WHERE " USER_MADE("x.oid")},
    {"operator", "operators", 0, "pg_operator x WHERE " USER_MADE("x.oid")},
    {"operator_class", "operator classes", 0, "pg_opclass x WHERE " USER_MADE("x.oid")},
    {"operator_family", "operator families", 0, "pg_opfamily x WHERE " USER_MADE("x.oid")},
    {"cast", "casts", 0, "pg_cast x WHERE " USER_MADE("x.oid")},
    {"collation", "collations", 0, "pg_collation x WHERE " USER_MADE("x.oid")},
    {"conversion", "conversions", 0, "pg_conversion x WHERE " USER_MADE("x.oid")},
    {"text_search_parser", "text search parsers", 0, "pg_ts_parser x WHERE " USER_MADE("x.oid")},
    {"text_search_template", "text search templates", 0, "pg_ts_template x WHERE " USER_MADE("x.oid")},
    {"text_search_dictionary", "text search dictionaries", 0, "pg_ts_dict x WHERE " USER_MADE("x.oid")},
    {"text_search_configuration", "text search configurations", 0,
     "pg_ts_config x WHERE " USER_MADE("x.oid")},
    {"statistics", "extended statistics", 0, "pg_statistic_ext x WHERE " USER_MADE("x.oid")},
    {"foreign_data_wrapper", "foreign-data wrappers", 0,
     "pg_foreign_data_wrapper x WHERE " USER_MADE("x.oid")},
    {"server", "foreign servers", 0, "pg_foreign_server x WHERE " USER_MADE("x.oid")},
    {"user_mapping", "user mappings", 0, "pg_user_mappings x WHERE " USER_MADE("x.umid")},
    {"publication", "publications", 0, "pg_publication x WHERE " USER_MADE("x.oid")},
    {"subscription", "subscriptions", 0,
     "pg_stat_subscription x JOIN pg_database d ON d.datname = current_database() WHERE " USER_MADE(
         "x.subid")},
    {"language", "languages", 0, "pg_language x WHERE " USER_MADE("x.oid")},
    {"transform", "transforms", 0, "pg_transform x WHERE " USER_MADE("x.oid")},
    {"access_method", "access methods", 0, "pg_am x WHERE " USER_MADE("x.oid")},
    {"default_privileges", "default privileges", 0, "pg_default_acl x WHERE true"},
    {"base_type", "base types", 0,
     "pg_type x WHERE x.typtype IN ('b', 'p') AND x.typcategory <> 'A' AND " USER_MADE("x.oid")},
    {"security_label", "security labels", 0, "pg_seclabel x WHERE true"},
    {"database_setting", "database settings", 0,
     "pg_db_role_setting x JOIN pg_database d ON d.oid = x.setdatabase WHERE d.datname = current_database()"},
};

#undef USER_MADE

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
    for (const std::string& column : columns) result.push_back(catalog + "." + column);
  }
  for (const Unread& entry : unread) {
    if (find_kind(entry.kind) || entry.since > connection.version()) continue;
    const auto count = connection.value("SELECT count(*) FROM " + std::string(entry.from));
    if (count && *count != "0") result.push_back(std::string(entry.objects) + " (" + *count + ")");
  }
  return result;
}

}  // namespace plumbline
