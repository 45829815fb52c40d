#include "migrations/ledger.h"

#include <algorithm>
#include <map>
#include <set>

#include "migrations/convention.h"
#include "migrations/ledger_table.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

struct LedgerRow {
  std::string version, state, checksum;
};

std::string row_key(const Migration& migration) {
  return migration.repeatable ? "repeatable " + migration.version : version_key(migration.version);
}

std::vector<LedgerRow> read_rows(Connection& connection, std::string sql, const std::string& quoted_table) {
  constexpr std::string_view hole = "{table}";
  for (std::size_t at = sql.find(hole); at != std::string::npos;
       at = sql.find(hole, at + quoted_table.size())) {
    sql.replace(at, hole.size(), quoted_table);
  }
  std::vector<LedgerRow> rows;
  connection.query(sql, [&](const Row& row) {
    const auto field = [&](std::size_t i) { return i < row.size() ? std::string(row[i]) : std::string(); };
    rows.push_back({field(0),
                    row.size() > 1 && !row[1].empty() ? field(1) : std::string(ledger_state::applied),
                    field(2)});
  });
  return rows;
}

// Holds the rows of a ledger against the files.
class Matcher {
 public:
  Matcher(const MigrationDirectory& directory, const MigrationOptions& options, const Convention& convention,
          const LedgerRules& rules)
      : directory_(directory), options_(options), order_(convention.layout.order), rules_(rules) {
    if (rules.is_own) {
      for (const std::string& key : ledger_keys(directory)) keys_by_place_.push_back(key_of_row(key));
    } else {
      for (const Migration& migration : directory.migrations) keys_by_place_.push_back(row_key(migration));
    }
    keys_.insert(keys_by_place_.begin(), keys_by_place_.end());
  }

  void take(LedgerRow row) {
    if (row.state == ledger_state::ignored) return;
    std::string key = key_of_row(row.version);
    if (!keys_.contains(key) && rules_.checksum_identifies) key = key_by_checksum(row.checksum, key);
    const bool covers = row.state == ledger_state::before || row.state == ledger_state::dirty ||
                        row.state == ledger_state::baseline;
    if (covers && (horizon_.empty() || compare_versions(order_, row.version, horizon_) > 0))
      horizon_ = row.version;
    if (row.state == ledger_state::baseline) {
      baseline_ = row.version;
      row.state = ledger_state::applied;
    }
    if (row.state == ledger_state::before) row.state = ledger_state::applied;
    if (row.state == ledger_state::dirty) row.state = ledger_state::failed;
    if (!rows_.contains(key)) order_of_keys_.push_back(key);
    rows_[key] = std::move(row);
  }

  void finish(Applied& applied) {
    for (std::size_t i = 0; i < directory_.migrations.size(); ++i) {
      const Migration& migration = directory_.migrations[i];
      const bool done = is_applied(i);
      (done ? applied.applied : applied.pending).push_back(i);
      if (done) applied.version = migration.version;
      if (done && is_edited(i)) applied.edited.push_back(i);
    }
    for (const std::string& key : order_of_keys_) {
      const LedgerRow& row = rows_[key];
      if (row.state == ledger_state::failed) applied.failed.push_back(row.version);
      if (row.state == ledger_state::applied && is_unknown(key, row.version))
        applied.unknown.push_back(row.version);
    }
  }

 private:
  static std::string key_of_row(const std::string& version) {
    return version.starts_with("repeatable ") ? version : version_key(version);
  }

  bool is_applied(std::size_t place) const {
    const Migration& migration = directory_.migrations[place];
    if (const auto row = rows_.find(keys_by_place_[place]); row != rows_.end()) {
      return row->second.state == ledger_state::applied;
    }
    return !migration.repeatable && !horizon_.empty() &&
           compare_versions(order_, migration.version, horizon_) <= 0;
  }

  bool is_edited(std::size_t place) const {
    const auto row = rows_.find(keys_by_place_[place]);
    const bool of_a_program = !rules_.is_own && !directory_.migrations[place].stands_in_for.empty();
    return row != rows_.end() && !of_a_program && rules_.checksum != nullptr &&
           !row->second.checksum.empty() &&
           row->second.checksum != rules_.checksum(directory_.migrations[place]);
  }

  bool is_unknown(const std::string& key, const std::string& version) const {
    if (keys_.contains(key)) return false;
    const auto same = [&](const std::string& other) {
      return version_key(other) == key || other.starts_with(version + "_");
    };
    const std::vector<std::string> first_steps = split(rules_.first_steps, ',');
    return std::ranges::none_of(options_.missing_versions, same) &&
           std::ranges::none_of(directory_.code_versions, same) && std::ranges::none_of(first_steps, same) &&
           (baseline_.empty() || compare_versions(order_, version, baseline_) > 0) &&
           !before_baseline_file(version);
  }

  // Files older than a Flyway baseline migration may be gone.
  bool before_baseline_file(const std::string& version) const {
    return std::ranges::any_of(directory_.migrations, [&](const Migration& migration) {
      return migration.type == "baseline" && compare_versions(order_, version, migration.version) <= 0;
    });
  }

  std::string key_by_checksum(const std::string& checksum, const std::string& otherwise) const {
    for (const Migration& migration : directory_.migrations) {
      if (rules_.checksum(migration) == checksum && !rows_.contains(row_key(migration)))
        return row_key(migration);
    }
    return otherwise;
  }

