#include "snapshot/condition.h"

#include <string_view>

#include "postgres/error.h"
#include "snapshot/capture.h"

namespace plumbline {

namespace {

struct Check {
  std::string_view name;
  int since = 0;
  std::string_view sql;  // yields object, text, hint
};

constexpr std::string_view invalid_index = R"sql(
SELECT 'index ' || name, CASE WHEN NOT indislive THEN 'is being dropped, or its drop was interrupted'
    WHEN NOT indisready THEN 'takes no rows: its build is running or was interrupted'
    ELSE 'is not valid: queries do not use it, but every write keeps it up' END,
  'If nothing builds it right now: REINDEX INDEX CONCURRENTLY ' || name || ', or DROP INDEX CONCURRENTLY ' || name || '.'
FROM (SELECT i.*, c.oid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relkind = 'i' AND c.relpersistence <> 't') x
WHERE NOT (indisvalid AND indisready AND indislive))sql";

// The index of a partitioned table is valid when all partitions have theirs, and these are.
constexpr std::string_view partition_without_index = R"sql(
SELECT 'index ' || c.oid::regclass, 'is not complete: ' || coalesce(nullif(p.count, 0) || ' of its table''s partitions have'
  || ' no index attached to it (' || p.names || ')', 'the index of a partition is not valid'),
  'Build each partition''s own index, then ALTER INDEX ' || c.oid::regclass || ' ATTACH PARTITION each of them.'
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'I'
CROSS JOIN LATERAL (SELECT count(*), string_agg(h.inhrelid::regclass::text, ', ' ORDER BY h.inhrelid::regclass::text)
  FILTER (WHERE place <= 5) || CASE WHEN count(*) > 5 THEN ', ...' ELSE '' END AS names
  FROM (SELECT inhrelid, row_number() OVER (ORDER BY inhrelid::regclass::text) AS place FROM pg_inherits
        WHERE inhparent = i.indrelid AND inhrelid NOT IN (SELECT own.indrelid FROM pg_inherits a
          JOIN pg_index own ON own.indexrelid = a.inhrelid WHERE a.inhparent = i.indexrelid)) h) p
WHERE NOT i.indisvalid)sql";

// One that is not enforced (18+) is not valid by design.
constexpr std::string_view not_valid_constraint = R"sql(
SELECT 'constraint ' || quote_ident(conname) || ' on ' || owner, 'is NOT VALID: the rows from before it were never checked',
  'ALTER ' || sort || ' ' || owner || ' VALIDATE CONSTRAINT ' || quote_ident(conname) || '.'
FROM (SELECT k.*, CASE WHEN conrelid <> 0 THEN 'TABLE' ELSE 'DOMAIN' END AS sort,
        CASE WHEN conrelid <> 0 THEN conrelid::regclass::text ELSE contypid::regtype::text END AS owner
      FROM pg_constraint k WHERE NOT convalidated AND conparentid = 0) x
WHERE coalesce(to_jsonb(x) ->> 'conenforced', 'true') = 'true')sql";

constexpr std::string_view disabled_trigger = R"sql(
SELECT 'trigger ' || quote_ident(tgname) || ' on ' || tgrelid::regclass, 'is disabled and does not fire',
  'ALTER TABLE ' || tgrelid::regclass || ' ENABLE TRIGGER ' || quote_ident(tgname) || '.'
FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal
UNION ALL
SELECT 'constraint ' || quote_ident(k.conname) || ' on ' || k.conrelid::regclass,
  'is not checked: its triggers on ' || string_agg(DISTINCT g.tgrelid::regclass::text, ', ') || ' are disabled',
  'ALTER TABLE ' || min(g.tgrelid::regclass::text) || ' ENABLE TRIGGER ALL; then look for rows that break it.'
FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint WHERE g.tgenabled = 'D' AND g.tgisinternal
GROUP BY k.oid, k.conname, k.conrelid
UNION ALL
SELECT 'event trigger ' || quote_ident(evtname), 'is disabled and does not fire',
  'ALTER EVENT TRIGGER ' || quote_ident(evtname) || ' ENABLE.'
FROM pg_event_trigger WHERE evtenabled = 'D')sql";

