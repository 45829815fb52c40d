#include "migrations/ledger_table.h"

#include <algorithm>

#include "migrations/own_ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct TableName {
  std::string schema, name;  // schema empty: any
};

// schema.name, each part plain or in double quotes.
TableName parse_name(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted && parts.size() == 1) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts.size() == 2 ? TableName{parts[0], parts[1]} : TableName{"", parts[0]};
}

struct Candidate {
  std::string schema, name, owner;
  std::vector<std::string> columns;
  bool readable = false;
  std::string doubt;  // why it may be somebody's trick: "is a view"; empty: it is what a tool makes

  std::string shown() const { return schema + "." + name; }
  bool has(std::string_view column) const { return std::ranges::find(columns, column) != columns.end(); }
};

// The catalogues say what exists even where the role may not read it.
std::vector<Candidate> tables_named(Connection& connection, const TableName& wanted) {
  std::string sql = R"sql(
    SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner),
           pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
           pg_catalog.string_agg(a.attname, E'\n' ORDER BY a.attnum),
           CASE WHEN c.relkind = 'v' THEN 'is a view' WHEN c.relkind = 'f' THEN 'is a foreign table'
             WHEN NOT )sql" +
                    is_trusted("c.relowner") +
                    R"sql( THEN 'belongs to the role "' || r.rolname || '", which may not create schemas here'
             WHEN c.relrowsecurity AND NOT r.rolsuper AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
               THEN 'has row-level security' END
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND c.relname = $1)sql";
  std::vector<Parameter> parameters{wanted.name};
  if (!wanted.schema.empty()) {
    sql += " AND n.nspname = $2";
    parameters.emplace_back(wanted.schema);
  }
  sql +=
      " GROUP BY n.oid, n.nspname, c.oid, c.relname, c.relowner, c.relkind, c.relrowsecurity, r.rolsuper, "
      "r.rolname ORDER BY n.nspname";
  std::vector<Candidate> tables;
  connection.query(sql, parameters, [&](const Row& row) {
    tables.push_back({std::string(row[0]), std::string(row[1]), std::string(row[2]), split(row[4], '\n'),
                      row[3] == "t", std::string(row[5])});
  });
  return tables;
}

bool fits(const Candidate& table, const LedgerRules& rules) {
  const auto has = [&](const std::string& column) { return table.has(column); };
  return (rules.columns.empty() || std::ranges::all_of(split(rules.columns, ','), has)) &&
         (rules.absent.empty() || std::ranges::none_of(split(rules.absent, ','), has));
}

bool are_of_one_family(const Convention& one, const Convention& other) {
  if (one.family.empty() || other.family.empty()) return false;
  const std::vector<std::string> families = split(one.family, ',');
  return std::ranges::any_of(split(other.family, ','), [&](const std::string& family) {
    return std::ranges::find(families, family) != families.end();
  });
}

// Whose ledger it may be: the convention's own first.
std::vector<const Convention*> tools_to_try(const Convention& convention, const MigrationOptions& options) {
  std::vector<const Convention*> tools{&convention};
  const bool by_looking = options.convention.empty() || options.convention == "numbered";
  if (!by_looking) return tools;
  for (const Convention& other : all_conventions()) {
    if (other.name != convention.name && are_of_one_family(convention, other)) tools.push_back(&other);
  }
  return tools;
}

LedgerTable readable(Connection& connection, const Convention& tool, const LedgerRules& rules,
                     const Candidate& table) {
  if (!table.readable) {
    throw Error("the role \"" + connection.user() + "\" may not read the ledger \"" + table.shown() + "\"",
                "Run GRANT USAGE ON SCHEMA " + quote_identifier(table.schema) + " TO " +
                    quote_identifier(connection.user()) + "; GRANT SELECT ON " +
                    quote_qualified(table.schema, table.name) + " TO " + quote_identifier(connection.user()) +
                    "; or say with --at which migrations are applied.");
  }
  return {std::string(rules.tool.empty() ? tool.name : rules.tool), rules, table.schema, table.name,
          table.owner};
}

[[noreturn]] void refuse_two(std::string_view tool, const std::string& first, const std::string& second) {
  throw Error("there are two ledgers of " + std::string(tool) + ": \"" + first + "\" and \"" + second + "\"",
              "Say which one with ledger_table under [migrations] in plumbline.toml.");
}

// Reading a view, a foreign table or a table with policies runs what its owner likes, with our rights; and
// whoever owns one schema can make a table of any name.
[[noreturn]] void refuse_doubtful(std::string_view tool, const Candidate& table) {
  throw Error(
      "\"" + table.shown() + "\" looks like the ledger of " + std::string(tool) + ", but " + table.doubt,
      "If it is the ledger, say so under [migrations] in plumbline.toml: ledger_table = " +
          toml_string(quote_qualified(table.schema, table.name)));
}

