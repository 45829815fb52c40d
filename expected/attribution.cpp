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
    {.catalog = "pg_seclabel", .about = "classoid::regclass::text", .oid = "objoid"},
    // Whose a sequence is stands in pg_depend alone.
    {.catalog = "pg_depend",
     .about = "'pg_class'",
     .oid = "objid",
     .where = "classid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND refobjsubid > 0"},
});

std::set<std::string_view> address_catalogs() {
  std::set<std::string_view> result;
  for (const Kind* kind : all_kinds()) {
    if (!kind->cluster) result.insert(kind->address.catalog);
  }
  return result;
}

// $1: age of the oldest transaction that counts; $2: the first command of it that counts.
std::string touched_query(int server_version) {
  const std::string recent = " WHERE age(xmin) <= $1 AND cmin::text::int8 >= $2 AND ";
  std::string sql;
  const auto add = [&](std::string_view about, std::string_view oid, std::string_view catalog,
                       std::string_view where) {
    if (!sql.empty()) sql += " UNION ALL ";
    sql.append("SELECT ")
        .append(about)
        .append(" AS about, ")
        .append(oid)
        .append(" AS oid, cmin::text::int8 AS command");
    sql.append(" FROM ").append(catalog).append(recent).append(where);
  };
  for (const std::string_view catalog : address_catalogs())
    add("'" + std::string(catalog) + "'", "oid", catalog, "true");
  for (const Bearing& bearing : bearings) {
    if (bearing.since <= server_version) add(bearing.about, bearing.oid, bearing.catalog, bearing.where);
  }
  return "SELECT about, oid, max(command) FROM (" + sql + ") t WHERE oid IS NOT NULL GROUP BY about, oid";
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

// The running transaction, or one of its own, with what we read pinned; nothing of it is left afterwards.
class Reading {
 public:
  explicit Reading(Connection& connection) : connection_(connection), inside_(connection.in_transaction()) {
    connection.execute((inside_ ? "SAVEPOINT plumbline_reading; " : "BEGIN; ") + pinned_settings() +
                       "; SET LOCAL plan_cache_mode = force_generic_plan");
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
    : connection_(connection), symbols_(symbols) {
  const int version = connection.version();
  connection.execute("PREPARE plumbline_touched (int, int8) AS " + touched_query(version));
  for (const Kind* kind : all_kinds()) {
    if (kind->cluster || kind->since > version) continue;
    kinds_.push_back(kind);
    connection.execute("PREPARE " + prepared_name(*kind) + " (oid[]) AS " + kind_query(*kind, version, "$1"));
  }
}

void AttributionTracker::start(const Place& place) {
  const Reading reading(connection_);
  read_everything(place);
}

void AttributionTracker::new_transaction() {
  horizon_ = *connection_.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8 % 4294967296");
  next_command_ = 0;
}

AttributionTracker::Touched AttributionTracker::touched() {
  Touched result;
  const std::string age = *connection_.value("SELECT greatest(age('" + horizon_ + "'::xid), 0)");
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
    const Touched found = touched();
    renamed_ = false;
    for (const Kind* kind : kinds_) {
      const auto oids = found.find(read_by(*kind));
      if (oids != found.end()) read(*kind, oids->second, place);
    }
    // What hangs on a renamed object is called otherwise too, or reads otherwise, though its own row was not
    // touched.
    if (renamed_) read_everything(place);
  }
  if (!inside) new_transaction();
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
  if (old != entries_.end() && old->second.oid == address.oid) entries_.erase(old);
  known->second = id;
}

void AttributionTracker::note(const ObjectId& id, Oid oid, const std::vector<Symbol>& values,
                              const Place& place) {
  const auto [found, fresh] = entries_.try_emplace(id, Entry{oid, values, {place, place}});
  Entry& entry = found->second;
  entry.oid = oid;
  if (!fresh && entry.values == values) return;
  entry.values = values;
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
    entries_.erase(id);
    note_change_of_whole(id, place);
  }
}

void AttributionTracker::forget_dropped() {
  std::map<std::string_view, Oids> alive;
  for (const std::string_view catalog : address_catalogs()) {
    connection_.query("SELECT oid FROM pg_catalog." + std::string(catalog),
                      [&](const Row& row) { alive[catalog].insert(std::stoul(std::string(row[0]))); });
  }
  std::erase_if(names_, [&](const auto& named) {
    const auto& [address, id] = named;
    if (alive[address.kind->address.catalog].contains(address.oid)) return false;
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
