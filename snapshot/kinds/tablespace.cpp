#include "postgres/text.h"
#include "snapshot/kinds/attributes.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// Its directory is the machine's: whoever runs the SQL, and any rehearsal of it, would have to have it.
std::string by_hand(const Object& object) {
  return "tablespace " + own_name(object.id()) + " needs the directory " + quote_literal(object["location"]) +
         " on the server; create it by hand";
}

void create(const Object& object, Scene&, Script& out) { out.cannot(by_hand(object)); }

void drop(const Object& object, Scene&, Script& out) { out.add_outside("DROP " + sql_name(object.id())); }

bool alter_location(const Change& change, Script& out) {
  if (change.actual) out.cannot(by_hand(change.expected));
  return true;
}

bool alter_storage(const Change& change, Script& out) {
  set_and_reset("ALTER " + sql_name(change.expected.id()), change.from("options"), change.to("options"), out);
  return true;
}

constexpr Attribute attributes[] = {
    // A tablespace in place (allow_in_place_tablespaces) has a path made of its OID.
    {.name = "location",
     .sql = "CASE WHEN pg_tablespace_location(t.oid) !~ '^pg_tblspc/' THEN "
            "nullif(pg_tablespace_location(t.oid), '')"
            " END",
     .meaning = Class::operational,
     .alter = alter_location},
    {.name = "options",
     .sql = PLUMBLINE_OPTIONS("t.spcoptions"),
     .meaning = Class::operational,
     .initial = "",
     .alter = alter_storage},
    owner_attribute(PLUMBLINE_OWNER("t.spcowner")),
    privileges_attribute(PLUMBLINE_PRIVILEGES("t.spcacl", "'t'", "t.spcowner")),
    shared_labels_attribute(PLUMBLINE_SHARED_LABELS("pg_tablespace", "t.oid")),
    comment_attribute(PLUMBLINE_SHARED_COMMENT("pg_tablespace", "t.oid")),
};

}  // namespace

const Kind tablespace{
    .name = "tablespace",
    .label = "tablespace",
    .address = {.catalog = "pg_tablespace", .oid = "t.oid"},
    .identity = {.name = "t.spcname"},
    .from = "FROM pg_tablespace t WHERE true",
    .attributes = attributes,
    .missing = Class::operational,
    .unexpected = Class::operational,
    .built_in = true,
    .cluster = true,
    .keyword = "TABLESPACE",
    .dropped_last = true,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
