#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// The entry is there as soon as somebody holds something, and gone with the last who does.
void create(const Object&, Scene&, Script&) {}

void drop(const Object& object, Scene&, Script& out) {
  GrantTarget target;
  target.on = sql_name(object.id());
  change_grants(target, grants_in(object["privileges"], false), {}, out);
}

// A parameter belongs to the bootstrap superuser, whose OID is always 10.
constexpr Attribute attributes[] = {
    privileges_attribute(PLUMBLINE_ACL_TEXT("p.paracl", "'p'", "10")),
};

}  // namespace

const Kind parameter_privileges{
    .name = "parameter_privileges",
    .label = "parameter privileges",
    .address = {.catalog = "pg_parameter_acl", .oid = "p.oid"},
    .identity = {.name = "p.parname"},
    .from = "FROM pg_parameter_acl p WHERE true",
    .attributes = attributes,
    .name_is_sql = true,
    .since = 15,
    .missing = Class::security,
    .unexpected = Class::security,
    .cluster = true,
    .keyword = "PARAMETER",
    .has_rename = false,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
