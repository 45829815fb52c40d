#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.h"
#include "runner/ledger_rows.h"

namespace plumbline {

// A run whose migrations stand or fall together, and which the history does not know to have ended.
struct OpenRun {
  std::string id;       // of the row of the history that began it
  std::string started;  // "2025-01-21 09:30:00 UTC"
  // What the rows of its migrations have as details.
  std::string mark() const { return "run " + id; }
};

// The one that did not end, since somebody killed it; nothing: the last one ended.
std::optional<OpenRun> open_run(Connection& connection, const LedgerWriter& ledger);
OpenRun begin_run(Connection& connection, const LedgerWriter& ledger, const std::string& versions);
// The versions that it applied.
std::vector<std::string> applied_in(Connection& connection, const LedgerWriter& ledger, const OpenRun& run);

}  // namespace plumbline
