#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/enforcement_sql.h"
#include "snapshot/kinds/index_sql.h"
#include "snapshot/kinds/inherited_sql.h"
#include "snapshot/kinds/row_conditions.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

namespace plumbline::kinds {

namespace {

bool of_domain(const Object& object) { return !object["of_domain"].empty(); }
bool is_foreign_key(const Object& object) { return object["type"] == "foreign key"; }

std::string alter_owner_of(const Object& object) {
  return (of_domain(object) ? "ALTER DOMAIN " : "ALTER TABLE ") + parent_name(object.id());
}

// Whether its table is a partition, or a child, whose parent has the constraint too and hands it on.
bool comes_from_parent(const Object& object, const Scene& scene, const Snapshot& side) {
  if (object["inherited"] != "only") return false;
  for (const Kind* kind : {&table, &foreign_table}) {
    const auto owner = side.find({kind, object.id().schema, {}, object.id().parent});
    if (!owner) continue;
    // A partition gets it before it is attached; what has an index or refers to another table is made with
    // the partition's own name first, and then found by the parent's.
    const bool partition = !(*owner)["partition_of"].empty();
    if (partition && object["type"] != "check") return false;
    if (scene.is_made(owner->id())) return !partition;
    return is_handed_on_by_parent(object, scene);
  }
  return true;
}

bool has_index(const Object& object) { return !is_foreign_key(object) && object["type"] != "check"; }

std::string add_constraint(const Object& object) {
  return alter_owner_of(object) + " ADD CONSTRAINT " + quote_identifier(object.id().name.view()) + " ";
}

void ask_rows(const Object& object, Script& out) {
  const std::string owner = parent_name(object.id());
  const std::string_view definition = object["definition"];
  if (definition.ends_with(" NOT VALID") || definition.find(" NOT ENFORCED") != definition.npos) return;
  out.wants_of_rows(of_domain(object) ? condition_of_domain(owner)
                                      : condition_of_constraint(owner, definition));
}

std::string validate(const Object& object) {
  return alter_owner_of(object) + " VALIDATE CONSTRAINT " + quote_identifier(object.id().name.view());
}

// A foreign key of a partitioned table cannot be NOT VALID (up to 17).
bool can_be_validated_later(const Object& object, const Scene& scene) {
  const std::string_view definition = object["definition"];
  if (of_domain(object) || has_index(object) || definition.ends_with(" NOT VALID") ||
      definition.find(" NOT ENFORCED") != std::string_view::npos)
    return false;
  const auto owner = scene.expected.find({&table, object.id().schema, {}, object.id().parent});
  return owner && (!is_foreign_key(object) || (*owner)["partition_by"].empty());
}

// The index behind a key that can be built beside the work of others; none for what only ADD CONSTRAINT can
// build.
std::optional<Object> index_of_its_own(const Object& object, const Scene& scene) {
  if ((object["type"] != "primary key" && object["type"] != "unique") || !object["inherited"].empty() ||
      object["definition"].find(" WITHOUT OVERLAPS") != std::string_view::npos)
    return std::nullopt;
  const ObjectId& id = object.id();
  const auto own = scene.expected.find({&index, id.schema, id.parent, id.name});
  const bool plain = own && (*own)["attached_to"].empty() && !is_of_partitioned(*own);
  return plain ? own : std::nullopt;
}

// The other primary key of the table, on the given side.
std::optional<Object> other_primary_key(const Object& object, const Snapshot& side) {
  const ObjectId& id = object.id();
  for (Object& other : side.children({&table, id.schema, {}, id.parent}, constraint)) {
    if (other["type"] == "primary key" && other.id().name != id.name) return other;
  }
  return std::nullopt;
}

// Whether the statement that brings the other primary key takes this one away: on a database in use there is
// always one.
bool goes_with_successor(const Object& object, const Scene& scene) {
  if (!scene.online() || object["type"] != "primary key" || !object["inherited"].empty()) return false;
  const auto successor = other_primary_key(object, scene.expected);
  return successor && scene.is_made(successor->id()) && !is_of_new_table(successor->id(), scene) &&
         index_of_its_own(*successor, scene);
}

std::string primary_key_given_up(const Object& object, const Scene& scene) {
  if (object["type"] != "primary key") return {};
  const auto old = other_primary_key(object, scene.actual);
  return old && goes_with_successor(*old, scene) ? std::string(old->id().name.view()) : std::string();
}

// A database in use: one that is dropped with it goes in the statement that puts the new one into its place.
void create_from_index(const Object& object, const Object& own_index, Scene& scene, Script& out) {
  const std::string name(object.id().name.view());
  const bool replaced = scene.is_replaced(object.id());
  const std::string made = replaced ? temporary_name(name, "_new") : name;
  create_concurrently(own_index, made, out);
  ask_rows(object, out);
  const std::string_view definition = object["definition"];
  const std::size_t deferrable = definition.find(" DEFERRABLE");
  std::string sql = alter_owner_of(object);
  const std::string old = replaced ? name : primary_key_given_up(object, scene);
  if (!old.empty()) sql += " DROP CONSTRAINT " + quote_identifier(old) + ",";
  sql += " ADD CONSTRAINT " + quote_identifier(name);
  sql += object["type"] == "unique" ? " UNIQUE" : " PRIMARY KEY";
  sql += " USING INDEX " + quote_identifier(made);
  if (deferrable != definition.npos) sql += definition.substr(deferrable);
  out.add(sql, {Hazard::blocks_reads_and_writes});
}

bool replaces(const Object& object, const Scene& scene) {
  const auto actual = scene.actual.find(object.id());
  return actual && (*actual)["inherited"].empty() && index_of_its_own(object, scene).has_value();
}

// Whether a parent that has the constraint already has handed it on as NOT VALID. A parent that is given it
// by the script comes after its children's own.
bool was_handed_on_unchecked(const Object& object, const Scene& scene) {
  const Snapshot& side = scene.expected;
  const ObjectId& id = object.id();
  if (object["inherited"] != "and local" || object["definition"].ends_with(" NOT VALID")) return false;
  const auto owner = side.find({&table, id.schema, {}, id.parent});
  if (!owner || (*owner)["inherits"].empty()) return false;
  const std::vector<std::string> parents = list_items((*owner)["inherits"]);
  for (std::size_t place = 0; place < side.size(); ++place) {
    const ObjectId& other = side.id(place);
    if (other.kind == id.kind && other.name == id.name && !scene.is_made(other) &&
        side[place]["definition"].ends_with(" NOT VALID") &&
        std::ranges::find(parents, parent_name(other)) != parents.end())
      return true;
  }
  return false;
}

// Whether some partitions have no part of it: it is made with its index, when all of them are attached.
bool comes_with_index(const Object& object, const Scene& scene) {
  if (!has_index(object)) return false;
  const ObjectId& id = object.id();
  const auto own_index = scene.expected.find({&index, id.schema, id.parent, id.name});
  return own_index && is_incomplete(*own_index);
}

void create(const Object& object, Scene& scene, Script& out) {
  if (comes_from_parent(object, scene, scene.expected) || comes_with_index(object, scene)) return;
  refuse_from_parent_alone(object, scene, out);
  if (was_handed_on_unchecked(object, scene)) {
    out.add(validate(object), {Hazard::scans_table});
    ask_rows(object, out);
  }
  const std::string sql = add_constraint(object) + std::string(object["definition"]);
  if (scene.online() && !is_of_new_table(object.id(), scene)) {
    if (const auto own_index = index_of_its_own(object, scene))
      return create_from_index(object, *own_index, scene, out);
    if (can_be_validated_later(object, scene)) {
      out.add(sql + " NOT VALID");
      out.add_alone(validate(object), {Hazard::scans_table});
      return ask_rows(object, out);
    }
  }
  out.add(sql, {has_index(object) ? Hazard::index_build : Hazard::scans_table, Hazard::blocks_writes});
  ask_rows(object, out);
}

// Whether it goes with what it is attached to: a parent's constraint, or a parent's index without one.
bool goes_with_parent(const Object& object, const Scene& scene) {
  const ObjectId& id = object.id();
  if (leaves_parent(id, scene)) return false;
  if (object["inherited"] == "only") return true;
  const auto own_index = scene.actual.find({&index, id.schema, id.parent, id.name});
  return own_index && !(*own_index)["attached_to"].empty();
}

void drop(const Object& object, Scene& scene, Script& out) {
  if (goes_with_parent(object, scene) || goes_with_successor(object, scene)) return;
  out.add(alter_owner_of(object) + " DROP CONSTRAINT " + quote_identifier(object.id().name.view()),
          {Hazard::blocks_reads_and_writes});
}

// "... NOT VALID" -> "...".
bool alter_definition(const Change& change, Script& out) {
  const std::string from(change.from("definition")), to(change.to("definition"));
  if (from != to + " NOT VALID") return false;
  out.add_alone(validate(change.expected), {Hazard::scans_table});
  ask_rows(change.expected, out);
  return true;
}

bool comment_on_constraint(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  const std::string_view text = change.to("comment");
  out.add("COMMENT ON CONSTRAINT " + quote_identifier(id.name.view()) + " ON " +
          (of_domain(change.expected) ? "DOMAIN " : "") + parent_name(id) + " IS " +
          (text.empty() ? std::string("NULL") : quote_literal(text)));
  return true;
}

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
     .normalise = spelled_anew,
     .alter = alter_definition},
    {.name = "inherited",
     .sql = "CASE WHEN k.coninhcount > 0 THEN CASE WHEN k.conislocal THEN 'and local' ELSE 'only' END END",
     .alter = alter_inherited_check},
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
     .meaning = Class::data,
     .late = true,
     .initial = "",
     .alter = alter_enforcement},
    {.name = "comment",
     .sql = PLUMBLINE_COMMENT("pg_constraint", "k.oid"),
     .meaning = Class::cosmetic,
     .initial = "",
     .alter = comment_on_constraint},
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
    .keyword = "CONSTRAINT",
    .naming = Kind::Naming::on_parent,
    .parts_first = true,
    .made_last = is_foreign_key,
    .replaces = replaces,
    .blocks_alter = is_foreign_key,
    .is_handed_on = is_handed_on,
    .create = create,
    .drop = drop,
};

}  // namespace plumbline::kinds