// Told from three quarters on. What counts is what the column can hold, when that is less.
constexpr std::string_view sequence_near_end = R"sql(
WITH counted AS (
  SELECT c.oid, s.seqmin, s.seqmax, s.seqincrement > 0 AS upwards, type.last,
    CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(c.oid) END AS value
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid AND c.relpersistence = 'p'
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
    AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  CROSS JOIN LATERAL (SELECT CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END AS last) type
  WHERE NOT s.seqcycle
), bounded AS (
  SELECT *, CASE WHEN upwards THEN seqmin ELSE seqmax END::numeric AS first,
    CASE WHEN upwards THEN least(seqmax, last) ELSE greatest(seqmin, -last - 1) END::numeric AS final FROM counted
), used AS (SELECT *, floor(100 * abs(value - first) / nullif(abs(final - first), 0)) AS percent FROM bounded)
SELECT 'sequence ' || oid::regclass, 'has used ' || percent || ' % of its numbers: it is at ' || value || ', the last is ' || final,
  'Give it room before it is full: a bigint column, or another bound with ALTER SEQUENCE.'
FROM used WHERE percent >= 75)sql";

constexpr std::string_view database_collation_version = R"sql(
SELECT 'database ' || quote_ident(datname), 'was sorted by version ' || datcollversion
  || ' of its collation; this machine has ' || coalesce(pg_database_collation_actual_version(oid), 'none'),
  'Its indexes on text may be wrong: REINDEX DATABASE, then ALTER DATABASE ' || quote_ident(datname)
  || ' REFRESH COLLATION VERSION.'
FROM pg_database WHERE datname = current_database() AND datcollversion IS NOT NULL
  AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid))sql";

// To ask all eight hundred that initdb lists takes long: those that something uses.
constexpr std::string_view collation_version = R"sql(
SELECT 'collation ' || oid::regcollation, 'was made with version ' || collversion || '; this machine has '
  || coalesce(pg_collation_actual_version(oid), 'none'),
  'Indexes that use it may be wrong: REINDEX them, then ALTER COLLATION ' || oid::regcollation || ' REFRESH VERSION.'
FROM pg_collation WHERE collversion IS NOT NULL AND (oid >= 16384
  OR oid IN (SELECT refobjid FROM pg_depend WHERE refclassid = 'pg_collation'::regclass))
  AND collversion IS DISTINCT FROM pg_collation_actual_version(oid))sql";

// Versions are compared by the numbers in them; no rule says how they are written.
constexpr std::string_view extension_version = R"sql(
SELECT 'extension ' || quote_ident(extname), 'is installed as ' || extversion || ', the server has ' || default_version,
  'ALTER EXTENSION ' || quote_ident(extname) || ' UPDATE, in a migration.'
FROM pg_extension JOIN pg_available_extensions() ON name = extname
WHERE extversion <> default_version
  AND string_to_array(trim(BOTH '.' FROM regexp_replace(default_version, '[^0-9]+', '.', 'g')), '.')::numeric[]
    > string_to_array(trim(BOTH '.' FROM regexp_replace(extversion, '[^0-9]+', '.', 'g')), '.')::numeric[])sql";

constexpr Check checks[] = {
    {.name = "invalid_index", .sql = invalid_index},
    {.name = "partition_without_index", .sql = partition_without_index},
    {.name = "not_valid_constraint", .sql = not_valid_constraint},
    {.name = "disabled_trigger", .sql = disabled_trigger},
    {.name = "sequence_near_end", .sql = sequence_near_end},
    {.name = "collation_version", .since = 15, .sql = database_collation_version},
    {.name = "collation_version", .sql = collation_version},
    {.name = "extension_version", .sql = extension_version},
};

}  // namespace

std::vector<Condition> conditions_of(Connection& live) {
  std::vector<Condition> result;
  for (const Check& check : checks) {
    if (check.since > live.version()) continue;
    const BriefLocks locks(live);  // to read a sequence locks it
    try {
      live.query("SELECT * FROM (" + std::string(check.sql) + ") found ORDER BY 1", [&](const Row& row) {
        result.push_back(
            {std::string(check.name), std::string(row[0]), std::string(row[1]), std::string(row[2])});
      });
    } catch (const Error& error) {  // no reason to say nothing about drift
      result.push_back(
          {std::string(check.name), "the database", "could not be looked at: " + error.message(), {}});
    }
  }
  return result;
}

}  // namespace plumbline
