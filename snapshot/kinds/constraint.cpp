#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// Only these hold expressions, which can be spelled in more than one way.
std::vector<std::string> spelled_anew(const Object& object, std::string_view value) {
  const ObjectId& id = object.id();
  if (object["type"] != "check" && object["type"] != "exclude") return {};
  const std::string owner = quote_qualified(id.schema.view(), id.parent.view());
  const std::string what = object["of_domain"].empty() ? "TABLE " : "DOMAIN ";
  return {"ALTER " + what + owner + " ADD CONSTRAINT plumbline_spelling " + std::string(value),
          "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'plumbline_spelling' AND " +
              std::string(what == "TABLE " ? "conrelid = " : "contypid = ") + quote_literal(owner) +
              (what == "TABLE " ? "::regclass" : "::regtype")};
}

constexpr Attribute attributes[] = {
    {.name = "type",
     .sql = "CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'p' THEN 'primary key'"
            " WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclude' WHEN 'n' THEN 'not null' END"},
    {.name = "of_domain", .sql = PLUMBLINE_FLAG("k.contypid <> 0")},
    {.name = "definition",
     .sql = "pg_get_constraintdef(k.oid)",
     .form = Form::expression,
     .normalise = spelled_anew},
    {.name = "inherited",
     .sql = "CASE WHEN k.coninhcount > 0 THEN CASE WHEN k.conislocal THEN 'and local' ELSE 'only' END END"},
    // ALTER TABLE ... DISABLE TRIGGER ALL stops a foreign key or a deferrable unique key from being checked
    // (pg_trigger.tgenabled).
    {.name = "enforcement",
     .sql =
         "CASE WHEN (k.contype = 'f' OR k.condeferrable) AND (k.oid IN (SELECT g.tgconstraint FROM "
         "pg_trigger g"
         " WHERE g.tgenabled <> 'O') OR k.oid IN (SELECT l.conparentid FROM pg_trigger g JOIN pg_constraint l"
         " ON l.oid = g.tgconstraint WHERE g.tgenabled <> 'O')) THEN (SELECT string_agg(g.tgrelid::regclass "
         "|| concat("
         "CASE WHEN g.tgtype & 4 <> 0 THEN ' insert' END, CASE WHEN g.tgtype & 8 <> 0 THEN ' delete' END,"
         " CASE WHEN g.tgtype & 16 <> 0 THEN ' update' END, CASE g.tgenabled WHEN 'D' THEN ' disabled'"
         " WHEN 'R' THEN ' replica' WHEN 'A' THEN ' always' END), ', ' ORDER BY g.tgrelid::regclass::text,"
         " g.tgtype, g.tgfoid) FROM pg_trigger g WHERE g.tgenabled <> 'O' AND g.tgconstraint = ANY (ARRAY("
         "SELECT k.oid UNION ALL SELECT l.oid FROM pg_constraint l WHERE l.conparentid = k.oid AND "
         "l.conrelid ="
         " k.conrelid))) END",
     .meaning = Class::data},
    {.name = "comment", .sql = PLUMBLINE_COMMENT("pg_constraint", "k.oid"), .meaning = Class::cosmetic},
};

}  // namespace

// Constraint triggers are triggers; a column's NOT NULL has a row here from 18 on, a domain's from 17 on, and
// is told as the column's or the domain's own (see not_null_constraint.cpp). A foreign key to a partitioned
// table has one more row on the same table for each partition, under a name that is another in each version.
const Kind constraint{
    .name = "constraint",
    .label = "constraint",
    .address = {.catalog = "pg_constraint",
                .oid = "k.oid",
                .belongs_to = "coalesce(nullif(k.conrelid, 0), k.contypid)"},
    .identity = {.schema = "n.nspname", .parent = "coalesce(c.relname, t.typname)", .name = "k.conname"},
    .from = R"sql(FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.conrelid
  LEFT JOIN pg_type t ON t.oid = k.contypid
  JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace) AND n.nspname !~ '^pg_(temp|toast)'
WHERE k.contype NOT IN ('t', 'n') AND c.relpersistence IS DISTINCT FROM 't'
  AND NOT (k.contype = 'f' AND k.conparentid <> 0
           AND k.conrelid = (SELECT p.conrelid FROM pg_constraint p WHERE p.oid = k.conparentid)))sql",
    .attributes = attributes,
    .missing = Class::data,
    .unexpected = Class::data,
    .parent_kinds = "table foreign_table domain",
};

}  // namespace plumbline::kinds
