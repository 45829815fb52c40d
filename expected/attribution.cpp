#include "expected/attribution.h"

#include <algorithm>
#include <array>
#include <utility>

#include "postgres/text.h"
#include "snapshot/capture.h"
#include "snapshot/kinds.h"
#include "snapshot/query.h"

namespace plumbline {

namespace {

// Rows that say something about an object of another catalogue.
struct Bearing {
  std::string_view catalog;  // whose rows
  std::string_view about;    // expression: the catalogue of the object they are about
  std::string_view oid;      // expression: its OID
  int since = 0;
  std::string_view where = "true";
};

constexpr auto bearings = std::to_array<Bearing>({
    {.catalog = "pg_attribute", .about = "'pg_class'", .oid = "attrelid"},
    {.catalog = "pg_attribute",
     .about = "'pg_type'",
     .oid = "(SELECT reltype FROM pg_class WHERE oid = attrelid AND relkind = 'c')"},
    {.catalog = "pg_attrdef", .about = "'pg_class'", .oid = "adrelid"},
    {.catalog = "pg_index", .about = "'pg_class'", .oid = "indexrelid"},
    {.catalog = "pg_enum", .about = "'pg_type'", .oid = "enumtypid"},
    {.catalog = "pg_range", .about = "'pg_type'", .oid = "rngtypid"},
    {.catalog = "pg_sequence", .about = "'pg_class'", .oid = "seqrelid"},
    {.catalog = "pg_inherits", .about = "'pg_class'", .oid = "inhrelid"},
    {.catalog = "pg_partitioned_table", .about = "'pg_class'", .oid = "partrelid"},
    {.catalog = "pg_foreign_table", .about = "'pg_class'", .oid = "ftrelid"},
    {.catalog = "pg_rewrite", .about = "'pg_class'", .oid = "ev_class"},
    {.catalog = "pg_aggregate", .about = "'pg_proc'", .oid = "aggfnoid::oid"},
    {.catalog = "pg_trigger", .about = "'pg_constraint'", .oid = "tgconstraint"},
    {.catalog = "pg_amop", .about = "'pg_opfamily'", .oid = "amopfamily"},
    {.catalog = "pg_amproc", .about = "'pg_opfamily'", .oid = "amprocfamily"},
    {.catalog = "pg_ts_config_map", .about = "'pg_ts_config'", .oid = "mapcfg"},
    {.catalog = "pg_publication_rel", .about = "'pg_publication'", .oid = "prpubid"},
    {.catalog = "pg_publication_namespace", .about = "'pg_publication'", .oid = "pnpubid", .since = 15},
    {.catalog = "pg_description", .about = "classoid::regclass::text", .oid = "objoid"},
    {.catalog = "pg_seclabel", .about = "'pg_seclabel'", .oid = "objoid"},
    {.catalog = "pg_db_role_setting", .about = "'pg_db_role_setting'", .oid = "setdatabase"},
    // Whose a sequence is stands in pg_depend alone.
    {.catalog = "pg_depend",
     .about = "'pg_class'",
     .oid = "objid",
     .where = "classid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND refobjsubid > 0"},
});

// The catalogues that objects have their OIDs in, as far as this server has them and lets us read them.
std::set<std::string> address_catalogs(Connection& connection) {
  std::string names;
  for (const Kind* kind : all_kinds()) {
    if (!kind->cluster) names += (names.empty() ? "" : ",") + std::string(kind->address.catalog);
  }
  std::set<std::string> result;
  connection.query("SELECT relname FROM pg_catalog.pg_class c WHERE relname = ANY ('{" + names +
                       "}') AND relnamespace = 'pg_catalog'::pg_catalog.regnamespace"
                       " AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND EXISTS (SELECT FROM"
                       " pg_catalog.pg_attribute WHERE attrelid = c.oid AND attname = 'oid')",
                   [&](const Row& row) { result.insert(std::string(row[0])); });
  return result;
}

// $1: age of the oldest transaction that counts; $2: the first command of it that counts.
std::string touched_query(int server_version, const std::set<std::string>& catalogs) {
  const std::string recent = " WHERE age(xmin) <= $1 AND cmin::text::int8 >= $2 AND ";
  std::string sql;
  const auto add = [&](std::string_view about, std::string_view oid, std::string_view catalog,
                       std::string_view where) {
    if (!sql.empty()) sql += " UNION ALL ";
    sql.append("SELECT ").append(about).append(" AS about, ").append(oid);
    sql.append(" AS oid, cmin::text::int8 AS command FROM ").append(catalog).append(recent).append(where);
  };
  for (const std::string& catalog : catalogs) add("'" + catalog + "'", "oid", catalog, "true");
  for (const Bearing& bearing : bearings) {
    if (bearing.since <= server_version) add(bearing.about, bearing.oid, bearing.catalog, bearing.where);
  }
  return "SELECT about, oid, max(command) FROM (" + sql + ") t WHERE oid IS NOT NULL GROUP BY about, oid";
}

// True when a change of the attribute is a change of the object and so of what it is part of.
bool remakes(const Kind& kind, const Attribute& attribute) {
  return !kind.part_of_parent ||
         (attribute.meaning != Class::operational && attribute.meaning != Class::cosmetic);
}

std::string prepared_name(const Kind& kind) { return "plumbline_" + std::string(kind.name); }

std::string array_of(const std::set<unsigned long>& oids) {
  std::string list;
  for (const unsigned long oid : oids) list += (list.empty() ? "" : ",") + std::to_string(oid);
  return "'{" + list + "}'";
}

// The catalogue whose OIDs a kind is read by.
std::string_view read_by(const Kind& kind) {
  return kind.address.whole.empty() ? kind.address.catalog : "pg_class";
}

std::vector<ObjectId> parents_of(const ObjectId& id) {
  std::vector<ObjectId> result;
  for (const std::string& name : split(id.kind->parent_kinds, ' ')) {
    const Kind* kind = find_kind(name);
    if (!kind) continue;
    const bool is_attribute = !id.kind->reported_as.empty();
    result.push_back(is_attribute ? ObjectId{kind, id.schema, id.parent, id.name}
                                  : ObjectId{kind, id.schema, {}, id.parent});
  }
  return result;
}

// Migrations go on as other roles, who may not read everything.
constexpr std::string_view as_ourselves = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; ";

// The running transaction, or one of its own, with what we read pinned; nothing of it is left afterwards.
class Reading {
 public:
  explicit Reading(Connection& connection) : connection_(connection), inside_(connection.in_transaction()) {
    connection.execute((inside_ ? "SAVEPOINT plumbline_reading; " : "BEGIN; ") + std::string(as_ourselves) +
                       pinned_settings() +
                       "; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL statement_timeout = 0;"
                       " SET LOCAL lock_timeout = 0");
  }
  ~Reading() {
    try {
      connection_.execute(inside_
                              ? "ROLLBACK TO SAVEPOINT plumbline_reading; RELEASE SAVEPOINT plumbline_reading"
                              : "ROLLBACK");
    } catch (...) {  // the connection is lost; whoever uses it next will say so
    }
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  Connection& connection_;
  const bool inside_;
};

}  // namespace

AttributionTracker::AttributionTracker(Connection& connection, SymbolTable& symbols)
    : connection_(connection), symbols_(symbols), catalogs_(address_catalogs(connection)) {
  for (const Kind* kind : all_kinds()) {
    if (!kind->cluster && kind->since <= connection.version()) kinds_.push_back(kind);
  }
  prepare();
}

void AttributionTracker::prepare() {
  const auto there =
      connection_.value("SELECT FROM pg_catalog.pg_prepared_statements WHERE name = 'plumbline_touched'");
  prepared_ = true;
  if (there) return;
  const int version = connection_.version();
  connection_.execute("PREPARE plumbline_touched (int, int8) AS " + touched_query(version, catalogs_));
  for (const Kind* kind : kinds_)
    connection_.execute("PREPARE " + prepared_name(*kind) + " (oid[]) AS " +
                        kind_query(*kind, version, "$1"));
}

void AttributionTracker::start(const Place& place) {
  const Reading reading(connection_);
  if (!prepared_) prepare();
  read_everything(place);
}

void AttributionTracker::new_transaction() {
  horizon_ = *connection_.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8 % 4294967296");
  next_command_ = 0;
  chained_ = false;
}

AttributionTracker::Touched AttributionTracker::touched() {
  Touched result;
  if (chained_) {  // its own number, since it may have changed something already
    new_transaction();
    horizon_ = connection_.value("SELECT pg_current_xact_id_if_assigned()::text::int8 % 4294967296")
                   .value_or(horizon_);
    if (horizon_.empty()) new_transaction();
  }
  const std::string age = *connection_.value("SELECT greatest(age($1::xid), 0)", {horizon_});
  connection_.query("EXECUTE plumbline_touched (" + age + ", " + std::to_string(next_command_) + ")",
                    [&](const Row& row) {
                      result[std::string(row[0])].insert(std::stoul(std::string(row[1])));
                      next_command_ = std::max(next_command_, std::stol(std::string(row[2])) + 1);
                    });
  return result;
}

void AttributionTracker::after(const Place& place) {
  const bool inside = connection_.in_transaction();
  {
    const Reading reading(connection_);
    if (!prepared_) prepare();
    const Touched found = touched();
    renamed_ = false;
    for (const Kind* kind : kinds_) {
      const auto touched = found.find(read_by(*kind));
      if (touched == found.end()) continue;
      const Oids oids = worth_reading(*kind, touched->second);
      if (!oids.empty()) read(*kind, oids, place);
    }
    // What hangs on a renamed object is called otherwise too, or reads otherwise, though its own row was not
    // touched.
    if (renamed_) read_everything(place);
  }
  if (!inside) new_transaction();
}

// What is known to be of another kind stays of that kind: an OID never changes from a table's to an index's.
// Parts are found by their whole, whatever its kind.
AttributionTracker::Oids AttributionTracker::worth_reading(const Kind& kind, const Oids& oids) const {
  if (!kind.address.whole.empty()) return oids;
  Oids result;
  for (const Oid oid : oids) {
    const auto is_of = [&](const Kind* other) {
      return other->address.catalog == kind.address.catalog && other->address.whole.empty() &&
             names_.contains({other, oid, 0});
    };
    if (names_.contains({&kind, oid, 0}) || std::ranges::none_of(kinds_, is_of)) result.insert(oid);
  }
  return result;
}

void AttributionTracker::read(const Kind& kind, const Oids& oids, const Place& place) {
  std::set<ObjectId> seen;
  std::vector<Symbol> values(kind.attributes.size());
  connection_.query("EXECUTE " + prepared_name(kind) + " (" + array_of(oids) + ")", [&](const Row& row) {
    const ObjectId id{&kind, symbols_.intern(row[2]), symbols_.intern(row[3]), symbols_.intern(row[4])};
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = symbols_.intern(row[first_attribute_column + i]);
    const Oid oid = std::stoul(std::string(row[0]));
    note_name({&kind, oid, std::stol(std::string(row[1]))}, id);
    note(id, oid, values, place);
    seen.insert(id);
  });
  if (kind.address.whole.empty()) return;
  for (const Oid whole : oids) forget_parts(kind, whole, seen, place);
}

void AttributionTracker::read_everything(const Place& place) {
  std::map<std::string_view, Oids> everything;
  for (const Kind* kind : kinds_) {
    if (!catalogs_.contains(std::string(read_by(*kind)))) continue;
    Oids& oids = everything[read_by(*kind)];
    if (oids.empty()) {
      connection_.query("SELECT oid FROM " + std::string(read_by(*kind)),
                        [&](const Row& row) { oids.insert(std::stoul(std::string(row[0]))); });
    }
    read(*kind, oids, place);
  }
}

void AttributionTracker::note_name(const Address& address, const ObjectId& id) {
  const auto [known, fresh] = names_.try_emplace(address, id);
  if (fresh || known->second == id) return;
  renamed_ = true;
  const auto old = entries_.find(known->second);
  if (old != entries_.end() && old->second.oid == address.oid) {
    const bool same = address.kind->identity.name_tells && id.schema == known->second.schema &&
                      id.name == known->second.name;
    if (same) entries_.try_emplace(id, Entry{address.oid, {}, {old->second.provenance.created, {}}});
    set_aside(old);
  }
  known->second = id;
}

void AttributionTracker::set_aside(std::map<ObjectId, Entry>::iterator entry) {
  set_aside_.insert(entries_.extract(entry));
}

void AttributionTracker::end_file(bool may_have_dropped) {
  if (may_have_dropped) forget_dropped();
  set_aside_.clear();
}

void AttributionTracker::note(const ObjectId& id, Oid oid, const std::vector<Symbol>& values,
                              const Place& place) {
  if (auto before = set_aside_.extract(id); before && !entries_.contains(id))
    entries_.insert(std::move(before));
  const auto [found, fresh] = entries_.try_emplace(id, Entry{oid, values, {place, place}});
  Entry& entry = found->second;
  entry.oid = oid;
  if (!fresh && entry.values == values) return;
  bool remade = fresh || entry.values.empty();
  for (std::size_t i = 0; i < values.size() && !entry.values.empty(); ++i) {
    if (entry.values[i] == values[i]) continue;
    entry.provenance.attributes[i] = place;
    remade = remade || remakes(*id.kind, id.kind->attributes[i]);
  }
  entry.values = values;
  if (!remade) return;
  entry.provenance.changed = place;
  note_change_of_whole(id, place);
}

void AttributionTracker::note_change_of_whole(const ObjectId& part, const Place& place) {
  if (!part.kind->part_of_parent) return;
  for (const ObjectId& parent : parents_of(part)) {
    const auto found = entries_.find(parent);
    if (found == entries_.end()) continue;
    found->second.provenance.changed = place;
    note_change_of_whole(parent, place);
  }
}

// The parts of a relation were all read: those that did not come are gone.
void AttributionTracker::forget_parts(const Kind& kind, Oid whole, const std::set<ObjectId>& seen,
                                      const Place& place) {
  std::vector<ObjectId> gone;
  for (const Kind* relation : kinds_) {
    const auto named = names_.find({relation, whole, 0});
    if (named == names_.end() || relation->address.catalog != "pg_class") continue;
    const ObjectId first{&kind, named->second.schema, named->second.name, {}};
    for (auto at = entries_.lower_bound(first); at != entries_.end(); ++at) {
      const ObjectId& id = at->first;
      if (id.kind != &kind || id.schema != first.schema || id.parent != first.parent) break;
      if (!seen.contains(id)) gone.push_back(id);
    }
  }
  for (const ObjectId& id : gone) {
    set_aside(entries_.find(id));
    note_change_of_whole(id, place);
  }
}

void AttributionTracker::forget_dropped() {
  const Reading reading(connection_);
  std::map<std::string, Oids, std::less<>> alive;
  for (const std::string& catalog : catalogs_) {
    connection_.query("SELECT oid FROM pg_catalog." + catalog,
                      [&](const Row& row) { alive[catalog].insert(std::stoul(std::string(row[0]))); });
  }
  std::erase_if(names_, [&](const auto& named) {
    const auto& [address, id] = named;
    const auto oids = alive.find(address.kind->address.catalog);
    if (oids == alive.end() || oids->second.contains(address.oid)) return false;
    // What the same file made anew under the same name has another OID by now, and stays.
    const auto entry = entries_.find(id);
    if (entry != entries_.end() && entry->second.oid == address.oid) entries_.erase(entry);
    return true;
  });
}

Attribution AttributionTracker::take() && {
  Attribution result;
  for (const auto& [id, entry] : entries_) result.emplace(id, entry.provenance);
  return result;
}

}  // namespace plumbline
