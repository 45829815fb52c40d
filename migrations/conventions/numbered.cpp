// Tools whose files are a number and a name; they differ in the ledger and in a line or two.
#include <set>

#include "migrations/convention.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

std::string sha384_of_file(const Migration& migration) { return sha384_hex(migration.up_bytes); }

// postgres-migrations hashes the file's name and its text.
std::string sha1_of_name_and_file(const Migration& migration) {
  const std::size_t slash = migration.file.rfind('/');
  return sha1_hex(migration.file.substr(slash == std::string::npos ? 0 : slash + 1) + migration.up_bytes);
}

constexpr const char* up_and_down = R"((?<version>\d+)[-_.]?(?<name>[^/]*)\.(?<direction>up|down)\.sql)";
constexpr const char* single_file = R"((?!.*\.(?:up|down)\.sql$)(?<version>\d+)[-_]?(?<name>[^/]*)\.sql)";

// A number, a dotted number, or a date with or without a time. A day alone is not unique: the whole name
// counts.
constexpr const char* numbered =
    R"((?!.*\.(?:up|down)\.sql$)[Vv]?(?<version>\d{4}-\d\d-\d\d[-_ .T]\d{4,6}(?!\d)|\d{4}-\d\d-\d\d(?=\D)[^/]*?(?=\.sql$))"
    R"(|(?:19|20)\d{6}[-_T]\d{4,6}(?!\d)|\d+(?:\.\d+)*)(?:[-_. ]*(?<name>[^/]*?))?(?:\.(?<direction>undo|rollback))?\.sql)";

// Of two files with one version pop takes the one for PostgreSQL.
void refine_pop(Reading& reading, const FileSet&) {
  const auto is_general = [](const Draft& draft) {
    return draft.migration.file.find(".postgres") == std::string::npos;
  };
  std::set<std::string> special;
  for (const Draft& draft : reading.drafts) {
    if (!is_general(draft)) special.insert(draft.migration.version);
  }
  std::erase_if(reading.drafts, [&](const Draft& draft) {
    const bool replaced = is_general(draft) && special.contains(draft.migration.version);
    if (replaced)
      reading.set_aside.push_back(
          {draft.migration.file, OtherFile::Role::part, "the file for PostgreSQL is run instead"});
    return replaced;
  });
}

const LedgerRules one_row{
    .table = "schema_migrations",
    .columns = "version,dirty",
    .sql =
        "SELECT version::text, CASE WHEN dirty THEN 'dirty' ELSE 'before' END FROM "
        "{table} WHERE version >= 0",
    .marking = {.sql = "TRUNCATE {table};;INSERT INTO {table} (version, dirty) VALUES ({version}, false)",
                .undo = "TRUNCATE {table}",
                .command = "migrate force {version}",
                .all_before = true,
                .last_alone = true}};
const LedgerRules version_only{.table = "schema_migrations",
                               .columns = "version",
                               .absent = "dirty,statements,migration_id,checksum,status",
                               .sql = "SELECT version::text, 'applied' FROM {table}",
                               .own = "ar_internal_metadata",
                               .marking = {.sql = "INSERT INTO {table} (version) VALUES ({version})",
                                           .undo = "DELETE FROM {table} WHERE version = {version}"}};

NextMigration pair_after(std::string_view first) {
  return {.first_version = first,
          .files = {{"{version}_{name}.up.sql", "{about}{up}"}, {"{version}_{name}.down.sql", "", "{down}"}}};
}
NextMigration single_after(std::string_view first) {
  return {.first_version = first, .files = {{"{version}_{name}.sql", "{about}{up}"}}};
}

