#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postgres/connection.h"

namespace plumbline {

// The version of the ledger's tables that this program writes.
inline constexpr int ledger_version = 3;

inline constexpr std::string_view default_ledger_schema = "plumbline";

// What stands in the ledger's schema.
struct LedgerForm {
  bool schema_exists = false;
  bool ledger_exists = false;
  int version = 0;         // 0: only schema_migrations, as made by hand or by another program
  bool foreign = false;    // the schema of that name by default holds something else, and no ledger
  std::string taken = {};  // without a ledger: what has the name of one of its objects
  std::string doubt = {};  // why code of somebody else could run if it were used; the version is 0 then
};

// Reads the catalogue only, so any role may ask.
LedgerForm ledger_form(Connection& connection, std::string_view schema);

// Makes the ledger, or brings an older one up to date; in one transaction. To be called by who holds the
// migration lock. Throws Error: no rights, something else of its names, a newer ledger.
void install_ledger(Connection& connection, const std::string& schema);

// Throws Error for a ledger by which code of somebody else could run.
void refuse_doubtful_ledger(const LedgerForm& form, const std::string& schema);
// The same, for a ledger that is newer than this program, and where something else has its place.
void refuse_unknown_ledger(const LedgerForm& form, const std::string& schema);

// Throws Error where plumbline has a ledger in another schema and none in this one: all that it says is
// applied would be run again.
void refuse_ledger_elsewhere(Connection& connection, const std::string& schema);

// The key of the advisory lock that runners hold, as SQL.
std::string migration_lock_key(std::string_view schema);

// What of a row of migration_history is hashed, as SQL; `row` is put before each column ("NEW.").
std::string history_text(std::string_view row);

// started_at and completed_at of a row of migration_history, as they follow from what is hashed, as SQL.
std::string history_times(std::string_view row);

}  // namespace plumbline
