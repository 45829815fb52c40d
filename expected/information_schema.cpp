#include "expected/information_schema.h"

#include <algorithm>

#include "postgres/text.h"

namespace plumbline {

namespace {

// What rows can be about: its class, schema and name as information_schema has them, the name as it is on any
// server, whether the role that asks has the rights of its owner, whether an extension or the server itself
// made it (what a partition has from the whole, and a foreign key of each partition that it refers to), what
// it belongs to.
constexpr std::string_view subjects_query = R"sql(
WITH member AS MATERIALIZED (
  SELECT classid, objid FROM pg_catalog.pg_depend
  WHERE deptype = 'e' AND refclassid = 'pg_catalog.pg_extension'::regclass),
owner AS MATERIALIZED (SELECT oid AS role, pg_catalog.pg_has_role(oid, 'USAGE') AS mine FROM pg_catalog.pg_roles),
relation AS MATERIALIZED (
  SELECT oid, relnamespace, relname, relkind, relowner, EXISTS (SELECT FROM member
    WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = c.oid) AS made FROM pg_catalog.pg_class c
  WHERE relkind IN ('r', 'p', 'f', 'v', 'S')),
type AS MATERIALIZED (
  SELECT t.oid, t.typnamespace, t.typname, t.typowner, EXISTS (SELECT FROM member
    WHERE classid = 'pg_catalog.pg_type'::regclass AND objid = t.oid) OR coalesce(r.made, false) AS made
  FROM pg_catalog.pg_type t LEFT JOIN relation r ON r.oid = t.typrelid WHERE t.typtype IN ('c', 'd')),
routine AS MATERIALIZED (
  SELECT objid FROM member WHERE classid = 'pg_catalog.pg_proc'::regclass
  UNION SELECT d.objid FROM pg_catalog.pg_depend d JOIN member m ON m.classid = d.refclassid AND m.objid = d.refobjid
  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'i'),
found AS (
  SELECT 'relation' AS what, relnamespace AS space, relname::text AS name, relname::text AS told, relowner AS owner,
    made, NULL::text AS parent FROM relation
  UNION ALL SELECT 'type', typnamespace, typname, typname, typowner, made, NULL FROM type
  UNION ALL SELECT 'routine', pronamespace, nameconcatoid(proname, oid), quote_ident(proname) || '('
    || oidvectortypes(proargtypes) || ')', proowner, oid IN (SELECT objid FROM routine), NULL FROM pg_catalog.pg_proc
  UNION ALL SELECT 'constraint', connamespace, conname, conname, coalesce(r.relowner, t.typowner),
    coalesce(r.made, t.made, false) OR conparentid IN (SELECT oid FROM pg_catalog.pg_constraint p
      WHERE p.conrelid = k.conrelid AND p.contype = 'f'), coalesce(r.relname, t.typname)
  FROM pg_catalog.pg_constraint k LEFT JOIN relation r ON r.oid = k.conrelid LEFT JOIN type t ON t.oid = k.contypid
  UNION ALL SELECT 'constraint', relnamespace, concat_ws('_', relnamespace, r.oid, attnum, 'not_null'),
    relname || '.' || attname || ' is not null', relowner, made, relname
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid WHERE attnotnull AND attnum > 0
  UNION ALL SELECT 'trigger', relnamespace, relname || '.' || tgname, relname || '.' || tgname, relowner, true, relname
  FROM relation r JOIN pg_catalog.pg_trigger g ON g.tgrelid = r.oid WHERE tgparentid <> 0
  UNION ALL SELECT 'collation', collnamespace, collname, collname, collowner, EXISTS (SELECT FROM member
    WHERE classid = 'pg_catalog.pg_collation'::regclass AND objid = oid), NULL FROM pg_catalog.pg_collation
  UNION ALL SELECT 'foreign data wrapper', 0, fdwname, fdwname, fdwowner, EXISTS (SELECT FROM member
    WHERE classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND objid = oid), NULL
  FROM pg_catalog.pg_foreign_data_wrapper
  UNION ALL SELECT 'foreign server', 0, srvname, srvname, srvowner, EXISTS (SELECT FROM member
    WHERE classid = 'pg_catalog.pg_foreign_server'::regclass AND objid = oid), NULL FROM pg_catalog.pg_foreign_server)
SELECT what, coalesce(nspname, ''), name, told, coalesce(mine, false), made, coalesce(parent, '')
FROM found LEFT JOIN pg_catalog.pg_namespace n ON n.oid = space LEFT JOIN owner ON role = found.owner
WHERE nspname IS NULL OR nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_(temp|toast)'
)sql";

constexpr std::string_view heirs_query =
    "SELECT rolname FROM pg_catalog.pg_roles r WHERE rolsuper OR EXISTS (SELECT FROM "
    "pg_catalog.pg_auth_members m"
    " WHERE m.member = r.oid)";

// Of the views, not of the tables beside them (sql_features, ...).
constexpr std::string_view columns_query =
    "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
    " USING (table_schema, table_name) WHERE table_schema = 'information_schema' AND table_type = 'VIEW'"
    " ORDER BY c.table_name, c.ordinal_position";

struct Known {
  std::string name;
  bool made_by_itself = false;  // by an extension or by the server
};

class ViewReader {
 public:
  explicit ViewReader(Connection& connection) : connection_(connection) {}