// NOLINTNEXTLINE(readability-function-size): a table, one entry a tool
std::vector<Convention> pairs() {
  return {
      {.name = "golang-migrate",
       .example = "0001_name.up.sql",
       .layout = {.file_pattern = up_and_down},
       .by_name = 1,
       .numeric_version = true,
       .ledgers = {one_row},
       .family = "pairs",
       .next = pair_after("20240131120000")},
      {.name = "sqlx",
       .example = "20240131120000_name.sql or 20240131120000_name.up.sql",
       .layout = {.file_pattern = R"((?<version>\d+)_(?<name>[^/]*?)(?:\.(?<direction>up|down))?\.sql)",
                  .no_transaction_marker = R"(^--\s*no-transaction)"},
       .markers = "-- no-transaction",
       .numeric_version = true,
       .ledgers =
           {{.table = "_sqlx_migrations",
             .columns = "version,success,checksum",
             .sql = "SELECT version::text, CASE WHEN success THEN 'applied' ELSE 'failed' END, "
                    "encode(checksum, 'hex') FROM {table} ORDER BY version",
             .checksum = sha384_of_file,
             .marking = {.sql =
                             "INSERT INTO {table} (version, description, success, checksum, execution_time) "
                             "VALUES ({version}, {description}, true, decode({checksum}, 'hex'), 0)",
                         .undo = "DELETE FROM {table} WHERE version = {version}"}}},
       .family = "pairs,singles",
       .next = pair_after("20240131120000")},
      {.name = "pop",
       .example = "20240131120000_name.up.sql",
       .layout = {.file_pattern =
                      R"((?<version>\d+)_(?<name>[^./]+)(?:\.postgres(?:ql)?)?\.(?<direction>up|down)\.sql)"},
       .markers = "{{ index .Options|{{index .Options",
       .refine = refine_pop,
       .ledgers = {version_only,
                   {.table = "schema_migration",
                    .columns = "version",
                    .sql = "SELECT version::text, 'applied' FROM {table}",
                    .marking = {.sql = "INSERT INTO {table} (version) VALUES ({version})",
                                .undo = "DELETE FROM {table} WHERE version = {version}"}}},
       .family = "pairs",
       .next = pair_after("20240131120000")},
      {.name = "concourse",
       .example = "1510262030_name.up.sql",
       .layout = {.file_pattern = up_and_down,
                  .no_transaction_marker = R"(^--\s*NO_TRANSACTION)",
                  .repeats_versions = true},
       .markers = "-- NO_TRANSACTION",
       .numeric_version = true,
       .ledgers =
           {{.table = "migrations_history",
             .columns = "version,direction,status",
             .sql =
                 "SELECT version::text, CASE WHEN dirty OR status <> 'passed' THEN 'failed' WHEN direction = "
                 "'down' THEN 'rolled_back' ELSE 'applied' END FROM {table} ORDER BY tstamp",
             .own = "schema_migrations,migration_version",
             .marking = {.sql = "INSERT INTO {table} (version, tstamp, direction, status, dirty) VALUES "
                                "({version}, current_timestamp, 'up', 'passed', false)",
                         .undo = "INSERT INTO {table} (version, tstamp, direction, status, dirty) VALUES "
                                 "({version}, current_timestamp, 'down', 'passed', false)"}}},
       .family = "pairs",
       .next = pair_after("1700000000")},
      {.name = "db-migrate",
       .example = "sqls/20240131120000-name-up.sql",
       .layout = {.file_pattern = R"((?:sqls/)?(?<version>\d{8,}-(?<name>[^/]*))-(?<direction>up|down)\.sql)",
                  .order = "text"},
       .by_name = 2,
       .ledgers =
           {{.table = "migrations",
             .columns = "name,run_on",
             .sql = "SELECT ltrim(name, '/'), 'applied' FROM {table} ORDER BY id",
             .marking =
                 {.sql = "INSERT INTO {table} (name, run_on) VALUES ('/' || {version}, current_timestamp)",
                  .undo = "DELETE FROM {table} WHERE ltrim(name, '/') = {version}"}}},
       .next = {.first_version = "", .made_by = "db-migrate create NAME --sql-file"}},
      {.name = "postgrator",
       .example = "001.do.name.sql",
       .layout = {.file_pattern = R"((?<version>\d+)\.(?<direction>do|undo)(?:\.(?<name>[^/]*))?\.sql)"},
       .by_name = 2,
       .numeric_version = true,
       .ledgers = {{.table = "schemaversion",
                    .columns = "version",
                    .sql = "SELECT version::text, 'applied' FROM {table} WHERE version > 0"}},
       .next = {.first_version = "001",
                .files = {{"{version}.do.{name}.sql", "{about}{up}"},
                          {"{version}.undo.{name}.sql", "", "{down}"}}}},
      {.name = "morph",
       .example = "000001_name.up.sql",
       .layout = {.file_pattern = up_and_down, .no_transaction_marker = R"(^--\s*morph:nontransactional)"},
       .markers = "-- morph:nontransactional",
       .numeric_version = true,
       .ledgers = {{.table = "db_migrations",
                    .columns = "version,name",
                    .sql = "SELECT version::text, 'applied' FROM {table}",
                    .own = "db_lock",
                    .marking = {.sql = "INSERT INTO {table} (version, name) VALUES ({version}, {name})",
                                .undo = "DELETE FROM {table} WHERE version = {version}"}}},
       .family = "pairs",
       .next = pair_after("000001")},
  };
}

