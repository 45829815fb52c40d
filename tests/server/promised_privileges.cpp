#include <algorithm>
#include <set>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/privileges.h"
#include "tests/server/promises.h"

namespace plumbline::testing {

namespace {

using Names = std::vector<std::string>;

std::string text_of(Symbol symbol) { return std::string(symbol.view()); }

const Names table_privileges{"INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"};
const Names column_privileges{"INSERT", "SELECT", "UPDATE", "REFERENCES"};

struct Grant {
  std::string grantor, grantee, privilege;
  bool is_grantable = false;
};

// What an access list of a snapshot says, spelled out.
struct AccessList {
  std::string owner;
  std::string_view privileges;
  bool open_to_public = false;
  bool has_owner = true;  // an owner holds everything unless the list says otherwise
};

std::vector<Grant> grants_of(const AccessList& list, const Names& all) {
  kinds::Grants grants = kinds::grants_in(list.privileges, list.open_to_public);
  const std::string owner = quote_identifier(list.owner);
  // "none" is everybody else; an owner who lacks something has a line.
  if (list.has_owner && !grants.contains({owner, ""})) grants[{owner, ""}] = {"ALL"};
  std::vector<Grant> result;
  for (const auto& [holder, held] : grants) {
    const std::string grantor = holder.grantor.empty() ? list.owner : unquoted(holder.grantor);
    const bool everything = held.contains("ALL") || held.contains("ALL*");
    for (const std::string& privilege : all) {
      const bool grantable = held.contains(privilege + "*") || held.contains("ALL*");
      if (!everything && !grantable && !held.contains(privilege)) continue;
      result.push_back({grantor, unquoted(holder.grantee), privilege, grantable});
    }
  }
  return result;
}

PromisedRow& promise(Promises& promises, std::string_view view, Key key, const Grant& grant,
                     const std::string& owner, const char* type = nullptr) {
  key.insert(key.end(), {grant.grantor, grant.grantee, type ? type : grant.privilege});
  PromisedRow& row = promises.add(view, std::move(key));
  const bool is_heir = grant.grantee != owner && promises.published.heirs.contains(grant.grantee);
  row.facts.insert_or_assign("is_grantable",
                             is_heir ? Promise(std::vector<Text>{"YES", yes_or_no(grant.is_grantable)})
                                     : Promise(yes_or_no(grant.is_grantable || grant.grantee == owner)));
  return row;
}

void promise_relation(Promises& promises, const Object& relation) {
  const std::string owner = text(relation["owner"]), schema = text_of(relation.id().schema),
                    name = text_of(relation.id().name);
  const auto grants = grants_of({owner, relation["privileges"]}, table_privileges);
  for (const Grant& grant : grants) promise(promises, "table_privileges", {schema, name}, grant, owner);
  for (const Object& column : promises.snapshot.children(relation.id(), kinds::column)) {
    std::vector<Grant> all;
    std::ranges::copy_if(grants, std::back_inserter(all), [](const Grant& grant) {
      return std::ranges::count(column_privileges, grant.privilege) > 0;
    });
    if (!column["privileges"].empty()) {
      for (Grant& grant : grants_of({owner, column["privileges"], false, false}, column_privileges))
        all.push_back(std::move(grant));
    }
    for (const Grant& grant : all)
      promise(promises, "column_privileges", {schema, name, text_of(column.id().name)}, grant, owner);
  }
}

// The row type of a relation has privileges of its own, told as an implicit object when they are not the
// usual.
std::string_view row_type_privileges(const Promises& promises, const Object& relation) {
  const std::string name = "TYPE " + quote_qualified(relation.id().schema.view(), relation.id().name.view());
  const auto found = promises.find("implicit_object", "", name);
  return found ? (*found)["privileges"] : std::string_view();
}

void promise_type(Promises& promises, const Object& object, std::string_view privileges) {
  const std::string owner = text(object["owner"]);
  for (const Grant& grant : grants_of({owner, privileges, true}, {"USAGE"})) {
    promise(promises, "udt_privileges", {text_of(object.id().schema), text_of(object.id().name)}, grant,
            owner, "TYPE USAGE");
  }
}

void promise_usage(Promises& promises, const Object& object, const char* type, bool open_to_public) {
  const std::string owner = text(object["owner"]);
  const bool is_sequence = std::string_view(type) == "SEQUENCE";
  for (const Grant& grant : grants_of({owner, object["privileges"], open_to_public}, {"USAGE"})) {
    if (is_sequence && grant.grantor == grant.grantee) continue;  // shown only when the list is written out
    promise(promises, "usage_privileges", {text_of(object.id().schema), text_of(object.id().name), type},
            grant, owner);
  }
}

}  // namespace

void promise_privileges(Promises& promises) {
  for (const char* kind : {"table", "view", "foreign_table"}) {
    each_of(promises.snapshot, kind, [&](const Object& relation) { promise_relation(promises, relation); });
  }
  for (const char* kind : {"table", "view", "foreign_table", "materialized_view"}) {
    each_of(promises.snapshot, kind, [&](const Object& relation) {
      promise_type(promises, relation, row_type_privileges(promises, relation));
    });
  }
  each_of(promises.snapshot, "composite_type",
          [&](const Object& type) { promise_type(promises, type, type["privileges"]); });
  for (const char* kind : {"function", "procedure", "aggregate"}) {
    each_of(promises.snapshot, kind, [&](const Object& routine) {
      const std::string owner = text(routine["owner"]), name = text_of(routine.id().name);
      for (const Grant& grant : grants_of({owner, routine["privileges"], true}, {"EXECUTE"})) {
        PromisedRow& row =
            promise(promises, "routine_privileges", {text_of(routine.id().schema), name}, grant, owner);
        row.facts.insert_or_assign("routine_schema", text_of(routine.id().schema));
        row.facts.insert_or_assign("routine_name", unquoted(name.substr(0, find_outside(name, "("))));
      }
    });
  }
  each_of(promises.snapshot, "domain",
          [&](const Object& each) { promise_usage(promises, each, "DOMAIN", true); });
  each_of(promises.snapshot, "sequence",
          [&](const Object& each) { promise_usage(promises, each, "SEQUENCE", false); });
  each_of(promises.snapshot, "foreign_data_wrapper",
          [&](const Object& each) { promise_usage(promises, each, "FOREIGN DATA WRAPPER", false); });
  each_of(promises.snapshot, "server",
          [&](const Object& each) { promise_usage(promises, each, "FOREIGN SERVER", false); });
  each_of(promises.snapshot, "collation", [&](const Object& each) {
    const std::string owner = text(each["owner"]);
    promise(promises, "usage_privileges", {text_of(each.id().schema), text_of(each.id().name), "COLLATION"},
            {owner, "PUBLIC", "USAGE", false}, "");
  });
}

}  // namespace plumbline::testing
