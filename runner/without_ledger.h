#pragma once

#include "migrations/own_ledger.h"
#include "postgres/connection.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// The schema as it would be without plumbline's own ledgers. A schema that holds one and more stays, but for
// the comparison with `other`, which lacks it: there what it holds is told one by one.
Snapshot without_ledger(const Snapshot& snapshot, const OwnLedger& own, const Snapshot* other = nullptr);
// The same, with what the live database of the connection has.
Snapshot without_ledger(const Snapshot& snapshot, Connection& connection);

}  // namespace plumbline
