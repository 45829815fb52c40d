#include "snapshot/advice.h"

#include <string_view>

namespace plumbline {

namespace {

struct Advice {
  std::string_view name;
  std::string_view sql;  // yields object, text, hint
};

// A delete or an update of the referenced row reads the whole referencing table. An index helps when it
// begins with the columns of the key, in any order, and has no predicate.
constexpr std::string_view foreign_key_without_index = R"sql(
SELECT 'constraint ' || quote_ident(k.conname) || ' on ' || k.conrelid::regclass, 'has no index on ' || x.columns,
  'CREATE INDEX CONCURRENTLY ON ' || k.conrelid::regclass || ' (' || x.columns || ').'
FROM pg_constraint k CROSS JOIN LATERAL (
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY u.place) AS columns
  FROM unnest(k.conkey) WITH ORDINALITY u(attnum, place)
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) x
WHERE k.contype = 'f' AND k.conparentid = 0
  AND k.connamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL AND i.indisvalid
    AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey))sql";

// The same columns, opclasses, collations and orders at the front of another index that nothing else sets
// apart.
constexpr std::string_view redundant_index = R"sql(
SELECT 'index ' || a.indexrelid::regclass, 'is redundant: ' || b.indexrelid::regclass || ' begins with the same columns',
  'DROP INDEX CONCURRENTLY ' || a.indexrelid::regclass || ', if nothing names it.'
FROM pg_index a JOIN pg_class ca ON ca.oid = a.indexrelid
JOIN LATERAL (SELECT b.indexrelid FROM pg_index b JOIN pg_class cb ON cb.oid = b.indexrelid
  WHERE b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid AND cb.relam = ca.relam AND b.indisvalid
    AND b.indnkeyatts >= a.indnkeyatts
    AND (b.indkey::int2[])[0:a.indnkeyatts - 1] = (a.indkey::int2[])[0:a.indnkeyatts - 1]
    AND (b.indclass::oid[])[0:a.indnkeyatts - 1] = (a.indclass::oid[])[0:a.indnkeyatts - 1]
    AND (b.indcollation::oid[])[0:a.indnkeyatts - 1] = (a.indcollation::oid[])[0:a.indnkeyatts - 1]
    AND (b.indoption::int2[])[0:a.indnkeyatts - 1] = (a.indoption::int2[])[0:a.indnkeyatts - 1]
    AND NOT 0 = ANY ((a.indkey::int2[])[0:a.indnkeyatts - 1])
    AND (a.indnatts = a.indnkeyatts
      OR (b.indkey::int2[])[a.indnkeyatts:] @> (a.indkey::int2[])[a.indnkeyatts:])
    AND pg_get_expr(b.indpred, b.indrelid) IS NOT DISTINCT FROM pg_get_expr(a.indpred, a.indrelid)
    AND (b.indnkeyatts > a.indnkeyatts OR b.indnatts > a.indnatts OR b.indisunique OR b.indexrelid < a.indexrelid)
  ORDER BY b.indexrelid LIMIT 1) b ON true
WHERE NOT a.indisunique AND ca.relkind = 'i' AND ca.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = a.indexrelid)
  AND ca.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'pg_toast')))sql";

constexpr std::string_view table_without_primary_key = R"sql(
SELECT 'table ' || c.oid::regclass, 'has no primary key',
  'Give it one: without, rows cannot be told apart and logical replication cannot update them.'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))sql";

constexpr Advice advices[] = {{"foreign_key_without_index", foreign_key_without_index},
                              {"redundant_index", redundant_index},
                              {"table_without_primary_key", table_without_primary_key}};

}  // namespace

std::vector<Condition> advice_of(Connection& connection) {
  std::vector<Condition> advice;
  for (const Advice& check : advices) {
    connection.query(std::string(check.sql) + " ORDER BY 1", [&](const Row& row) {
      advice.push_back(
          {std::string(check.name), std::string(row[0]), std::string(row[1]), std::string(row[2])});
    });
  }
  return advice;
}

}  // namespace plumbline
