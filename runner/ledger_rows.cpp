#include "runner/ledger_rows.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <span>

#include "migrations/own_ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_schema.h"

namespace plumbline {
namespace {

std::size_t number(std::string_view text) {
  return static_cast<std::size_t>(std::strtoull(std::string(text).c_str(), nullptr, 10));
}

std::int64_t signed_number(std::string_view text) {
  return std::strtoll(std::string(text).c_str(), nullptr, 10);
}

std::string or_null(const std::string& text) { return text.empty() ? "NULL" : quote_literal(text); }

template <typename Number>
std::string or_null(const std::optional<Number>& value) {
  return value ? std::to_string(*value) : "NULL";
}

[[noreturn]] void may_not_read(Error& error, Connection& connection, const std::string& schema) {
  if (error.sqlstate() != "42501") throw Error(error);
  const std::string s = quote_identifier(schema), role = quote_identifier(connection.user());
  throw Error("the role \"" + connection.user() + "\" may not read the ledger: " + error.message(),
              "Run GRANT USAGE ON SCHEMA " + s + " TO " + role + "; GRANT SELECT ON ALL TABLES IN SCHEMA " +
                  s + " TO " + role + ";",
              error.report());
}

}  // namespace

LedgerEntries read_entries(Connection& connection, const std::string& schema) {
  LedgerEntries entries;
  const LedgerForm form = ledger_form(connection, schema);
  refuse_unknown_ledger(form, schema);
  if (!form.ledger_exists) return entries;
  const bool full = form.version > 0;
  const std::string more =
      full ? "name, file, direction, statements, statements_done, done_checksum, statement_running, "
             "statement_mark, error, applied_by, to_char(applied_at, 'YYYY-MM-DD HH24:MI:SS OF'), "
             "duration_ms, "
             "CASE WHEN isfinite(applied_at) THEN floor(extract(epoch FROM applied_at))::bigint END, "
             "CASE WHEN isfinite(applied_at) THEN "
             "floor(extract(epoch FROM clock_timestamp() - applied_at))::bigint END"
           : "NULL, NULL, 'up', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";
  try {
    connection.query("SELECT version::text, state::text, checksum::text, " + more + " FROM " +
                         quote_qualified(schema, "schema_migrations"),
                     [&](const Row& row) {
                       LedgerEntry entry;
                       entry.version = row[0];
                       entry.state = row[1];
                       entry.checksum = row[2];
                       entry.name = row[3];
                       entry.file = row[4];
                       entry.direction = row[5];
                       entry.statements = number(row[6]);
                       entry.done = number(row[7]);
                       entry.done_checksum = row[8];
                       entry.running = number(row[9]);
                       entry.mark = row[10];
                       entry.error = row[11];
                       entry.applied_by = row[12];
                       entry.applied_at = row[13];
                       entry.duration_ms = static_cast<std::int64_t>(number(row[14]));
                       if (!row[15].empty()) entry.applied_epoch = signed_number(row[15]);
                       entry.applied_ago = signed_number(row[16]);
                       entries.emplace(entry.version, std::move(entry));
                     });
  } catch (Error& error) {
    may_not_read(error, connection, schema);
  }
  return entries;
}

std::vector<HistoryRow> read_history(Connection& connection, const std::string& schema, std::size_t limit) {
  std::vector<HistoryRow> rows;
  const LedgerForm form = ledger_form(connection, schema);
  refuse_doubtful_ledger(form, schema);
  if (form.version == 0) return rows;
  std::string sql =
      "SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), action, version, "
      "name, "
      "direction, duration_ms, lock_wait_ms, performed_by, client, reason, details, statements, "
      "statements_done, plumbline_version FROM " +
      quote_qualified(schema, "migration_history") + " ORDER BY id";
  if (limit > 0) sql = "SELECT * FROM (" + sql + " DESC LIMIT " + std::to_string(limit) + ") t ORDER BY id";
  try {
    connection.query(sql, [&](const Row& row) {
      const auto text = [&](std::size_t i) { return std::string(row[i]); };
      rows.push_back({text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7), text(8),
                      text(9), text(10), text(11), text(12), text(13), text(14)});
    });
  } catch (Error& error) {
    may_not_read(error, connection, schema);
  }
  return rows;
}

