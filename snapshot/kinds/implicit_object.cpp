#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("o.acl", "o.type", "o.owner"),
     .meaning = Class::security},
    {.name = "comment",
     .sql = "(SELECT description FROM pg_description said WHERE said.classoid = o.catalog AND said.objoid = "
            "o.oid"
            " AND said.objsubid = 0)",
     .meaning = Class::cosmetic},
};

}  // namespace

// What comes with another object and is told as a part of it, but has been given a comment or privileges of
// its own: a table's row type, an array or multirange type, a range's constructor, a view's rule, a
// constraint trigger's constraint.
const Kind implicit_object{
    .name = "implicit_object",
    .label = "implicit object",
    .address = {.catalog = "pg_description", .oid = "o.oid"},
    .identity =
        {.name =
             "(SELECT upper(x.type) || ' ' || x.identity FROM pg_identify_object(o.catalog, o.oid, 0) x)"},
    .from = R"sql(FROM (
  SELECT 'pg_type'::regclass::oid AS catalog, 'T'::"char" AS type, t.oid, t.typacl AS acl, t.typowner AS owner
  FROM pg_type t
  WHERE (t.typacl IS NOT NULL OR t.oid IN (SELECT objoid FROM pg_description WHERE classoid = 'pg_type'::regclass))
    AND (t.typtype = 'm' OR t.typtype = 'c' AND t.typrelid NOT IN (SELECT oid FROM pg_class WHERE relkind = 'c')
         OR t.typtype = 'b' AND EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid))
  UNION ALL SELECT 'pg_proc'::regclass, 'f', p.oid, p.proacl, p.proowner FROM pg_proc p
  WHERE p.oid IN (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'i')
    AND (p.proacl IS NOT NULL OR p.oid IN (SELECT objoid FROM pg_description WHERE classoid = 'pg_proc'::regclass))
  UNION ALL SELECT d.classoid, 'T', d.objoid, NULL, 0 FROM pg_description d
  WHERE d.classoid = 'pg_rewrite'::regclass AND d.objoid IN (SELECT oid FROM pg_rewrite WHERE rulename = '_RETURN')
    OR d.classoid = 'pg_constraint'::regclass AND d.objoid IN (SELECT oid FROM pg_constraint WHERE contype = 't'
                                                               OR contype = 'n' AND contypid <> 0)) o
WHERE true)sql",
    .attributes = attributes,
    .name_is_sql = true,
    .missing = Class::cosmetic,
    .unexpected = Class::cosmetic,
};

}  // namespace plumbline::kinds
