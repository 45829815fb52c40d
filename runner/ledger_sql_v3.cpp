// Version 3 of the ledger: a status that may be set by hand, times for each migration and each row of the
// history, versions of several database systems.
#include "runner/ledger_sql.h"

namespace plumbline {
namespace {

constexpr std::string_view columns_v3 = R"sql(
ALTER TABLE {s}.schema_migrations RENAME COLUMN state TO status;
ALTER TABLE {s}.schema_migrations RENAME CONSTRAINT schema_migrations_state TO schema_migrations_status;
ALTER TABLE {s}.schema_migrations
  ALTER COLUMN status SET DEFAULT 'pending',
  ADD COLUMN state text GENERATED ALWAYS AS (status) STORED,
  ADD COLUMN started_at timestamptz,
  ADD COLUMN completed_at timestamptz;
COMMENT ON COLUMN {s}.schema_migrations.state IS
  'The same as status, under its name before version 3 of the ledger.';
COMMENT ON COLUMN {s}.schema_migrations.completed_at IS
  'When the last run of the migration ended, whatever its result; null: it is running, or has not run.';
UPDATE {s}.schema_migrations
SET started_at = applied_at - coalesce(duration_ms, 0) * interval '1 millisecond', completed_at = applied_at
WHERE status IN ('applied', 'rolled_back');

ALTER TABLE {s}.migration_history ADD COLUMN started_at timestamptz, ADD COLUMN completed_at timestamptz;
ALTER TABLE {s}.migration_history DISABLE TRIGGER append_only;
UPDATE {s}.migration_history SET (started_at, completed_at) = ROW ({times_of_row});
ALTER TABLE {s}.migration_history ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE {s}.migration_history ALTER COLUMN started_at SET NOT NULL, ALTER COLUMN completed_at SET NOT NULL;
COMMENT ON COLUMN {s}.migration_history.started_at IS
  'Follows from "at" and duration_ms, which the hash covers; "plumbline history --verify" compares them.';

ALTER TABLE {s}.schema_versions ADD COLUMN db_type text NOT NULL DEFAULT 'postgresql';
ALTER TABLE {s}.schema_versions ALTER COLUMN change DROP NOT NULL;
COMMENT ON COLUMN {s}.schema_versions.change IS 'What the version raises; null: it raises nothing.';

-- A row gets its place, its times and its hash from here, whatever was inserted.
CREATE OR REPLACE FUNCTION {s}.chain_history() RETURNS trigger LANGUAGE plpgsql
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
  SELECT {times_of_new} INTO NEW.started_at, NEW.completed_at;
  RETURN NEW;
END
$plumbline$;
)sql";

// Whoever works on a migration sets changed_at, and gives a new row a plumbline_version; a person does not
// think of either. As the ledger's owner: who may change a row need not have a right on the history.
constexpr std::string_view changes_by_hand = R"sql(
CREATE FUNCTION {s}.record_change_by_hand() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $plumbline$
DECLARE
  changes text;
  subject record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.changed_at IS DISTINCT FROM OLD.changed_at THEN RETURN NEW; END IF;
    SELECT string_agg(format('%s: %s -> %s', key, coalesce(o.value, 'null'), coalesce(n.value, 'null')), '; ')
    INTO changes FROM jsonb_each_text(to_jsonb(OLD)) AS o JOIN jsonb_each_text(to_jsonb(NEW)) AS n USING (key)
    WHERE key <> 'state' AND o.value IS DISTINCT FROM n.value;
    IF changes IS NULL THEN RETURN NEW; END IF;
    NEW.changed_at := clock_timestamp();
    IF NEW.status IS DISTINCT FROM OLD.status THEN
      IF NEW.status = 'pending' AND OLD.status IN ('applied', 'rolled_back') THEN
        NEW.direction := 'up'; NEW.started_at := NULL; NEW.completed_at := NULL;
      ELSIF NEW.status IN ('applied', 'rolled_back') THEN
        NEW.direction := CASE NEW.status WHEN 'applied' THEN 'up' ELSE 'down' END;
        NEW.statements_done := 0; NEW.done_checksum := NULL; NEW.error := NULL;
        NEW.statement_running := NULL; NEW.statement_mark := NULL;
        NEW.applied_by := session_user; NEW.applied_at := clock_timestamp(); NEW.completed_at := NEW.applied_at;
      END IF;
    END IF;
    subject := NEW;
  ELSIF TG_OP = 'INSERT' THEN
    IF NEW.plumbline_version IS NOT NULL THEN RETURN NULL; END IF;
    changes := 'inserted as ' || NEW.status;
    subject := NEW;
  ELSIF TG_OP = 'DELETE' THEN
    changes := 'deleted, was ' || OLD.status;
    subject := OLD;
  ELSE
    INSERT INTO {s}.migration_history (action, client, details)
    VALUES ('changed_by_hand', {client}, 'schema_migrations was truncated');
    RETURN NULL;
  END IF;
  INSERT INTO {s}.migration_history (action, version, name, checksum, client, details)
  VALUES ('changed_by_hand', subject.version, subject.name, subject.checksum, {client}, changes);
  RETURN subject;
END
$plumbline$;
CREATE TRIGGER by_hand BEFORE UPDATE ON {s}.schema_migrations
  FOR EACH ROW EXECUTE FUNCTION {s}.record_change_by_hand();
CREATE TRIGGER by_hand_rows AFTER INSERT OR DELETE ON {s}.schema_migrations
  FOR EACH ROW EXECUTE FUNCTION {s}.record_change_by_hand();
CREATE TRIGGER by_hand_all AFTER TRUNCATE ON {s}.schema_migrations
  FOR EACH STATEMENT EXECUTE FUNCTION {s}.record_change_by_hand();
ALTER TABLE {s}.schema_migrations ENABLE ALWAYS TRIGGER by_hand;
ALTER TABLE {s}.schema_migrations ENABLE ALWAYS TRIGGER by_hand_rows;
ALTER TABLE {s}.schema_migrations ENABLE ALWAYS TRIGGER by_hand_all;
)sql";

