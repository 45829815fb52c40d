#include "snapshot/kinds/inherited_sql.h"

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

bool becomes_local(const Object& actual, const Object& expected) {
  return actual["inherited"] == "only" && expected["inherited"] == "and local";
}

// What a column's namesakes in the parent tables are.
struct Inherited {
  bool has_default = false, not_null = false;
};

Inherited inherited_by(const Object& relation, Symbol name, const Scene& scene) {
  Inherited result;
  for (const std::string& parent_text : list_items(relation["inherits"])) {
    const auto parent = find_named(scene.expected, table, parent_text);
    if (!parent) continue;
    const ObjectId id{&column, parent->id().schema, parent->id().name, name};
    const auto same = scene.expected.find(id);
    result.not_null |= same && !(*same)["not_null"].empty();
    result.has_default |= scene.expected.find({&column_default, id.schema, id.parent, name}).has_value();
  }
  return result;
}

// Whether the table has the same parents on both sides.
bool keeps_parents(const Change& change, const Object& table_now) {
  const auto was = change.scene.actual.find(table_now.id());
  return was && (*was)["inherits"] == table_now["inherits"] && !table_now["inherits"].empty();
}

// Whether the table leaves its parents and comes back, because of a column.
bool comes_back(const Object& table_now, const Scene& scene) {
  for (const Object& other : scene.expected.children(table_now.id(), column)) {
    const auto before = scene.actual.find(other.id());
    if (before && becomes_local(*before, other)) return true;
  }
  return false;
}

bool gives_up(const Change& change, const Object& table_now) {
  return change.from("inherited") != "only" && change.to("inherited") == "only" &&
         !table_now["inherits"].empty();
}

}  // namespace

std::vector<Object> columns_of_parents(const Object& object, const Snapshot& side) {
  std::vector<Object> result;
  if (object["inherited"].empty()) return result;
  for (const Kind* kind : {&table, &foreign_table}) {
    const auto owner = side.find({kind, object.id().schema, {}, object.id().parent});
    if (!owner) continue;
    const std::string_view parents =
        (*owner)["partition_of"].empty() ? (*owner)["inherits"] : (*owner)["partition_of"];
    for (const std::string& name : list_items(parents)) {
      const auto parent = find_named(side, table, name);
      if (!parent) continue;
      const auto same = side.find({&column, parent->id().schema, parent->id().name, object.id().name});
      if (same) result.push_back(*same);
    }
  }
  return result;
}

bool is_handed_on(const Object& object) { return object["inherited"] == "only"; }

bool is_handed_on_by_parent(const Object& part, const Scene& scene) {
  const ObjectId& id = part.id();
  if (leaves_parent(id, scene)) return false;
  for (const Kind* kind : {&table, &foreign_table}) {
    const auto owner = scene.actual.find({kind, id.schema, {}, id.parent});
    if (owner) return !(*owner)["partition_of"].empty() || !(*owner)["inherits"].empty();
  }
  return false;
}

void refuse_from_parent_alone(const Object& part, const Scene& scene, Script& out) {
  const ObjectId& id = part.id();
  const auto owner = scene.expected.find({&table, id.schema, {}, id.parent});
  if (!owner || (*owner)["inherits"].empty() || !is_handed_on(part) || scene.is_made(owner->id())) return;
  out.cannot(describe(id) +
             " is its table's own, too, when the table is put below its parent; only a new "
             "table can have it from its parent alone");
}

// What comes from a parent alone becomes the table's own, too, when the parent goes and comes back; no
// statement turns that round. Elsewhere it follows from what is done to the table.
bool alter_inherited(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  const auto is = change.scene.expected.find({&table, id.schema, {}, id.parent});
  if (!change.actual || !is) return true;
  if (gives_up(change, *is))
    out.cannot("column " + qualified(id) +
               " cannot stop being its table's own; only a new table can have it from its parent alone");
  if (!keeps_parents(change, *is) || !becomes_local(*change.actual, change.expected)) return true;
  // One column says it for all.
  for (const Object& other : change.scene.expected.children(is->id(), column)) {
    const auto before = change.scene.actual.find(other.id());
    if (!before || !becomes_local(*before, other)) continue;
    if (!(other.id() == id)) return true;
    break;
  }
  for (const std::string& parent : list_items((*is)["inherits"])) {
    const std::string alter = "ALTER TABLE " + own_name(is->id());
    out.add(std::string(alter).append(" NO INHERIT ").append(parent), {Hazard::blocks_reads_and_writes});
    out.add(std::string(alter).append(" INHERIT ").append(parent), {Hazard::blocks_reads_and_writes});
  }
  return true;
}

bool alter_inherited_check(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  const auto is = change.scene.expected.find({&table, id.schema, {}, id.parent});
  if (!change.actual || !is) return true;
  if (gives_up(change, *is))
    out.cannot(describe(id) +
               " cannot stop being its table's own; only a new table can have it from its parent alone");
  if (keeps_parents(change, *is) && becomes_local(*change.actual, change.expected) &&
      !comes_back(*is, change.scene))
    out.add("ALTER TABLE " + own_name(is->id()) + " ADD CONSTRAINT " + quote_identifier(id.name.view()) +
            " " + std::string(change.to("definition")));
  return true;
}

// What a new table has from its parents and should not have, or should have and has not.
void settle_inherited_columns(const Object& relation, Scene& scene, Script& out) {
  const std::string alter = "ALTER TABLE ONLY " + own_name(relation.id()) + " ALTER COLUMN ";
  for (const Object& object : scene.expected.children(relation.id(), column)) {
    if (object["inherited"] != "only") continue;
    const ObjectId& id = object.id();
    const Inherited inherited = inherited_by(relation, id.name, scene);
    const std::string name = quote_identifier(id.name.view());
    const bool has_default =
        scene.expected.find({&column_default, id.schema, id.parent, id.name}).has_value();
    if (inherited.has_default && !has_default)
      out.add(std::string(alter).append(name).append(" DROP DEFAULT"));
    if (!inherited.not_null && !object["not_null"].empty())
      out.add(std::string(alter).append(name).append(" SET NOT NULL"));
  }
}

}  // namespace plumbline::kinds
