#pragma once

#include <initializer_list>

#include "expected/attribution.h"
#include "migrations/migration.h"
#include "report/report.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What only a page shows.

// What each replayed migration did, by the statements that made the expected objects what they are.
void add_timeline(Report& report, const MigrationDirectory& directory, const Attribution& attribution);

// The objects that differ and their neighbours, by the dependencies of the snapshots, as far as these have
// them.
void add_diagram(Report& report, std::initializer_list<const Snapshot*> snapshots);

}  // namespace plumbline
