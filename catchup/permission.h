#pragma once

#include <set>
#include <string>
#include <vector>

#include "catchup/plan.h"

namespace plumbline {

// The hazards of a statement that nobody should meet unasked: it loses rows, rewrites a table, or blocks
// others for as long as it reads a table or builds an index.
std::vector<Hazard> grave_hazards(const Statement& statement);

// Takes what was measured for what was assumed.
void correct_hazards(CatchUpPlan& plan);

// Marks the statements that are not to be run: those with hazards that are not allowed, those that need
// something which is not done, and what would drop something that is not made again. Returns whether there
// are any.
bool hold_back(CatchUpPlan& plan, const std::set<Hazard>& allowed);

}  // namespace plumbline
