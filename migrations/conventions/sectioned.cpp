// Tools that keep up and down in one file, in sections opened by a comment.
#include "migrations/convention.h"

namespace plumbline {
namespace {

NextMigration sections_after(std::string_view first, const NewFile& file) {
  return {.first_version = first, .files = {file}};
}

constexpr Marking sql_migrate_row{
    .sql = "INSERT INTO {table} (id, applied_at) VALUES ({version}, current_timestamp)",
    .undo = "DELETE FROM {table} WHERE id = {version}"};

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a table, one entry a tool
std::vector<Convention> sectioned_conventions() {
  return {
      {.name = "dbmate",
       .example = "20240131120000_name.sql with a line \"-- migrate:up\"",
       .layout = {.file_pattern = R"((?<version>\d+)(?:_(?<name>[^/]*))?\.sql)",
                  .order = "text",
                  .up_marker = R"(^--\s*migrate:up\b)",
                  .down_marker = R"(^--\s*migrate:down\b)",
                  .no_transaction_marker = R"(^--\s*migrate:up\b.*\btransaction:\s*false)"},
       .markers = "-- migrate:up|--migrate:up",
       .sections_required = true,
       .ledgers = {{.table = "schema_migrations",
                    .columns = "version",
                    .absent = "dirty,statements,migration_id,checksum,status",
                    .sql = "SELECT version::text, 'applied' FROM {table} ORDER BY version",
                    .marking = {.sql = "INSERT INTO {table} (version) VALUES ({version})",
                                .undo = "DELETE FROM {table} WHERE version = {version}"}}},
       .next = sections_after("20240131120000", {"{version}_{name}.sql", "-- migrate:up\n{about}{up}\n",
                                                 "-- migrate:down\n{down}"})},
      {.name = "goose",
       .example = "00001_name.sql with a line \"-- +goose Up\"",
       .layout = {.file_pattern = R"((?<version>\d+)_(?<name>[^/]*)\.sql)",
                  .up_marker = R"(^--\s*\+goose\s+up\b)",
                  .down_marker = R"(^--\s*\+goose\s+down\b)",
                  .no_transaction_marker = R"(^--\s*\+goose\s+no\s+transaction)"},
       .markers = "+goose Up|+goose up|+goose UP",
       .sections_required = true,
       .numeric_version = true,
       .ledgers =
           {{.table = "goose_db_version",
             .columns = "version_id,is_applied",
             .sql =
                 "SELECT version_id::text, CASE WHEN is_applied THEN 'applied' ELSE 'rolled_back' END FROM "
                 "{table} ORDER BY id",
             .first_steps = "0",
             .marking = {.sql = "INSERT INTO {table} (version_id, is_applied) VALUES ({version}, true)",
                         .undo = "DELETE FROM {table} WHERE version_id = {version}"}}},
       .next = sections_after("20240131120000", {"{version}_{name}.sql", "-- +goose Up\n{about}{up}\n",
                                                 "-- +goose Down\n{down}"})},
      {.name = "sql-migrate",
       .example = "1_name.sql with a line \"-- +migrate Up\"",
       .layout = {.file_pattern = R"((?<version>(?<name>[^/]*)\.sql))",
                  .up_marker = R"(^--\s*\+migrate\s+up\b)",
                  .down_marker = R"(^--\s*\+migrate\s+down\b)",
                  .no_transaction_marker = R"(^--\s*\+migrate\s+up\b.*\bnotransaction)"},
       .markers = "+migrate Up|+migrate up",
       .sections_required = true,
       .ledgers = {{.table = "gorp_migrations",
                    .columns = "id,applied_at",
                    .sql = "SELECT id, 'applied' FROM {table} ORDER BY applied_at",
                    .marking = sql_migrate_row},
                   {.table = "migration_info",
                    .columns = "id,applied_at",
                    .sql = "SELECT id, 'applied' FROM {table} ORDER BY applied_at",
                    .marking = sql_migrate_row}},
       .next = sections_after("20240131120000", {"{version}-{name}.sql", "-- +migrate Up\n{about}{up}\n",
                                                 "-- +migrate Down\n{down}"})},
      {.name = "node-pg-migrate",
       .example = "1700000000000_name.sql with a line \"-- Up Migration\"",
       .layout = {.file_pattern = R"((?<version>\d+[-_](?<name>[^/]*))\.sql)",
                  .up_marker = R"(^\s*--[\s-]*up\s+migration)",
                  .down_marker = R"(^\s*--[\s-]*down\s+migration)"},
       .markers = "-- Up Migration|-- up migration",
       .ledgers =
           {{.table = "pgmigrations",
             .columns = "name,run_on",
             .sql = "SELECT name, 'applied' FROM {table} ORDER BY id",
             .marking = {.sql = "INSERT INTO {table} (name, run_on) VALUES ({version}, current_timestamp)",
                         .undo = "DELETE FROM {table} WHERE name = {version}"}}},
       .next = sections_after("1700000000000", {"{version}_{name}.sql", "-- Up Migration\n{about}{up}\n",
                                                "-- Down Migration\n{down}"})},
      {.name = "play-evolutions",
       .example = "1.sql with a line \"# --- !Ups\"",
       .layout = {.file_pattern = R"((?<version>\d+)\.sql)",
                  .up_marker = R"(^(?:#|--).*!Ups)",
                  .down_marker = R"(^(?:#|--).*!Downs)"},
       .markers = "!Ups",
       .sections_required = true,
       .numeric_version = true,
       .ledgers =
           {{.table = "play_evolutions",
             .columns = "id,state,apply_script",
             .sql =
                 "SELECT id::text, CASE WHEN state = 'applied' THEN 'applied' ELSE 'failed' END FROM {table} "
                 "ORDER BY id",
             .own = "play_evolutions_lock"}},
       .next = sections_after("1", {"{version}.sql", "# --- !Ups\n{about}{up}\n", "# --- !Downs\n{down}"})},
      {.name = "tern",
       .example = "001_name.sql with a line \"---- create above / drop below ----\"",
       .layout = {.file_pattern = R"((?<version>\d+)_(?<name>[^/]*)\.sql)",
                  .down_marker = R"(^---- create above / drop below ----)",
                  .no_transaction_marker = R"(^---- tern: disable-tx ----)"},
       .markers = "---- create above / drop below ----",
       .numeric_version = true,
       .ledgers = {{.table = "schema_version",
                    .columns = "version",
                    .sql = "SELECT version::text, 'before' FROM {table} WHERE version > 0",
                    .marking = {.sql = "UPDATE {table} SET version = {version}",
                                .undo = "UPDATE {table} SET version = 0",
                                .all_before = true,
                                .last_alone = true}}},
       .next = sections_after("001", {"{version}_{name}.sql", "{about}{up}\n",
                                      "---- create above / drop below ----\n\n{down}"})},
  };
}

}  // namespace plumbline
