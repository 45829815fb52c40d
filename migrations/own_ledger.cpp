#include "migrations/own_ledger.h"

#include <algorithm>
#include <span>

#include "postgres/text.h"

namespace plumbline {
namespace {

std::string text_array(std::span<const std::string_view> texts) {
  std::string sql;
  for (const std::string_view text : texts) sql += (sql.empty() ? "" : ", ") + quote_literal(text);
  return "ARRAY[" + sql + "]::text[]";
}

// Everything in the schemas that hold a ledger, with whether it is ours. Indexes, row types and array types
// come with their tables; what an extension brought counts as somebody else's.
std::string objects_beside_ledgers() {
  return R"sql(
    WITH ledger AS (
      SELECT n.oid, n.nspname, n.nspowner FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = 'schema_migrations' AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
        AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid
             AND NOT a.attisdropped AND a.attname IN ('version', 'state', 'checksum')) = 3
        AND )sql" +
         is_trusted("c.relowner") + R"sql(
    ), relation AS (
      SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relowner,
             c.relkind IN ('r', 'p') AND )sql" +
         names_own_table("c.relname") + " AND " + is_trusted("c.relowner") + R"sql( AS is_ours
      FROM pg_catalog.pg_class c JOIN ledger ON ledger.oid = c.relnamespace
    )
    SELECT l.nspname, r.relname, CASE r.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END,
           r.is_ours OR r.relkind = 'S' AND EXISTS (
             SELECT FROM pg_catalog.pg_depend d JOIN relation t ON t.oid = d.refobjid AND t.is_ours
             WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = r.oid
               AND d.deptype IN ('a', 'i') AND r.relowner = t.relowner)
    FROM relation r JOIN ledger l ON l.oid = r.relnamespace WHERE r.relkind NOT IN ('i', 'I', 't')
    UNION ALL
    SELECT l.nspname, p.name, 'function', p.prokind = 'f' AND p.name = ANY ()sql" +
         text_array(own_functions) + ") AND " + is_trusted("p.proowner") + R"sql(
    FROM (SELECT *, pg_catalog.quote_ident(proname) || '(' || pg_catalog.oidvectortypes(proargtypes) || ')' AS name
          FROM pg_catalog.pg_proc) p JOIN ledger l ON l.oid = p.pronamespace
    UNION ALL
    SELECT l.nspname, t.typname, 'type', false FROM pg_catalog.pg_type t JOIN ledger l ON l.oid = t.typnamespace
    WHERE t.typrelid = 0 AND t.typelem = 0
    UNION ALL
    SELECT l.nspname, '', 'schema', )sql" +
         is_trusted("l.nspowner") + " FROM ledger l";
}

}  // namespace

bool OwnLedger::has(std::string_view kind, std::string_view schema, std::string_view parent,
                    std::string_view name) const {
  const bool runs_code = kind == "rule" || kind == "policy" || kind == "trigger";
  if (runs_code && (kind != "trigger" || std::ranges::find(own_triggers, name) == own_triggers.end()))
    return false;
  if (!parent.empty()) return objects.contains({"table", std::string(schema), std::string(parent)});
  return objects.contains({std::string(kind), std::string(schema), std::string(name)});
}

void OwnLedger::add(const OwnLedger& other) {
  objects.insert(other.objects.begin(), other.objects.end());
  schemas.insert(other.schemas.begin(), other.schemas.end());
  schemas_alone.insert(other.schemas_alone.begin(), other.schemas_alone.end());
}

OwnLedger own_ledger(Connection& connection) {
  OwnLedger own;
  std::set<std::string> shared;
  connection.query(objects_beside_ledgers(), [&](const Row& row) {
    const std::string schema(row[0]);
    const bool is_schema = row[1].empty(), is_ours = row[3] == "t";
    if (!is_ours) {
      shared.insert(schema);
    } else if (is_schema) {
      own.schemas.insert(schema);
    } else {
      own.objects.insert({std::string(row[2]), schema, std::string(row[1])});
    }
  });
  for (const std::string& schema : own.schemas) {
    if (!shared.contains(schema)) own.schemas_alone.insert(schema);
  }
  return own;
}

std::string is_trusted(std::string_view role) {
  const std::string oid(role);
  return "EXISTS (SELECT FROM pg_catalog.pg_roles r, pg_catalog.pg_roles me, pg_catalog.pg_database d WHERE "
         "r.oid = " +
         oid +
         " AND me.rolname = CURRENT_USER AND d.datname = pg_catalog.current_database() "
         "AND (r.rolsuper OR r.oid = d.datdba OR r.oid = me.oid OR NOT me.rolsuper AND "
         "pg_catalog.pg_has_role(r.oid, 'MEMBER') OR pg_catalog.has_database_privilege(r.oid, d.oid, "
         "'CREATE')))";
}

std::string names_own_table(std::string_view column) {
  return std::string(column) + " = ANY (" + text_array(own_tables) + ")";
}

std::string names_own_function(std::string_view column) {
  return std::string(column) +
         " = ANY (ARRAY(SELECT pg_catalog.split_part(f, '(', 1) FROM pg_catalog.unnest(" +
         text_array(own_functions) + ") AS f))";
}

}  // namespace plumbline
