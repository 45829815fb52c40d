#pragma once

#include <string>

#include "postgres/connection.h"
#include "runner/ledger_rows.h"

namespace plumbline {

// The environment ([env.NAME] of plumbline.toml) that the ledger belongs to, as its history says; empty where
// nobody has named one, there is no ledger, or the role may not read it.
std::string ledger_environment(Connection& connection, const std::string& schema);

// Throws Error where the ledger belongs to another environment than the one that was named.
void refuse_other_environment(Connection& connection, const std::string& schema, const std::string& named);

// Notes in the history to whom the ledger belongs, once. To be called with the migration lock held.
void remember_environment(Connection& connection, const LedgerWriter& ledger, const std::string& schema,
                          const std::string& named);

}  // namespace plumbline
