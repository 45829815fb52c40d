// The tables and functions of the ledger, in the words of the server.
#include "runner/ledger_sql.h"

#include <array>

#include "postgres/text.h"
#include "runner/ledger_schema.h"

namespace plumbline {
namespace {

// {s} is the schema's name as SQL, {lock} the key of the migration lock, {chain} that of the history's end,
// {db_type} and {logged_db_type} the first and the second argument as schema_versions calls it.
constexpr std::string_view tables = R"sql(
CREATE TABLE IF NOT EXISTS {s}.schema_migrations (version text PRIMARY KEY, state text NOT NULL, checksum text);
ALTER TABLE {s}.schema_migrations
  ADD COLUMN IF NOT EXISTS name text,
  ADD COLUMN IF NOT EXISTS file text,
  ADD COLUMN IF NOT EXISTS type text,
  ADD COLUMN IF NOT EXISTS phase text,
  ADD COLUMN IF NOT EXISTS description text,
  ADD COLUMN IF NOT EXISTS direction text NOT NULL DEFAULT 'up' CHECK (direction IN ('up', 'down')),
  ADD COLUMN IF NOT EXISTS statements integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS statements_done integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS done_checksum text,
  ADD COLUMN IF NOT EXISTS statement_running integer,
  ADD COLUMN IF NOT EXISTS statement_mark text,
  ADD COLUMN IF NOT EXISTS error text,
  ADD COLUMN IF NOT EXISTS applied_by text,
  ADD COLUMN IF NOT EXISTS applied_at timestamptz,
  ADD COLUMN IF NOT EXISTS duration_ms bigint,
  ADD COLUMN IF NOT EXISTS plumbline_version text,
  ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD CONSTRAINT schema_migrations_state CHECK (state IN ('pending', 'running', 'applied', 'failed', 'rolled_back'));
COMMENT ON TABLE {s}.schema_migrations IS 'The state of each migration; written by plumbline.';

CREATE TABLE {s}.migration_history (
  id bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  action text NOT NULL,
  version text,
  name text,
  direction text,
  checksum text,
  statements integer,
  statements_done integer,
  duration_ms bigint,
  lock_wait_ms bigint,
  performed_by text NOT NULL,
  client text,
  plumbline_version text,
  reason text,
  details text,
  previous_hash text NOT NULL,
  hash text NOT NULL
);
COMMENT ON TABLE {s}.migration_history IS
  'What was done, by whom and when: append-only, each row hashed together with the one before it.';

CREATE TABLE {s}.schema_versions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  major integer NOT NULL,
  minor integer NOT NULL,
  patch integer NOT NULL,
  version text GENERATED ALWAYS AS (major::text || '.' || minor::text || '.' || patch::text) STORED,
  change text NOT NULL CHECK (change IN ('major', 'minor', 'patch')),
  migration text,
  description text,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE {s}.schema_versions IS
  'Semantic versions of the schema: breaking changes count as major, additions as minor, others as patch.';

CREATE TABLE {s}.migration_locks (
  name text PRIMARY KEY,
  holder text NOT NULL,
  role text NOT NULL,
  pid integer NOT NULL,
  backend_start timestamptz,
  client_address text,
  acquired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  doing text
);
COMMENT ON TABLE {s}.migration_locks IS
  'Who migrates now, or who did when it died: the lock itself is an advisory one of that session.';

CREATE TABLE {s}.schema_snapshots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  migration text,
  fingerprint text NOT NULL,
  objects bigint NOT NULL,
  server_version integer NOT NULL,
  snapshot text
);
COMMENT ON TABLE {s}.schema_snapshots IS 'The schema as the last runs left it.';

CREATE TABLE {s}.schema_drift_alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  since bigint REFERENCES {s}.schema_snapshots ON DELETE SET NULL,
  findings integer NOT NULL,
  summary text NOT NULL,
  resolved_at timestamptz
);
COMMENT ON TABLE {s}.schema_drift_alerts IS 'Changes that a runner found and no migration had made.';

CREATE TABLE {s}.migration_dependencies (
  version text NOT NULL REFERENCES {s}.schema_migrations ON DELETE CASCADE,
  depends_on text NOT NULL,
  PRIMARY KEY (version, depends_on)
);
COMMENT ON TABLE {s}.migration_dependencies IS 'What the headers of migrations say they need.';
)sql";

constexpr std::string_view functions = R"sql(
CREATE FUNCTION {s}.ledger_version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {version}';

CREATE FUNCTION {s}.get_current_schema_version() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  SELECT coalesce((SELECT version FROM {s}.schema_versions ORDER BY id DESC LIMIT 1), '0.0.0')
$plumbline$;

