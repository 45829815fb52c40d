// Our own format: YYYYMMDD_HHMMSS_[type_]description.sql with a header and two sections
// (docs/conventions.md).
#include <algorithm>

#include "migrations/convention.h"
#include "migrations/header.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

// The names in a list like ["20250120_140000_initial_schema", "20250121_080000"].
std::vector<std::string> quoted_names(std::string_view list) {
  std::vector<std::string> names;
  for (std::size_t open = list.find('"'); open != std::string_view::npos; open = list.find('"', open)) {
    const std::size_t close = std::min(list.find('"', open + 1), list.size());
    names.emplace_back(list.substr(open + 1, close - open - 1));
    open = std::min(close + 1, list.size());
  }
  return names;
}

void read_header(Migration& migration, const FileSet& files) {
  const std::string& bytes = migration.up_bytes;
  const std::string version = header_value(bytes, "version");
  if (!version.empty() && version != migration.version) {
    throw Error(files.shown(migration.file) + ":1:1: the header says version \"" + version +
                    "\", the file name \"" + migration.version + "\"",
                "Make the two agree.");
  }
  const std::string title = header_value(bytes, "migration");
  if (!title.empty()) migration.name = title;
  migration.description = header_value(bytes, "description");
  migration.phase = header_value(bytes, "phase");
  migration.dependencies = quoted_names(header_value(bytes, "dependencies"));
  const std::string transaction = to_lower(header_value(bytes, "transaction"));
  if (transaction == "none" || transaction == "no" || transaction == "false") migration.transactional = false;
}

// The first word of the name, when it is one of the four types.
void take_type(Migration& migration) {
  const std::string type = migration.name.substr(0, migration.name.find(' '));
  if (type != "schema" && type != "data" && type != "security" && type != "perf") return;
  migration.type = type;
  migration.name.erase(0, std::min(type.size() + 1, migration.name.size()));
}

// Another tool's ledger of such files: the version, or the file's whole name, and a status in words. A word
// that is none of these counts as failed, so that a person looks.
#define PLUMBLINE_DONE "('applied', 'completed', 'complete', 'success', 'succeeded', 'done')"
constexpr std::string_view status_rows =
    "SELECT CASE WHEN version::text ~ '^[0-9]{8}_[0-9]{6}_' THEN left(version::text, 15) ELSE version::text "
    "END, "
    "CASE WHEN lower(status::text) IN " PLUMBLINE_DONE
    " THEN 'applied' WHEN lower(status::text) = 'pending' THEN 'ignored' "
    "WHEN lower(status::text) IN ('rolled_back', 'reverted') THEN 'rolled_back' ELSE 'failed' END "
    "FROM {table} ORDER BY started_at NULLS FIRST, version";
// In the word that the tool itself uses.
constexpr std::string_view mark_status_row =
    "INSERT INTO {table} (version, name, status, started_at, completed_at) SELECT {version}, {name}, "
    "coalesce((SELECT status FROM {table} WHERE lower(status::text) IN " PLUMBLINE_DONE
    " LIMIT 1), 'completed'), now(), now()";
constexpr std::string_view unmark_status_row =
    "DELETE FROM {table} WHERE version::text = {version} OR starts_with(version::text, {version} || '_')";
#undef PLUMBLINE_DONE

std::string own_checksum(const Migration& migration) { return migration.checksum; }

void refine_own(Reading& reading, const FileSet& files) {
  for (Draft& draft : reading.drafts) {
    take_type(draft.migration);
    read_header(draft.migration, files);
  }
  for (auto at = reading.drafts.begin(); at != reading.drafts.end(); ++at) {
    for (const std::string& name : at->migration.dependencies) {
      const auto names = [&](const Draft& draft) { return is_named(draft.migration, name); };
      if (std::any_of(reading.drafts.begin(), at, names)) continue;
      const bool later = std::any_of(at, reading.drafts.end(), names);
      reading.warnings.push_back("\"" + at->migration.file + "\" depends on \"" + name + "\", which " +
                                 (later ? "comes after it" : "does not exist"));
    }
  }
}

}  // namespace

Convention plumbline_convention() {
  return {
      .name = "plumbline",
      .example = "20240131_120000_schema_name.sql",
      .layout = {.file_pattern = R"((?<version>\d{8}(?:_\d{6})?)_(?<name>[^/]*)\.sql)",
                 .order = "text",
                 .up_marker = R"(^--\s*=+\s*UP MIGRATION\b)",
                 .down_marker = R"(^--\s*=+\s*DOWN MIGRATION\b)"},
      .markers = "= UP MIGRATION =",
      .by_name = 2,
      .own_names = R"((?<version>\d{8}_\d{6})_[^/]*\.sql)",  // a date alone is written by many
      .refine = refine_own,
      .ledgers =
          {{.table = "schema_migrations",
            .columns = "version,name,status,started_at,completed_at",
            .absent = "state,plumbline_version",
            .sql = status_rows,
            .own = "migration_history,schema_versions,migration_locks,schema_snapshots,schema_drift_alerts,"
                   "migration_dependencies",
            .tool = "elf-migrate",
            .marking = {.sql = mark_status_row, .undo = unmark_status_row}},
           {.table = "schema_migrations",
            .columns = "version,state,checksum",
            .sql = "SELECT version::text, CASE state::text WHEN 'running' THEN 'failed' WHEN 'pending' THEN "
                   "'ignored' ELSE state::text END, checksum::text FROM {table} ORDER BY version",
            .checksum = own_checksum,
            .is_own = true}},
      .next = {.first_version = "20240131_120000",
               .files = {{"{version}_{type}{name}.sql",
                          "{header}-- ============= UP MIGRATION =============\n{up}",
                          "-- ============= DOWN MIGRATION ============\n{down}"}}}};
}

}  // namespace plumbline
