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
// Throws Error: several of them, one that may not be read, or a configured table that is another tool's.
std::optional<LedgerTable> find_ledger(Connection& connection, const Convention& convention,
                                       const MigrationOptions& options);

}  // namespace plumbline
