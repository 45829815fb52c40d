// Tools that give each migration a folder of its own.
#include <algorithm>

#include "migrations/convention.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

std::string folder_of(const std::string& file) { return file.substr(0, file.rfind('/')); }

std::string sha256_of_file(const Migration& migration) { return sha256_hex(migration.up_bytes); }

// diesel's ledger holds versions without dashes; a folder's metadata.toml may switch its transaction off.
void refine_diesel(Reading& reading, const FileSet& files) {
  for (Draft& draft : reading.drafts) {
    std::erase(draft.migration.version, '-');
    const FileSet::File* metadata = files.find(folder_of(draft.migration.file) + "/metadata.toml");
    if (metadata != nullptr && setting_in(metadata->bytes, "run_in_transaction") == "false") {
      draft.migration.transactional = false;
    }
  }
  std::ranges::stable_sort(reading.drafts, {}, [](const Draft& draft) { return draft.migration.version; });
}

std::vector<std::string> numbers_in(std::string_view list) {
  std::vector<std::string> numbers(1);
  for (const char c : list) {
    if (c >= '0' && c <= '9') {
      numbers.back() += c;
    } else if (!numbers.back().empty()) {
      numbers.emplace_back();
    }
  }
  if (numbers.back().empty()) numbers.pop_back();
  return numbers;
}

// Sourcegraph's migrations form a graph: each names its parents in metadata.yaml. Among those whose parents
// are all there the lowest number comes first.
void refine_sourcegraph(Reading& reading, const FileSet& files) {
  std::vector<Draft> waiting = std::move(reading.drafts), ordered;
  const auto is_done = [&](const std::string& version) {
    return std::ranges::none_of(waiting, [&](const Draft& d) { return d.migration.version == version; });
  };
  for (Draft& draft : waiting) {
    const FileSet::File* metadata = files.find(folder_of(draft.migration.file) + "/metadata.yaml");
    if (metadata == nullptr) continue;
    draft.migration.dependencies = numbers_in(setting_in(metadata->bytes, "parents"));
    const std::string name = setting_in(metadata->bytes, "name");
    if (!name.empty()) draft.migration.name = name;
  }
  while (!waiting.empty()) {
    const auto next = std::ranges::find_if(waiting, [&](const Draft& draft) {
      return std::ranges::all_of(draft.migration.dependencies, is_done);
    });
    if (next == waiting.end()) {
      throw Error("the parents of the migration \"" + waiting.front().migration.file + "\" form a circle",
                  "Check \"parents\" in the metadata.yaml files.");
    }
    ordered.push_back(std::move(*next));
    waiting.erase(next);
  }
  reading.drafts = std::move(ordered);
}

NextMigration up_and_down_after(std::string_view first) {
  return {.first_version = first,
          .files = {{"{version}_{name}/up.sql", "{about}{up}"}, {"{version}_{name}/down.sql", "", "{down}"}}};
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a table, one entry a tool
std::vector<Convention> folder_conventions() {
  return {
      {.name = "diesel",
       .example = "2024-01-31-120000_name/up.sql",
       .layout = {.file_pattern = R"((?<version>\d{4}-\d\d-\d\d-\d{6}(?:-\d{4})?|\d{14})_(?<name>[^/]*)/)"
                                  R"((?<direction>up|down)\.sql)",
                  .order = "text"},
       .control_file = "*/metadata.toml",
       .by_name = 2,
       .refine = refine_diesel,
       .folders = true,
       .ledgers = {{.table = "__diesel_schema_migrations",
                    .columns = "version,run_on",
                    .sql = "SELECT version::text, 'applied' FROM {table} ORDER BY version",
                    .marking = {.sql = "INSERT INTO {table} (version) VALUES ({version})",
                                .undo = "DELETE FROM {table} WHERE version = {version}"}}},
       .family = "folders",
       .next = up_and_down_after("2024-01-31-120000")},
      {.name = "hasura",
       .example = "1700000000000_name/up.sql",
       .layout = {.file_pattern = R"((?<version>\d+)_(?<name>[^/]*)/(?<direction>up|down)\.sql)"},
       .by_name = 1,
       .numeric_version = true,
       .folders = true,
       .ledgers =
           {{.table = "schema_migrations",
             .columns = "migration_id",
             .sql = "SELECT migration_id::text, 'applied' FROM {table}",
             .first_steps = "0"},
            {.table = "hdb_catalog.hdb_version",
             .columns = "cli_state",
             .sql =
                 "SELECT m.key, CASE WHEN m.value = 'true' THEN 'failed' ELSE 'applied' END FROM {table} v, "
                 "jsonb_each(v.cli_state::jsonb -> 'migrations') s, jsonb_each_text(s.value) m",
             .own = "hdb_catalog.*",
             .marking = {.command = "hasura migrate apply --skip-execution --version {version}"}}},
       .family = "folders",
       .next = up_and_down_after("1700000000000")},
      {.name = "sourcegraph",
       .example = "1700000000_name/up.sql and metadata.yaml",
       .layout = {.file_pattern = R"((?<version>\d+)_?(?<name>[^/]*)/(?<direction>up|down)\.sql)"},
       .control_file = "*/metadata.yaml",
       .numeric_version = true,
       .refine = refine_sourcegraph,
       .folders = true,
       .ledgers =
           {{.table = "migration_logs",
             .columns = "version,up,success",
             .sql =
                 "SELECT version::text, CASE WHEN success IS NOT TRUE THEN 'failed' WHEN up THEN 'applied' "
                 "ELSE 'rolled_back' END FROM {table} ORDER BY id"}},
       .next = {.first_version = "1700000000",
                .files = {{"{version}_{name}/up.sql", "{about}{up}"},
                          {"{version}_{name}/down.sql", "", "{down}"},
                          {"{version}_{name}/metadata.yaml", "name: {name}\nparents: [{last}]\n"}}}},
      {.name = "prisma",
       .example = "20240131120000_name/migration.sql",
       .layout = {.file_pattern = R"((?<version>\d+_?(?<name>[^/]*)|[^/]+)/migration\.sql)", .order = "text"},
       .control_file = "migration_lock.toml",
       .by_name = 2,
       .folders = true,
       .ledgers =
           {{.table = "_prisma_migrations",
             .columns = "migration_name,finished_at,rolled_back_at",
             .sql = "SELECT migration_name, CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled_back' WHEN "
                    "finished_at IS NULL THEN 'failed' ELSE 'applied' END, checksum FROM {table} ORDER BY "
                    "started_at",
             .checksum = sha256_of_file,
             .marking = {.sql = "INSERT INTO {table} (id, checksum, started_at, finished_at, migration_name, "
                                "applied_steps_count) VALUES (gen_random_uuid()::text, {checksum}, "
                                "current_timestamp, current_timestamp, {version}, 0)",
                         .undo = "DELETE FROM {table} WHERE migration_name = {version}",
                         .command = "prisma migrate resolve --applied {version}"}}},
       .next = {.first_version = "20240131120000",
                .files = {{"{version}_{name}/migration.sql", "{about}{up}"}}}},
  };
}

}  // namespace plumbline
