#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migrations/convention.h"
#include "postgres/connection.h"

namespace plumbline {

// A tool's ledger as it stands on live.
struct LedgerTable {
  std::string tool;  // the convention whose rules fit
  LedgerRules rules;
  std::string schema, name, owner;

  std::string shown() const { return schema + "." + name; }
};

// Finds the ledger of the convention, or of one of its family when the convention was recognised by looking.
// plumbline's own, once it holds a row, counts for more than any. Throws Error: several of them, one that may
// not be read, or a configured table that is another tool's.
std::optional<LedgerTable> find_ledger(Connection& connection, const Convention& convention,
                                       const MigrationOptions& options);

// The same without our own: what the tool has left there.
std::optional<LedgerTable> find_tool_ledger(Connection& connection, const Convention& convention,
                                            const MigrationOptions& options);

}  // namespace plumbline