  InformationSchema read() {
    result_.version = connection_.version();
    result_.role = connection_.user();
    read_subjects();
    read_names("SELECT role_name FROM information_schema.enabled_roles", result_.roles);
    read_names(heirs_query, result_.heirs);
    connection_.stream(columns_query,
                       [&](const Row& row) { columns_[std::string(row[0])].insert(std::string(row[1])); });
    note_unknown();
    for (const PublishedView& view : published_views()) read_view(view);
    return std::move(result_);
  }

 private:
  void read_names(std::string_view sql, std::set<std::string, std::less<>>& names) {
    connection_.stream(sql, [&](const Row& row) { names.emplace(row[0]); });
  }

  void read_subjects() {
    connection_.stream(subjects_query, [&](const Row& row) {
      const std::string what(row[0]), schema(row[1]);
      Known& known = known_[{what, schema, std::string(row[2])}];
      known = {std::string(row[3]), known.made_by_itself || row[5] == "t"};
      const auto [place, is_new] = result_.subjects.try_emplace({what, schema, std::string(row[3])});
      Rights& rights = place->second;
      rights.owned = row[4] == "t" && (is_new || rights.owned);
      if (!row[6].empty()) rights.parents.emplace(row[6]);
    });
  }

  void note_unknown() {
    std::set<std::string, std::less<>> views, listed;
    for (const PublishedColumns& each : unread_views()) views.emplace(each.view);
    for (const PublishedColumns& each : published_columns()) {
      for (const std::string& column : split(each.columns, ' ')) listed.insert(qualified(each.view, column));
    }
    for (const PublishedView& view : published_views()) {
      const auto found = columns_.find(view.name);
      if (found == columns_.end()) continue;
      views.emplace(view.name);
      for (const std::string& column : found->second) {
        if (!listed.contains(qualified(view.name, column)))
          result_.unknown.push_back(qualified(view.name, column));
      }
    }
    for (const auto& [view, columns] : columns_) {
      if (!views.contains(view)) result_.unknown.push_back(view);
    }
  }

  static std::string qualified(std::string_view view, std::string_view column) {
    return std::string(view).append(".").append(column);
  }

  PublishedRows empty_rows(const PublishedView& view) const {
    PublishedRows rows;
    rows.view = &view;
    const auto has = columns_.find(view.name);
    for (const PublishedColumns& each : published_columns()) {
      if (each.view != view.name || each.use >= Published::database || has == columns_.end()) continue;
      for (std::size_t at = 0; at < each.columns.size();) {
        const std::size_t end = std::min(each.columns.find(' ', at), each.columns.size());
        const std::string_view column = each.columns.substr(at, end - at);
        at = end + 1;
        if (!has->second.contains(column)) continue;
        if (each.use == Published::key) {
          rows.keys.push_back(column);
        } else {
          rows.facts.push_back(column);
          rows.uses.push_back(each.use);
        }
      }
    }
    return rows;
  }

