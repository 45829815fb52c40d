#include "runner/lease.h"

#include <algorithm>

#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_rows.h"
#include "runner/ledger_schema.h"

namespace plumbline {
namespace {

using Clock = std::chrono::steady_clock;

// The halves of the key as pg_locks shows them (manual, pg_locks: objsubid is 1 for one key of 64 bits).
std::string lock_is_held(const std::string& schema, std::string_view and_by) {
  return "EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
         "AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) "
         "AND (classid::bigint << 32) | objid::bigint = " +
         migration_lock_key(schema) + std::string(and_by) + ")";
}

std::string unlock_sql(const std::string& schema) {
  return "SELECT pg_catalog.pg_advisory_unlock(" + migration_lock_key(schema) + ")";
}

void refuse_read_only(Connection& connection) {
  if (connection.value("SELECT pg_catalog.pg_is_in_recovery()") == "t") {
    throw Error("the server is a read-only replica: nothing can be migrated there",
                "Give the URL of the primary server.");
  }
  if (connection.value("SHOW transaction_read_only") == "on") {
    throw Error("the database takes no writes: default_transaction_read_only is on",
                "Connect as another role, or let an administrator change the setting.");
  }
}

}  // namespace

std::optional<LeaseHolder> read_lease(Connection& connection, const std::string& schema) {
  std::optional<LeaseHolder> lease;
  const bool held = connection.value("SELECT " + lock_is_held(schema, "")) == "t";
  if (ledger_form(connection, schema).version == 0) return lease;
  connection.query(
      "SELECT holder, role, to_char(acquired_at, 'YYYY-MM-DD HH24:MI:SS OF'), doing FROM " +
          quote_qualified(schema, "migration_locks") + " WHERE name = 'migrations'",
      [&](const Row& row) {
        lease = {std::string(row[0]), std::string(row[1]), std::string(row[2]), std::string(row[3]), held};
      });
  return lease;
}

Lease::Lease(Connection& connection, std::string schema, const Patience& patience)
    : connection_(connection), schema_(std::move(schema)), has_ledger_(patience.makes_ledger) {
  refuse_read_only(connection);
  connection.query(watch_client("session"), [](const Row&) {});
  const LedgerForm form = ledger_form(connection, schema_);
  has_ledger_ = has_ledger_ || form.ledger_exists;
  if (has_ledger_) refuse_unknown_ledger(form, schema_);
  const Clock::time_point end = Clock::now() + patience.limit;
  std::chrono::milliseconds pause{50};
  bool told = false;
  while (!try_lock()) {
    if (Clock::now() >= end) give_up();
    if (!told && patience.waiting)
      patience.waiting("another runner holds the migration lock; waiting for it");
    told = true;
    using std::chrono::milliseconds;
    interrupt::sleep_for(std::min(pause, std::chrono::duration_cast<milliseconds>(end - Clock::now())));
    pause = std::min(pause * 2, std::chrono::milliseconds(1000));
  }
}

// The lock comes first: it keeps two runners from making the ledger at once.
bool Lease::try_lock() {
  if (connection_.value("SELECT pg_catalog.pg_try_advisory_lock(" + migration_lock_key(schema_) + ")") != "t")
    return false;
  if (!has_ledger_) return true;
  const std::string unlock = unlock_sql(schema_);
  try {
    install_ledger(connection_, schema_);
    predecessor_ = read_lease(connection_, schema_);
    const bool ours =
        connection_.value("SELECT " + quote_qualified(schema_, "acquire_migration_lock") + "($1::text)",
                          {client_name()}) == "t";
    connection_.execute(unlock);  // it was taken twice
    return ours;
  } catch (const Error& error) {
    const interrupt::Shield shield;
    if (error.sqlstate() != "08006") connection_.execute(unlock);
    throw;
  }
}

void Lease::ensure() {
  if (connection_.value("SELECT " + lock_is_held(schema_, " AND pid = pg_catalog.pg_backend_pid()")) == "t")
    return;
  if (!try_lock()) give_up();
}

void Lease::give_up() const {
  std::string who = "another session holds the migration lock";
  try {
    if (const auto lease = read_lease(connection_, schema_)) {
      who = lease->holder + " (role \"" + lease->role + "\") holds the migration lock since " + lease->since;
      if (!lease->doing.empty()) who += " and is at " + lease->doing;
    }
  } catch (const Error&) {  // the ledger may not be readable; the lock is held all the same
  }
  throw Error(who, "Wait until it has finished, or wait longer with --wait SECONDS.");
}

Lease::~Lease() {
  const interrupt::Shield shield;
  try {
    if (connection_.in_transaction()) connection_.execute("ROLLBACK");
    connection_.execute(session_reset());  // by itself: it may end a mode that takes no writes
    connection_.execute(has_ledger_ ? "SELECT " + quote_qualified(schema_, "release_migration_lock") + "()"
                                    : unlock_sql(schema_));
  } catch (...) {  // the session is gone, and the lock with it
  }
}

}  // namespace plumbline
