-- The ledger as plumbline 0.1.0 made it.
CREATE SCHEMA plumbline;

CREATE TABLE IF NOT EXISTS plumbline.schema_migrations (version text PRIMARY KEY, state text NOT NULL, checksum text);
ALTER TABLE plumbline.schema_migrations
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
COMMENT ON TABLE plumbline.schema_migrations IS 'The state of each migration; written by plumbline.';

CREATE TABLE plumbline.migration_history (
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
COMMENT ON TABLE plumbline.migration_history IS
  'What was done, by whom and when: append-only, each row hashed together with the one before it.';

CREATE TABLE plumbline.schema_versions (
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
COMMENT ON TABLE plumbline.schema_versions IS
  'Semantic versions of the schema: breaking changes count as major, additions as minor, others as patch.';

CREATE TABLE plumbline.migration_locks (
  name text PRIMARY KEY,
  holder text NOT NULL,
  role text NOT NULL,
  pid integer NOT NULL,
  backend_start timestamptz,
  client_address text,
  acquired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  doing text
);
COMMENT ON TABLE plumbline.migration_locks IS
  'Who migrates now, or who did when it died: the lock itself is an advisory one of that session.';

CREATE TABLE plumbline.schema_snapshots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  migration text,
  fingerprint text NOT NULL,
  objects bigint NOT NULL,
  server_version integer NOT NULL,
  snapshot text
);
COMMENT ON TABLE plumbline.schema_snapshots IS 'The schema as the last runs left it.';

CREATE TABLE plumbline.schema_drift_alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  since bigint REFERENCES plumbline.schema_snapshots ON DELETE SET NULL,
  findings integer NOT NULL,
  summary text NOT NULL,
  resolved_at timestamptz
);
COMMENT ON TABLE plumbline.schema_drift_alerts IS 'Changes that a runner found and no migration had made.';

CREATE TABLE plumbline.migration_dependencies (
  version text NOT NULL REFERENCES plumbline.schema_migrations ON DELETE CASCADE,
  depends_on text NOT NULL,
  PRIMARY KEY (version, depends_on)
);
COMMENT ON TABLE plumbline.migration_dependencies IS 'What the headers of migrations say they need.';

CREATE FUNCTION plumbline.ledger_version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';

CREATE FUNCTION plumbline.get_current_schema_version() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  SELECT coalesce((SELECT version FROM plumbline.schema_versions ORDER BY id DESC LIMIT 1), '0.0.0')
$plumbline$;

CREATE FUNCTION plumbline.is_migration_applied(migration text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  SELECT EXISTS (SELECT FROM plumbline.schema_migrations WHERE version = migration AND state = 'applied')
$plumbline$;

CREATE FUNCTION plumbline.acquire_migration_lock(who text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $plumbline$
BEGIN
  IF NOT pg_try_advisory_lock(pg_catalog.hashtextextended('plumbline migrations of plumbline', 0)) THEN RETURN false; END IF;
  -- Behind a pooler that hands sessions on, the lock alone does not tell runners apart.
  IF EXISTS (SELECT FROM plumbline.migration_locks l JOIN pg_stat_activity a USING (pid, backend_start)
             WHERE l.name = 'migrations' AND l.pid <> pg_backend_pid()) THEN
    PERFORM pg_advisory_unlock(pg_catalog.hashtextextended('plumbline migrations of plumbline', 0));
    RETURN false;
  END IF;
  INSERT INTO plumbline.migration_locks AS l (name, holder, role, pid, backend_start, client_address)
  SELECT 'migrations', coalesce(who, session_user), session_user, pid, backend_start, host(client_addr)
  FROM pg_stat_activity WHERE pid = pg_backend_pid()
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, role = excluded.role, pid = excluded.pid,
    backend_start = excluded.backend_start, client_address = excluded.client_address,
    acquired_at = clock_timestamp(), doing = NULL;
  RETURN true;
END
$plumbline$;

CREATE FUNCTION plumbline.release_migration_lock() RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $plumbline$
BEGIN
  DELETE FROM plumbline.migration_locks WHERE name = 'migrations' AND pid = pg_backend_pid();
  RETURN pg_advisory_unlock(pg_catalog.hashtextextended('plumbline migrations of plumbline', 0));
END
$plumbline$;

CREATE FUNCTION plumbline.log_schema_version(what text, migration text, description text DEFAULT NULL)
RETURNS text LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $plumbline$
  INSERT INTO plumbline.schema_versions (major, minor, patch, change, migration, description)
  SELECT CASE WHEN what = 'major' THEN major + 1 ELSE major END,
         CASE what WHEN 'major' THEN 0 WHEN 'minor' THEN minor + 1 ELSE minor END,
         CASE WHEN what = 'patch' THEN patch + 1 ELSE 0 END,
         what, log_schema_version.migration, log_schema_version.description
  FROM (SELECT major, minor, patch, id FROM plumbline.schema_versions
        UNION ALL SELECT 0, 0, 0, 0 ORDER BY id DESC LIMIT 1) AS last
  RETURNING version
$plumbline$;

-- A row gets its place and its hash from here, whatever was inserted.
CREATE FUNCTION plumbline.chain_history() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $plumbline$
DECLARE
  last record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('plumbline history of plumbline', 0));
  SELECT id, hash INTO last FROM plumbline.migration_history ORDER BY id DESC LIMIT 1;
  NEW.id := coalesce(last.id, 0) + 1;
  NEW.at := clock_timestamp();
  NEW.performed_by := session_user;
  NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
  NEW.hash := encode(sha256(convert_to(jsonb_build_array(NEW.previous_hash, NEW.id, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), NEW.action, NEW.version, NEW.name, NEW.direction, NEW.checksum, NEW.statements, NEW.statements_done, NEW.duration_ms, NEW.lock_wait_ms, NEW.performed_by, NEW.client, NEW.plumbline_version, NEW.reason, NEW.details)::text, 'UTF8')), 'hex');
  RETURN NEW;
END
$plumbline$;
CREATE TRIGGER chain BEFORE INSERT ON plumbline.migration_history FOR EACH ROW EXECUTE FUNCTION plumbline.chain_history();
ALTER TABLE plumbline.migration_history ENABLE ALWAYS TRIGGER chain;

CREATE FUNCTION plumbline.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $plumbline$
BEGIN
  RAISE EXCEPTION 'migration_history is append-only' USING ERRCODE = '55000';
END
$plumbline$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.migration_history
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
ALTER TABLE plumbline.migration_history ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE plumbline.schema_drift_alerts ADD COLUMN report text;
COMMENT ON COLUMN plumbline.schema_drift_alerts.report IS 'What "plumbline check --record" found; null: a runner wrote the row.';
CREATE OR REPLACE FUNCTION plumbline.ledger_version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';
