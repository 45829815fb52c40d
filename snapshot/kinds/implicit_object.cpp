#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// "TABLE CONSTRAINT c on public.t" -> "CONSTRAINT c ON public.t"; the server says the rest as SQL has it.
std::string commented(const Object& object) {
  std::string name(object.id().name.view());
  for (const std::string_view what : {"TABLE CONSTRAINT ", "DOMAIN CONSTRAINT "}) {
    if (!name.starts_with(what)) continue;
    const std::size_t on = name.rfind(" on ");
    const std::string_view domain = what.starts_with("DOMAIN") ? "DOMAIN " : "";
    return "CONSTRAINT " + name.substr(what.size(), on - what.size()) + " ON " + std::string(domain) +
           name.substr(on + 4);
  }
  if (name.starts_with("RULE ")) name.replace(name.rfind(" on "), 4, " ON ");
  return name;
}

bool alter_its_comment(const Change& change, Script& out) {
  const std::string_view text = change.to("comment");
  out.add("COMMENT ON " + commented(change.expected) + " IS " +
          (text.empty() ? std::string("NULL") : quote_literal(text)));
  return true;
}

bool alter_its_privileges(const Change& change, Script& out) {
  GrantTarget target;
  target.on = std::string(change.expected.id().name.view());
  change_grants(target, grants_in(change.from("privileges"), true), grants_in(change.to("privileges"), true),
                out);
  return true;
}

// It is there already; what is told is what was said of it.
void create(const Object&, Scene&, Script&) {}

void drop(const Object& object, Scene&, Script& out) {
  if (!object["comment"].empty()) out.add("COMMENT ON " + commented(object) + " IS NULL");
  if (object["privileges"].empty()) return;
  GrantTarget target;
  target.on = std::string(object.id().name.view());
  change_grants(target, grants_in(object["privileges"], true), grants_in("", true), out);
}

constexpr Attribute attributes[] = {
    {.name = "privileges",
     .sql = PLUMBLINE_PRIVILEGES("o.acl", "o.type", "o.owner"),
     .meaning = Class::security,
     .initial = "",
     .alter = alter_its_privileges},
    {.name = "comment",
     .sql = "(SELECT description FROM pg_description said WHERE said.classoid = o.catalog AND said.objoid = "
            "o.oid"
            " AND said.objsubid = 0)",
     .meaning = Class::cosmetic,
     .initial = "",
     .alter = alter_its_comment},
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
    .made_last = always,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