namespace {

// A trigger that does not fire for everybody writes down nothing.
std::optional<std::string> silent_trigger(Connection& connection, const std::string& schema) {
  std::string wanted;
  const std::size_t count = ledger_form(connection, schema).version >= 3 ? own_triggers.size() : 2;
  for (const std::string_view name : std::span(own_triggers).first(count))
    wanted += (wanted.empty() ? "" : ", ") + quote_literal(name);
  const auto silent = connection.value(
      "SELECT name FROM pg_catalog.unnest(ARRAY[" + wanted +
          "]) AS name WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON "
          "c.oid = "
          "t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
          "c.relname IN "
          "('migration_history', 'schema_migrations') AND t.tgname = name AND t.tgenabled = 'A') LIMIT 1",
      {schema});
  if (!silent) return std::nullopt;
  return "the trigger \"" + *silent + "\" is gone or off, or not enabled always";
}

}  // namespace

ChainVerdict verify_history(Connection& connection, const std::string& schema) {
  ChainVerdict verdict;
  std::string previous(64, '0');
  const bool has_times = ledger_form(connection, schema).version >= 3;
  const std::string times =
      has_times ? "(started_at, completed_at) IS NOT DISTINCT FROM (" + history_times("") + ")" : "true";
  connection.query("SELECT id, previous_hash, hash, " + history_text("") + ", " + times + " FROM " +
                       quote_qualified(schema, "migration_history") + " ORDER BY id",
                   [&](const Row& row) {
                     ++verdict.rows;
                     if (verdict.broken) return;
                     const std::string id(row[0]);
                     if (id != std::to_string(verdict.rows)) {
                       verdict.broken = "row " + std::to_string(verdict.rows) + " is gone";
                     } else if (row[2] != sha256_hex(row[3]) || row[4] != "t") {
                       verdict.broken = "row " + id + " was changed";
                     } else if (row[1] != previous) {
                       verdict.broken = "row " + id + " does not follow the row before it";
                     }
                     previous = row[2];
                   });
  if (verdict.broken) return verdict;
  verdict.broken = silent_trigger(connection, schema);
  if (verdict.broken) return verdict;
  // Rows cut off at the end leave the chain whole, but not what the ledger says beside it.
  connection.query(
      "SELECT version FROM " + quote_qualified(schema, "schema_migrations") +
          " m WHERE state = 'applied' AND NOT EXISTS (SELECT FROM " +
          quote_qualified(schema, "migration_history") +
          " h WHERE h.version = m.version AND h.action IN ('applied', 'baseline', 'imported', "
          "'changed_by_hand')) "
          "AND applied_at IS NOT NULL LIMIT 1",
      [&](const Row& row) { verdict.broken = "nothing says when " + std::string(row[0]) + " was applied"; });
  return verdict;
}

std::string client_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const passwd* user = getpwuid(geteuid());
  return std::string(user ? user->pw_name : std::to_string(geteuid())) + "@" + host.data() + ", process " +
         std::to_string(getpid());
}

std::string as_ourselves() {
  return "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; SET LOCAL search_path = pg_catalog; "
         "SET LOCAL statement_timeout = 0; ";
}

std::string in_between_as_ourselves(const std::string& sql) {
  std::string keep, restore;
  // In this order: setting the first resets the second.
  for (const std::string name : {"session_authorization", "role", "search_path", "statement_timeout"}) {
    const std::string kept = "'plumbline.kept_" + name + "'";
    keep.append(keep.empty() ? "SELECT " : ", ")
        .append("pg_catalog.set_config(")
        .append(kept)
        .append(", pg_catalog.current_setting('")
        .append(name)
        .append("'), true)");
    restore.append("SELECT pg_catalog.set_config('")
        .append(name)
        .append("', pg_catalog.current_setting(")
        .append(kept)
        .append("), true); ");
  }
  return keep + "; " + as_ourselves() + sql + restore;
}

std::string session_reset() { return "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; "; }

LedgerWriter::LedgerWriter(std::string schema) : schema_(std::move(schema)) {}

std::string LedgerWriter::table(std::string_view name) const { return quote_qualified(schema_, name); }

