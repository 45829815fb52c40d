#pragma once

#include <set>
#include <string>

#include "catchup/plan.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What a script takes for granted when it starts.
struct Premise {
  const Snapshot& before;   // the database, of what the script touches
  const Snapshot& rebuilt;  // the same as a copy of it reads: what reads otherwise there cannot be asked for
  const Snapshot& after;    // what the script makes of it
  const CatchUpPlan& plan;
  const std::set<std::string>& empty_tables;  // quoted and qualified
};

// Whether a DO block runs there: it is in PL/pgSQL, which somebody may have dropped.
bool runs_do_blocks(const Snapshot& database);

// A DO block that raises, and names what differs, unless each object that the plan alters or drops is what
// it was, and none that it makes is there, and the tables have no rows. Empty: there is nothing to ask.
std::string guard_of(const Premise& premise);

}  // namespace plumbline