constexpr std::string_view functions_v3 = R"sql(
CREATE OR REPLACE FUNCTION {s}.ledger_version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {version}';

DROP FUNCTION {s}.is_migration_applied(text);
CREATE FUNCTION {s}.is_migration_applied(migration_file text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  -- A version, or the path of the file from anywhere above it, with or without its ending.
  WITH wanted AS (SELECT regexp_replace(migration_file, '(\.up)?\.sql$', '') AS stem),
       known AS (SELECT version, status, regexp_replace(file, '(\.up)?\.sql$', '') AS stem
                 FROM {s}.schema_migrations)
  SELECT EXISTS (SELECT FROM known, wanted WHERE known.status = 'applied' AND (known.version = migration_file
    OR known.stem = wanted.stem OR right(wanted.stem, length(known.stem) + 1) = '/' || known.stem
    OR regexp_replace(known.stem, '^.*/', '') = wanted.stem AND NOT EXISTS (
      SELECT FROM known AS other WHERE other.version <> known.version
      AND regexp_replace(other.stem, '^.*/', '') = wanted.stem)))
$plumbline$;

CREATE FUNCTION {s}.get_current_schema_version(db_type text) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  SELECT coalesce((SELECT v.version FROM {s}.schema_versions AS v WHERE v.db_type = {db_type}
                   ORDER BY v.id DESC LIMIT 1), CASE {db_type} WHEN 'postgresql' THEN '0.0.0' END)
$plumbline$;

CREATE OR REPLACE FUNCTION {s}.get_current_schema_version() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $plumbline$
  SELECT {s}.get_current_schema_version('postgresql')
$plumbline$;

CREATE FUNCTION {s}.raise_schema_version(change text, migration text, description text DEFAULT NULL)
RETURNS text LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $plumbline$
  INSERT INTO {s}.schema_versions (major, minor, patch, change, migration, description)
  SELECT CASE WHEN raise_schema_version.change = 'major' THEN major + 1 ELSE major END,
         CASE raise_schema_version.change WHEN 'major' THEN 0 WHEN 'minor' THEN minor + 1 ELSE minor END,
         CASE WHEN raise_schema_version.change = 'patch' THEN patch + 1 ELSE 0 END,
         raise_schema_version.change, raise_schema_version.migration, raise_schema_version.description
  FROM (SELECT major, minor, patch, id FROM {s}.schema_versions WHERE db_type = 'postgresql'
        UNION ALL SELECT 0, 0, 0, 0 ORDER BY id DESC LIMIT 1) AS last
  RETURNING version
$plumbline$;

DROP FUNCTION {s}.log_schema_version(text, text, text);
CREATE FUNCTION {s}.log_schema_version(version text, db_type text, migration text DEFAULT NULL,
                                       description text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $plumbline$
DECLARE
  part text[] := regexp_match(log_schema_version.version, '^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$');
  new_parts integer[];
  last_parts integer[];
  logged text;
BEGIN
  -- Before version 3 the arguments were (change, migration, description).
  IF log_schema_version.version IN ('major', 'minor', 'patch') THEN
    RETURN {s}.raise_schema_version(log_schema_version.version, db_type, migration);
  END IF;
  IF part IS NULL THEN
    RAISE EXCEPTION 'not a schema version: "%"', log_schema_version.version
      USING ERRCODE = '22023', HINT = 'Write it as MAJOR.MINOR.PATCH.';
  END IF;
  new_parts := ARRAY[part[1]::integer, coalesce(part[2], '0')::integer, coalesce(part[3], '0')::integer];
  SELECT ARRAY[v.major, v.minor, v.patch] INTO last_parts FROM {s}.schema_versions AS v
  WHERE v.db_type = {logged_db_type} ORDER BY v.id DESC LIMIT 1;
  last_parts := coalesce(last_parts, ARRAY[0, 0, 0]);
  INSERT INTO {s}.schema_versions AS v (major, minor, patch, change, db_type, migration, description)
  VALUES (new_parts[1], new_parts[2], new_parts[3],
          CASE WHEN new_parts <= last_parts THEN NULL WHEN new_parts[1] > last_parts[1] THEN 'major'
               WHEN new_parts[2] > last_parts[2] THEN 'minor' ELSE 'patch' END,
          {logged_db_type}, log_schema_version.migration, log_schema_version.description)
  RETURNING v.version INTO logged;
  RETURN logged;
END
$plumbline$;

-- The lock lasts as long as the session. One that the session holds already is taken once.
CREATE FUNCTION {s}.acquire_migration_lock(migration_id text, locked_by text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $plumbline$
DECLARE
  held boolean := EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND pid = pg_backend_pid() AND (classid::bigint << 32) | objid::bigint = {lock}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()));
  lease {s}.migration_locks;
BEGIN
  SELECT * INTO lease FROM {s}.migration_locks AS l WHERE l.name = 'migrations' AND l.pid = pg_backend_pid();
  IF held AND FOUND THEN
    RETURN lease.holder = coalesce(locked_by, session_user::text) AND lease.doing IS NOT DISTINCT FROM migration_id;
  END IF;
  IF NOT {s}.acquire_migration_lock(coalesce(locked_by, session_user::text)) THEN RETURN false; END IF;
  IF held THEN PERFORM pg_advisory_unlock({lock}); END IF;
  UPDATE {s}.migration_locks AS l SET doing = migration_id
  WHERE l.name = 'migrations' AND l.pid = pg_backend_pid();
  RETURN true;
END
$plumbline$;

CREATE FUNCTION {s}.release_migration_lock(migration_id text, locked_by text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $plumbline$
BEGIN
  DELETE FROM {s}.migration_locks AS l WHERE l.name = 'migrations' AND l.pid = pg_backend_pid()
    AND l.holder = coalesce(locked_by, session_user::text) AND l.doing IS NOT DISTINCT FROM migration_id;
  IF NOT FOUND THEN RETURN false; END IF;
  RETURN pg_advisory_unlock({lock});
END
$plumbline$;
)sql";

}  // namespace

std::vector<std::string_view> third_ledger_version() { return {columns_v3, changes_by_hand, functions_v3}; }

}  // namespace plumbline