// NOLINTNEXTLINE(readability-function-size): a table, one entry a tool
std::vector<Convention> singles() {
  return {
      {.name = "numbered",
       .example = "001_name.sql or 2024-01-31-name.sql",
       .layout = {.file_pattern = numbered},
       .by_name = 1,
       .ledgers = {version_only},
       .family = "singles",
       .next = single_after("001")},
      {.name = "rails",
       .example = "20240131120000_name.sql",
       .layout = {.file_pattern = single_file},
       .ledgers = {version_only},
       .family = "singles",
       .next = single_after("20240131120000")},
      {.name = "supabase",
       .example = "20240131120000_name.sql",
       .layout = {.file_pattern = single_file, .order = "text"},
       .ledgers = {{.table = "supabase_migrations.schema_migrations",
                    .columns = "version,statements",
                    .sql = "SELECT version::text, 'applied' FROM {table} ORDER BY version",
                    .own = "supabase_migrations.*",
                    .marking = {.sql = "INSERT INTO {table} (version) VALUES ({version})",
                                .undo = "DELETE FROM {table} WHERE version = {version}",
                                .command = "supabase migration repair --status applied {version}"}}},
       .family = "singles",
       .next = single_after("20240131120000")},
      {.name = "atlas",
       .example = "20240131120000_name.sql and atlas.sum",
       .layout = {.file_pattern = single_file,
                  .order = "text",
                  .no_transaction_marker = R"(^--\s*atlas:txmode\s+none)"},
       .control_file = "atlas.sum",
       .markers = "-- atlas:txmode",
       .ledgers =
           {{.table = "atlas_schema_revisions",
             .columns = "version,applied,total,error",
             .sql =
                 "SELECT version::text, CASE WHEN version LIKE '.%' THEN 'ignored' WHEN type & 1 = 1 THEN "
                 "'baseline' WHEN coalesce(error, '') <> '' OR applied < total THEN 'failed' ELSE 'applied' "
                 "END FROM {table} ORDER BY version",
             .own = "atlas_schema_revisions.*",
             .marking = {.command = "atlas migrate set {version}", .all_before = true}}},
       .family = "singles",
       .next = {.first_version = "", .made_by = "atlas migrate new NAME"}},
      {.name = "postgres-migrations",
       .example = "0001-name.sql",
       .layout = {.file_pattern = single_file,
                  .no_transaction_marker = R"(^--\s*postgres-migrations\s+disable-transaction)"},
       .markers = "-- postgres-migrations ",
       .numeric_version = true,
       .ledgers =
           {{.table = "migrations",
             .columns = "id,name,hash,executed_at",
             .sql = "SELECT id::text, 'applied', hash FROM {table} ORDER BY id",
             .first_steps = "0",
             .checksum = sha1_of_name_and_file,
             .marking = {.sql = "INSERT INTO {table} (id, name, hash) VALUES ({version}, {name}, {checksum})",
                         .undo = "DELETE FROM {table} WHERE id = {version}"}}},
       .family = "singles",
       .next = {.first_version = "0001", .files = {{"{version}-{name}.sql", "{about}{up}"}}}},
      {.name = "graphile-worker",
       .example = "000001.sql",
       .layout = {.file_pattern = single_file},
       .markers = ":GRAPHILE_WORKER_SCHEMA",
       .numeric_version = true,
       .ledgers = {{.table = "migrations",
                    .columns = "id,ts",
                    .absent = "hash",
                    .sql = "SELECT id::text, 'applied' FROM {table} ORDER BY id"}},
       .family = "singles",
       .next = {.first_version = "000001", .files = {{"{version}.sql", "{about}{up}"}}}},
      {.name = "graphile-migrate",
       .example = "committed/000001-name.sql",
       .layout = {.file_pattern = R"((?:committed/)?(?<version>\d{6,})(?:-(?<name>[^/]*))?\.sql)",
                  .no_transaction_marker = R"(^--!\s*no-transaction)"},
       .control_file = "committed/000001*.sql",
       .markers = "--! Previous:",
       .numeric_version = true,
       .parts = "current.sql|*/current.sql|current/*|fixtures/*|functions/*|after*.sql|before*.sql",
       .ledgers = {{.table = "graphile_migrate.migrations",
                    .columns = "hash,filename",
                    .sql =
                        "SELECT substring(filename from '^[0-9]+'), 'applied' FROM {table} ORDER BY filename",
                    .own = "graphile_migrate.*"}},
       .next = {.first_version = "", .made_by = "graphile-migrate commit"}},
  };
}

}  // namespace

std::vector<Convention> numbered_conventions() {
  std::vector<Convention> all = pairs();
  for (Convention& convention : singles()) all.push_back(std::move(convention));
  return all;
}

}  // namespace plumbline
