#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "postgres/connection.h"
#include "snapshot/snapshot.h"

namespace plumbline {

using Progress = std::function<void(std::string_view doing, std::size_t done, std::size_t total)>;

struct CaptureOptions {
  bool cluster = false;       // also roles, memberships, tablespaces and settings outside the database
  bool dependencies = false;  // also who needs whom (pg_depend), for writing SQL
  bool identity = false;      // also which database it is, so that its OIDs can be written
  bool throw_away = false;  // the database is one of ours: what surrounds the migrations means nothing there
  bool names_vanished = false;  // an error says what somebody has dropped meanwhile; takes longer
  // Opens one more connection to the same database, for reading kinds side by side; may be empty.
  std::function<std::unique_ptr<Connection>()> more;
  Progress progress;
};

// A REPEATABLE READ READ ONLY transaction with what we read pinned: an empty search_path, UTC, ISO dates,
// timeouts. Everything read of one database in one run is read inside one of these. Rolls back at the end.
class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection, std::string_view exported_snapshot = {});
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Connection& connection_;
};

// Inside a ReadTransaction: gives back at its end the locks that were taken in its scope, so that an ALTER
// TABLE of somebody else waits for one query of ours at most and not for the whole transaction.
class BriefLocks {
 public:
  explicit BriefLocks(Connection& connection);
  ~BriefLocks();
  BriefLocks(const BriefLocks&) = delete;
  BriefLocks& operator=(const BriefLocks&) = delete;

 private:
  Connection& connection_;
};

// Pins only the settings (search_path, dates, deparser) for the running transaction.
std::string pinned_settings();

// database -> Snapshot. To be called inside a ReadTransaction; a bounded number of queries, whatever the
// size.
Snapshot capture(Connection& connection, SymbolTable& symbols, const CaptureOptions& options = {});

}  // namespace plumbline