enum class Doubtful { refused, ignored };

// The tool's ledger under its usual name, in whatever schema.
std::optional<LedgerTable> usual_ledger(Connection& connection, const Convention& tool,
                                        Doubtful doubtful = Doubtful::refused) {
  for (const LedgerRules& rules : tool.ledgers) {
    std::vector<Candidate> tables = tables_named(connection, parse_name(rules.table));
    std::erase_if(tables, [&](const Candidate& table) { return !fits(table, rules); });
    const std::vector<Candidate> all = tables;
    std::erase_if(tables, [](const Candidate& table) { return !table.doubt.empty(); });
    if (tables.size() > 1) refuse_two(tool.name, tables[0].shown(), tables[1].shown());
    if (tables.size() == 1) return readable(connection, tool, rules, tables[0]);
    if (!all.empty() && doubtful == Doubtful::refused) refuse_doubtful(tool.name, all[0]);
  }
  return std::nullopt;
}

std::optional<LedgerTable> configured_ledger(Connection& connection,
                                             const std::vector<const Convention*>& tools,
                                             const std::string& name) {
  const std::vector<Candidate> tables = tables_named(connection, parse_name(name));
  if (tables.empty()) return std::nullopt;
  if (tables.size() > 1) refuse_two(tools[0]->name, tables[0].shown(), tables[1].shown());
  for (const Convention* tool : tools) {
    for (const LedgerRules& rules : tool->ledgers) {
      if (fits(tables[0], rules)) return readable(connection, *tool, rules, tables[0]);
    }
  }
  throw Error("the table \"" + tables[0].shown() + "\" is no ledger of " + std::string(tools[0]->name) +
                  ": its columns are " + join(tables[0].columns, ", "),
              "Check ledger_table and the convention in plumbline.toml.");
}

// Files of our format may have another tool's ledger.
Convention own_rules() {
  Convention own = *find_convention("plumbline");
  std::erase_if(own.ledgers, [](const LedgerRules& rules) { return !rules.is_own; });
  return own;
}

// Our own runner runs other tools' migrations, too, and keeps its own ledger of them. Once it has written
// there, that is the one that counts.
std::optional<LedgerTable> own_ledger_in_use(Connection& connection, const Convention& convention,
                                             const MigrationOptions& options) {
  if (convention.name == "plumbline" && !options.ledger_table.empty()) return std::nullopt;
  const auto found = usual_ledger(connection, own_rules(), Doubtful::ignored);
  if (!found) return std::nullopt;
  const auto rows =
      connection.value("SELECT EXISTS (SELECT FROM " + quote_qualified(found->schema, found->name) + ")");
  return rows == "t" ? found : std::nullopt;
}

}  // namespace

std::optional<LedgerTable> find_ledger(Connection& connection, const Convention& convention,
                                       const MigrationOptions& options) {
  if (auto own = own_ledger_in_use(connection, convention, options)) return own;
  auto found = find_tool_ledger(connection, convention, options);
  // Whatever poses as ours counts for nothing beside the ledger of the tool; without one it is asked about.
  if (!found && convention.name != "plumbline") usual_ledger(connection, own_rules());
  return found;
}

std::optional<LedgerTable> find_tool_ledger(Connection& connection, const Convention& convention,
                                            const MigrationOptions& options) {
  const std::vector<const Convention*> tools = tools_to_try(convention, options);
  if (!options.ledger_table.empty()) {
    if (auto found = configured_ledger(connection, tools, options.ledger_table)) return found;
  }
  std::optional<LedgerTable> found;
  for (const Convention* tool : tools) {
    if (found && tool != tools.front() && found->tool == tools.front()->name) break;
    const std::optional<LedgerTable> another = usual_ledger(connection, *tool, Doubtful::ignored);
    if (found && another && found->shown() != another->shown()) {
      throw Error("live has a ledger of " + found->tool + " (\"" + found->shown() + "\") and one of " +
                      another->tool + " (\"" + another->shown() + "\")",
                  "Say with --convention which tool the migrations are for.");
    }
    if (!found) found = another;
  }
  if (!found) {
    for (const Convention* tool : tools) usual_ledger(connection, *tool);
  }
  if (found && !options.ledger_table.empty()) {
    throw Error(
        "there is no ledger \"" + options.ledger_table + "\", but there is \"" + found->shown() + "\"",
        "Correct ledger_table under [migrations] in plumbline.toml.");
  }
  return found;
}

}  // namespace plumbline
