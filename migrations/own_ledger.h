#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// What plumbline's own ledger consists of, beside indexes, triggers and what else belongs to its tables.
inline constexpr std::array<std::string_view, 7> own_tables = {
    "schema_migrations", "migration_history",   "schema_versions",       "migration_locks",
    "schema_snapshots",  "schema_drift_alerts", "migration_dependencies"};
inline constexpr std::array<std::string_view, 14> own_functions = {
    "ledger_version()",
    "get_current_schema_version()",
    "get_current_schema_version(text)",
    "is_migration_applied(text)",
    "acquire_migration_lock(text)",
    "acquire_migration_lock(text, text)",
    "release_migration_lock()",
    "release_migration_lock(text, text)",
    "log_schema_version(text, text, text)",  // before version 3
    "log_schema_version(text, text, text, text)",
    "raise_schema_version(text, text, text)",
    "chain_history()",
    "refuse_change()",
    "record_change_by_hand()"};

// Of what belongs to its tables these alone are ours.
inline constexpr std::array<std::string_view, 5> own_triggers = {"chain", "append_only", "by_hand",
                                                                 "by_hand_rows", "by_hand_all"};

// The objects of plumbline's own ledgers on a live database, in whatever schemas they are. A name alone does
// not make an object ours: it has to stand beside a ledger, and belong to a role that is trusted with one.
struct OwnLedger {
  // Kind, schema and name, a function with its arguments.
  std::set<std::array<std::string, 3>> objects;
  std::set<std::string> schemas;        // that hold one
  std::set<std::string> schemas_alone;  // those of them that hold nothing else

  bool empty() const { return objects.empty() && schemas.empty(); }
  // Whether that is one of its objects, or belongs to one of its tables; but for triggers, rules and policies
  // of others, which run code when the ledger is used.
  bool has(std::string_view kind, std::string_view schema, std::string_view parent,
           std::string_view name) const;
  void add(const OwnLedger& other);
};

// Reads the catalogue only, so any role may ask and no code of the database runs.
OwnLedger own_ledger(Connection& connection);

// SQL that is true where the role with that OID is trusted with a ledger: the owner of the database, a
// superuser, we ourselves, and who may create schemas.
std::string is_trusted(std::string_view role);

// SQL that is true where the column is the name of one of our tables, or of one of our functions, whatever
// its arguments.
std::string names_own_table(std::string_view column);
std::string names_own_function(std::string_view column);

}  // namespace plumbline