  // What nobody stated: an extension's, which is whatever its version makes it, or the server's.
  bool is_left_out(const PublishedRows& rows, const std::vector<std::string>& key) const {
    const Subject whose = rows.subject(key);
    const std::string constraint(rows.value(key, "constraint_name")),
        trigger(rows.value(key, "trigger_name"));
    for (const Known* known :
         {find(whose.what, whose.schema, whose.name), find("constraint", key[0], constraint),
          find("trigger", whose.schema, whose.name + "." + trigger)}) {
      if (known && known->made_by_itself) return true;
    }
    // What a sequence's owner may do is told only when its access list is written out (acldefault of a
    // table).
    return rows.value(key, "object_type") == "SEQUENCE" &&
           rows.value(key, "grantor") == rows.value(key, "grantee");
  }

  const Known* find(const std::string& what, const std::string& schema, const std::string& name) const {
    const auto found = known_.find({what, schema, name});
    return found == known_.end() ? nullptr : &found->second;
  }

  // With names that hold no OID; the schema comes first in a key that has one.
  void rename(const PublishedRows& rows, std::vector<std::string>& key) const {
    for (std::size_t i = 0; i < key.size(); ++i) {
      const std::string what = rows.keys[i] == "specific_name"     ? "routine"
                               : rows.keys[i] == "constraint_name" ? "constraint"
                                                                   : "";
      if (what.empty()) continue;
      if (const Known* known = find(what, key[0], key[i])) key[i] = known->name;
    }
  }

  void read_view(const PublishedView& view) {
    PublishedRows rows = empty_rows(view);
    if (rows.keys.empty()) return;
    std::vector<std::string_view> all = rows.keys;
    all.insert(all.end(), rows.facts.begin(), rows.facts.end());
    std::string sql;
    for (const std::string_view column : all) sql.append(sql.empty() ? "SELECT " : ", ").append(column);
    const std::string schema(view.schema_column);
    sql += " FROM information_schema." + std::string(view.name) + " WHERE " + schema +
           " NOT IN ('pg_catalog', 'information_schema') AND " + schema + "::text !~ '^pg_(temp|toast)'";
    connection_.stream(sql, [&](const Row& row) { add(rows, row); });
    result_.views.emplace(view.name, std::move(rows));
  }

  void add(PublishedRows& rows, const Row& row) const {
    std::vector<std::string> key;
    for (std::size_t i = 0; i < rows.keys.size(); ++i) key.emplace_back(row[i]);
    if (is_left_out(rows, key)) return;
    rename(rows, key);
    std::vector<PublishedRows::Values>& values = rows.rows[std::move(key)];
    values.resize(rows.facts.size());
    for (std::size_t i = 0; i < rows.facts.size(); ++i) {
      const std::size_t place = rows.keys.size() + i;
      values[i].insert(row.is_null(place) ? std::nullopt : std::optional<std::string>(row[place]));
    }
  }

  Connection& connection_;
  InformationSchema result_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> columns_;
  std::map<Subject, Known> known_;  // by the names that information_schema has
};

}  // namespace

std::string_view PublishedRows::value(const std::vector<std::string>& key, std::string_view column) const {
  const auto found = std::ranges::find(keys, column);
  return found == keys.end() ? std::string_view() : key[static_cast<std::size_t>(found - keys.begin())];
}

Subject PublishedRows::subject(const std::vector<std::string>& key) const {
  std::string what(view->what);
  if (what.empty()) what = to_lower(value(key, "object_type"));
  if (what == "domain") what = "type";
  if (what == "sequence") what = "relation";
  return {what, std::string(value(key, view->schema_column)), std::string(value(key, view->name_column))};
}

InformationSchema read_information_schema(Connection& connection) { return ViewReader(connection).read(); }

}  // namespace plumbline