  const MigrationDirectory& directory_;
  const MigrationOptions& options_;
  std::string order_;
  LedgerRules rules_;
  std::vector<std::string> keys_by_place_;  // of the files
  std::set<std::string> keys_;              // the same
  std::map<std::string, LedgerRow> rows_;   // key -> the newest row
  std::vector<std::string> order_of_keys_;
  std::string horizon_, baseline_;  // the highest versions of such rows
};

// A custom convention's ledger: its table and query instead of a tool's rules.
Convention with_custom_ledger(const MigrationOptions& options) {
  const CustomConvention& custom = options.custom;
  Convention convention{.name = "custom", .example = "", .layout = custom};
  const std::string& table = custom.ledger_table.empty() ? options.ledger_table : custom.ledger_table;
  if (!table.empty()) {
    LedgerRules rules{.table = table, .columns = "", .sql = custom.ledger_query};
    if (custom.ledger_query.empty()) {
      rules.columns = "version";
      rules.sql = "SELECT version::text FROM {table}";
    }
    convention.ledgers.push_back(rules);
  }
  return convention;
}

void list_objects(Applied& applied, const LedgerTable& table) {
  if (table.rules.is_own) return;  // Applied::own has them
  applied.objects.push_back(table.shown());
  for (const std::string& own : split(table.rules.own, ',')) {
    if (own.empty()) continue;
    applied.objects.push_back(own.find('.') == std::string::npos ? table.schema + "." + own : own);
  }
}

// The table of the tool that migrated before us is no drift either.
void list_former_ledger(Applied& applied, Connection& connection, const Convention& convention,
                        const MigrationOptions& options) {
  if (convention.ledgers.empty()) return;
  try {
    if (const auto former = find_tool_ledger(connection, convention, options)) list_objects(applied, *former);
  } catch (const Error&) {  // which one of several it was matters to nobody any more
  }
}

}  // namespace

namespace {

using FindLedger = std::optional<LedgerTable> (&)(Connection&, const Convention&, const MigrationOptions&);

Applied read_found(Connection& connection, const MigrationDirectory& directory,
                   const MigrationOptions& options, FindLedger find) {
  const Convention* known = find_convention(directory.convention);
  const Convention convention = known != nullptr ? *known : with_custom_ledger(options);
  const bool query_alone =
      known == nullptr && convention.ledgers.empty() && !options.custom.ledger_query.empty();
  std::optional<LedgerTable> table;
  if (query_alone) {
    table =
        LedgerTable{"custom", {.table = "", .columns = "", .sql = options.custom.ledger_query}, "", "", ""};
  } else {
    table = find(connection, convention, options);
  }
  Applied applied;
  applied.own = own_ledger(connection);
  if (!table) {
    for (std::size_t i = 0; i < directory.migrations.size(); ++i) applied.pending.push_back(i);
    return applied;
  }
  applied.tool = table->tool;
  applied.table = query_alone ? "" : table->shown();
  applied.owner = table->owner;
  if (!query_alone) list_objects(applied, *table);
  if (!query_alone && table->rules.is_own) list_former_ledger(applied, connection, convention, options);
  Matcher matcher(directory, options, convention, table->rules);
  try {
    const std::string sql(table->rules.sql);
    for (LedgerRow& row : read_rows(connection, sql, quote_qualified(table->schema, table->name))) {
      matcher.take(std::move(row));
    }
  } catch (Error& e) {
    e.during(query_alone ? "reading the ledger" : "reading the ledger \"" + table->shown() + "\"");
    throw;
  }
  matcher.finish(applied);
  return applied;
}

}  // namespace

Applied read_ledger(Connection& connection, const MigrationDirectory& directory,
                    const MigrationOptions& options) {
  return read_found(connection, directory, options, find_ledger);
}

Applied read_tool_ledger(Connection& connection, const MigrationDirectory& directory,
                         const MigrationOptions& options) {
  return read_found(connection, directory, options, find_tool_ledger);
}

std::vector<std::string> ledger_keys(const MigrationDirectory& directory) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  for (const Migration& migration : directory.migrations) {
    std::string key = migration.repeatable ? "repeatable " + migration.version : migration.version;
    if (!seen.insert(row_key(migration)).second) key += " " + migration.file;
    keys.push_back(std::move(key));
  }
  return keys;
}

Applied applied_at(const MigrationDirectory& directory, const std::string& version) {
  const std::vector<Migration>& migrations = directory.migrations;
  std::size_t count = migrations.size();
  if (version != "head") {
    const auto named = [&](const Migration& migration) {
      const std::string stem = migration.file.substr(0, migration.file.rfind('.'));
      return version_key(migration.version) == version_key(version) || migration.file == version ||
             stem == version || migration.file.starts_with(version + "/");
    };
    const auto last = std::ranges::find_if(migrations.rbegin(), migrations.rend(), named);
    if (last == migrations.rend()) {
      throw Error("no migration in \"" + directory.path + "\" has the version \"" + version + "\"",
                  "The last one is \"" + (migrations.empty() ? "" : migrations.back().version) +
                      "\"; \"head\" means all of them.");
    }
    count = static_cast<std::size_t>(migrations.rend() - last);
  }
  Applied applied;
  for (std::size_t i = 0; i < migrations.size(); ++i)
    (i < count ? applied.applied : applied.pending).push_back(i);
  if (count > 0) applied.version = migrations[count - 1].version;
  return applied;
}

}  // namespace plumbline
