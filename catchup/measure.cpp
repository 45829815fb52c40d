#include "catchup/measure.h"

#include <algorithm>
#include <cstdlib>

#include "expected/lock_mode.h"

namespace plumbline {

namespace {

// The reading is counted as of now, without waiting for the statistics to be sent.
constexpr std::string_view relations =
    "SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_relation_filenode(c.oid),"
    " pg_catalog.pg_stat_get_xact_tuples_returned(c.oid), l.mode FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace {join} JOIN pg_catalog.pg_locks l ON "
    "l.relation = c.oid AND l.locktype = 'relation'"
    " AND l.pid = pg_catalog.pg_backend_pid() WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.oid >= 16384";

std::string query_with(std::string_view join) {
  std::string sql(relations);
  const std::string_view place = "{join}";
  return sql.replace(sql.find(place), place.size(), join);
}

}  // namespace

Measure::Measure(Connection& connection) : connection_(connection) {
  connection_.query(query_with("LEFT"), [&](const Row& row) {
    const std::string oid(row[0]);
    names_[oid] = row[1];
    files_[oid] = row[2];
    read_[oid] = std::atol(std::string(row[3]).c_str());
  });
}

void Measure::start() {
  connection_.query(
      "SELECT c.oid, pg_catalog.pg_stat_get_xact_tuples_returned(c.oid) FROM pg_catalog.pg_class c"
      " WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND"
      " pg_catalog.pg_stat_get_xact_tuples_returned(c.oid) > 0",
      [&](const Row& row) { read_[std::string(row[0])] = std::atol(std::string(row[1]).c_str()); });
}

Effect Measure::take() {
  Effect effect;
  effect.known = true;
  std::map<std::string, const LockMode*> strongest;  // by the relation's oid
  connection_.query(query_with(""), [&](const Row& row) {
    const std::string oid(row[0]);
    if (!names_.contains(oid)) return;
    if (const LockMode* mode = find_lock_mode(row[4])) {
      const LockMode*& held = strongest.emplace(oid, mode).first->second;
      if (is_weaker(*held, *mode)) held = mode;
    }
    note_file(oid, std::string(row[2]), effect);
    note_reading(oid, std::atol(std::string(row[3]).c_str()), effect);
  });
  for (const auto& [oid, mode] : strongest) effect.locks.push_back({names_[oid], std::string(mode->name)});
  std::ranges::sort(effect.locks, {}, &Effect::Lock::relation);
  return effect;
}

void Measure::note_file(const std::string& relation, const std::string& file, Effect& effect) {
  if (files_[relation] == file) return;
  files_[relation] = file;
  effect.rewritten.push_back(names_[relation]);
}

void Measure::note_reading(const std::string& relation, long read, Effect& effect) {
  const long before = read_[relation];
  read_[relation] = read;
  if (read > before) effect.scanned.push_back(names_[relation]);
}

}  // namespace plumbline
