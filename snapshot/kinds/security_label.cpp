#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"

namespace plumbline::kinds {

namespace {

// A column of a table is identified as "TABLE COLUMN public.t.c".
std::string label_on(const Object& object) {
  std::string name(object.id().name.view());
  for (const std::string_view what : {"TABLE COLUMN ", "VIEW COLUMN ", "FOREIGN TABLE COLUMN "}) {
    const std::size_t at = name.find(" ON " + std::string(what));
    if (at != std::string::npos) name.replace(at + 4, what.size(), "COLUMN ");
  }
  return "SECURITY LABEL " + name + " IS ";
}

void create(const Object& object, Scene&, Script& out) {
  out.add(label_on(object) + quote_literal(object["label"]), {Hazard::authorisation});
}

void drop(const Object& object, Scene&, Script& out) {
  out.add(label_on(object) + "NULL", {Hazard::authorisation});
}

bool alter_label(const Change& change, Script& out) {
  out.add(label_on(change.expected) + quote_literal(change.to("label")), {Hazard::authorisation});
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "label", .sql = "l.label", .meaning = Class::security, .alter = alter_label},
};

}  // namespace

// Labels can be on anything, so they are told apart from what they are on. Large objects are data.
const Kind security_label{
    .name = "security_label",
    .label = "security label",
    .address = {.catalog = "pg_seclabel", .oid = "l.objoid", .subid = "l.objsubid"},
    .identity = {.name = "'FOR ' || quote_ident(l.provider) || ' ON ' || upper(i.type) || ' ' || i.identity"},
    .from = R"sql(FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) i
WHERE l.classoid <> 'pg_largeobject'::regclass)sql",
    .attributes = attributes,
    .name_is_sql = true,
    .missing = Class::security,
    .unexpected = Class::security,
    .built_in = true,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