std::string LedgerWriter::upsert(const std::string& version, const Migration& migration,
                                 std::int64_t duration_ms,
                                 const std::vector<std::pair<std::string, std::string>>& values) const {
  std::string columns = "version, name, file, type, phase, description, plumbline_version, changed_at",
              row = quote_literal(version) + ", " + or_null(migration.name) + ", " + or_null(migration.file) +
                    ", " + or_null(migration.type) + ", " + or_null(migration.phase) + ", " +
                    or_null(migration.description) + ", " + quote_literal(PLUMBLINE_VERSION) +
                    ", clock_timestamp()",
              update =
                  "name = excluded.name, file = excluded.file, type = excluded.type, phase = excluded.phase, "
                  "description = excluded.description, plumbline_version = excluded.plumbline_version, "
                  "changed_at = excluded.changed_at";
  columns += ", started_at";
  row += ", clock_timestamp() - " + std::to_string(duration_ms) + " * interval '1 millisecond'";
  for (const auto& [column, value] : values) {
    columns.append(", ").append(column);
    row.append(", ").append(value);
    update.append(", ").append(column).append(" = excluded.").append(column);
  }
  // A run that was interrupted began when it began first.
  update +=
      ", started_at = CASE WHEN m.status = 'running' AND m.started_at IS NOT NULL THEN m.started_at ELSE "
      "excluded.started_at END";
  std::string sql = "INSERT INTO " + table("schema_migrations") + " AS m (" + columns + ") VALUES (" + row +
                    ") ON CONFLICT (version) DO UPDATE SET " + update + "; ";
  for (const std::string& other : migration.dependencies) {
    sql += "INSERT INTO " + table("migration_dependencies") + " VALUES (" + quote_literal(version) + ", " +
           quote_literal(other) + ") ON CONFLICT DO NOTHING; ";
  }
  return sql;
}

std::string LedgerWriter::progress(const std::string& version, const Migration& migration,
                                   const ProgressNote& note) const {
  return upsert(version, migration, note.duration_ms,
                {{"status", quote_literal(note.state)},
                 {"direction", quote_literal(note.direction)},
                 {"checksum", quote_literal(migration.checksum)},
                 {"statements", std::to_string(note.statements)},
                 {"statements_done", std::to_string(note.done)},
                 {"done_checksum", or_null(note.done_checksum)},
                 {"statement_running", note.running > 0 ? std::to_string(note.running) : "NULL"},
                 {"statement_mark", or_null(note.mark)},
                 {"error", or_null(note.error)},
                 {"completed_at", note.state == "running" ? "NULL" : "clock_timestamp()"}});
}

std::string LedgerWriter::finished(const std::string& version, const Migration& migration, bool down,
                                   std::int64_t duration_ms) const {
  std::vector<std::pair<std::string, std::string>> values{
      {"status", down ? "'rolled_back'" : "'applied'"},
      {"direction", down ? "'down'" : "'up'"},
      {"checksum", quote_literal(migration.checksum)},
      {"statements", std::to_string(down ? migration.down.size() : migration.up.size())},
      {"statements_done", "0"},
      {"done_checksum", "NULL"},
      {"statement_running", "NULL"},
      {"statement_mark", "NULL"},
      {"error", "NULL"},
      {"duration_ms", std::to_string(duration_ms)},
      {"applied_by", "session_user"},
      {"applied_at", "clock_timestamp()"},
      {"completed_at", "clock_timestamp()"}};
  return upsert(version, migration, duration_ms, values);
}

std::string LedgerWriter::event(const HistoryEvent& event) const {
  // The trigger sets the place, the time, the role and the hashes.
  return "INSERT INTO " + table("migration_history") +
         " (id, at, action, version, name, direction, checksum, statements, statements_done, duration_ms, "
         "lock_wait_ms, performed_by, client, plumbline_version, reason, details, previous_hash, hash) "
         "VALUES "
         "(0, now(), " +
         quote_literal(event.action) + ", " + or_null(event.version) + ", " + or_null(event.name) + ", " +
         or_null(event.direction) + ", " + or_null(event.checksum) + ", " + or_null(event.statements) + ", " +
         or_null(event.done) + ", " + or_null(event.duration_ms) + ", " + or_null(event.lock_wait_ms) +
         ", '', " + quote_literal(client_name()) + ", " + quote_literal(PLUMBLINE_VERSION) + ", " +
         or_null(event.reason) + ", " + or_null(event.details) + ", '', ''); ";
}

std::string LedgerWriter::doing(const std::string& what) const {
  return "UPDATE " + table("migration_locks") + " SET doing = " + or_null(what) +
         " WHERE pid = pg_catalog.pg_backend_pid(); ";
}

}  // namespace plumbline