CREATE FUNCTION {s}.is_migration_applied(migration text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  SELECT EXISTS (SELECT FROM {s}.schema_migrations WHERE version = migration AND state = 'applied')
$plumbline$;

CREATE FUNCTION {s}.acquire_migration_lock(who text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $plumbline$
BEGIN
  IF NOT pg_try_advisory_lock({lock}) THEN RETURN false; END IF;
  -- Behind a pooler that hands sessions on, the lock alone does not tell runners apart.
  IF EXISTS (SELECT FROM {s}.migration_locks l JOIN pg_stat_activity a USING (pid, backend_start)
             WHERE l.name = 'migrations' AND l.pid <> pg_backend_pid()) THEN
    PERFORM pg_advisory_unlock({lock});
    RETURN false;
  END IF;
  INSERT INTO {s}.migration_locks AS l (name, holder, role, pid, backend_start, client_address)
  SELECT 'migrations', coalesce(who, session_user), session_user, pid, backend_start, host(client_addr)
  FROM pg_stat_activity WHERE pid = pg_backend_pid()
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, role = excluded.role, pid = excluded.pid,
    backend_start = excluded.backend_start, client_address = excluded.client_address,
    acquired_at = clock_timestamp(), doing = NULL;
  RETURN true;
END
$plumbline$;

CREATE FUNCTION {s}.release_migration_lock() RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $plumbline$
BEGIN
  DELETE FROM {s}.migration_locks WHERE name = 'migrations' AND pid = pg_backend_pid();
  RETURN pg_advisory_unlock({lock});
END
$plumbline$;

CREATE FUNCTION {s}.log_schema_version(what text, migration text, description text DEFAULT NULL)
RETURNS text LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $plumbline$
  INSERT INTO {s}.schema_versions (major, minor, patch, change, migration, description)
  SELECT CASE WHEN what = 'major' THEN major + 1 ELSE major END,
         CASE what WHEN 'major' THEN 0 WHEN 'minor' THEN minor + 1 ELSE minor END,
         CASE WHEN what = 'patch' THEN patch + 1 ELSE 0 END,
         what, log_schema_version.migration, log_schema_version.description
  FROM (SELECT major, minor, patch, id FROM {s}.schema_versions
        UNION ALL SELECT 0, 0, 0, 0 ORDER BY id DESC LIMIT 1) AS last
  RETURNING version
$plumbline$;

-- A row gets its place and its hash from here, whatever was inserted.
CREATE FUNCTION {s}.chain_history() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $plumbline$
DECLARE
  last record;
BEGIN
  PERFORM pg_advisory_xact_lock({chain});
  SELECT id, hash INTO last FROM {s}.migration_history ORDER BY id DESC LIMIT 1;
  NEW.id := coalesce(last.id, 0) + 1;
  NEW.at := clock_timestamp();
  NEW.performed_by := session_user;
  NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
  NEW.hash := encode(sha256(convert_to({row}, 'UTF8')), 'hex');
  RETURN NEW;
END
$plumbline$;
CREATE TRIGGER chain BEFORE INSERT ON {s}.migration_history FOR EACH ROW EXECUTE FUNCTION {s}.chain_history();
ALTER TABLE {s}.migration_history ENABLE ALWAYS TRIGGER chain;

CREATE FUNCTION {s}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $plumbline$
BEGIN
  RAISE EXCEPTION 'migration_history is append-only' USING ERRCODE = '55000';
END
$plumbline$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {s}.migration_history
  FOR EACH STATEMENT EXECUTE FUNCTION {s}.refuse_change();
ALTER TABLE {s}.migration_history ENABLE ALWAYS TRIGGER append_only;
)sql";

void replace_all(std::string& text, std::string_view hole, const std::string& value) {
  for (std::size_t at = text.find(hole); at != std::string::npos; at = text.find(hole, at + value.size())) {
    text.replace(at, hole.size(), value);
  }
}

constexpr std::string_view second_version = R"sql(
ALTER TABLE {s}.schema_drift_alerts ADD COLUMN report text;
COMMENT ON COLUMN {s}.schema_drift_alerts.report IS 'What "plumbline check --record" found; null: a runner wrote the row.';
CREATE OR REPLACE FUNCTION {s}.ledger_version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {version}';
)sql";

std::string db_type_of(const std::string& argument) {
  const std::string name = "lower(coalesce(" + argument + ", 'postgresql'))";
  return "CASE WHEN " + name + " IN ('postgres', 'pg') THEN 'postgresql' ELSE " + name + " END";
}

std::string filled(std::string_view text, const std::string& schema) {
  std::string sql(text);
  replace_all(sql, "{times_of_row}", history_times(""));
  replace_all(sql, "{times_of_new}", history_times("NEW."));
  replace_all(sql, "{db_type}", db_type_of("$1"));
  replace_all(sql, "{logged_db_type}", db_type_of("$2"));
  replace_all(sql, "{client}",
              "concat_ws(', ', nullif(current_setting('application_name'), ''), "
              "coalesce(host(inet_client_addr()), 'local'))");
  replace_all(sql, "{row}", history_text("NEW."));
  replace_all(sql, "{lock}", migration_lock_key(schema));
  replace_all(sql, "{chain}", "hashtextextended(" + quote_literal("plumbline history of " + schema) + ", 0)");
  replace_all(sql, "{version}", std::to_string(ledger_version));
  replace_all(sql, "{s}", quote_identifier(schema));
  return sql;
}

}  // namespace

std::vector<std::string> ledger_upgrade(int from, const std::string& schema) {
  std::vector<std::string> steps;
  if (from < 1) {
    steps.push_back(filled(tables, schema));
    steps.push_back(filled(functions, schema));
  }
  if (from < 2) steps.push_back(filled(second_version, schema));
  if (from < 3) {
    for (const std::string_view step : third_ledger_version()) steps.push_back(filled(step, schema));
  }
  return steps;
}

std::string migration_lock_key(std::string_view schema) {
  return "pg_catalog.hashtextextended(" + quote_literal("plumbline migrations of " + std::string(schema)) +
         ", 0)";
}

std::string history_text(std::string_view row) {
  constexpr std::array columns = {
      "action",     "version",           "name",        "direction",    "checksum",
      "statements", "statements_done",   "duration_ms", "lock_wait_ms", "performed_by",
      "client",     "plumbline_version", "reason",      "details"};
  const std::string r(row);
  std::string sql = "jsonb_build_array(" + r + "previous_hash, " + r + "id, to_char(" + r +
                    R"(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))";
  for (const char* column : columns) sql += ", " + r + column;
  return sql + ")::text";
}

std::string history_times(std::string_view row) {
  const std::string r(row);
  return r + "at - coalesce(" + r + "duration_ms, 0) * interval '1 millisecond', " + r + "at";
}

}  // namespace plumbline
