#pragma once

#include <functional>
#include <set>
#include <vector>

#include "catchup/live_rows.h"
#include "catchup/plan.h"

namespace plumbline {

using MayAsk = std::function<bool(const ObjectId& about, const RowCondition&)>;

// The hazards of a statement that nobody should meet unasked: it loses rows, fails on rows that are there,
// rewrites a table, or blocks others for as long as it reads a table or builds an index.
std::vector<Hazard> grave_hazards(const Statement& statement);

// Those of them that nobody has allowed.
std::vector<Hazard> missing_permission(const Statement& statement, const std::set<Hazard>& allowed);

// Takes what was measured for what was assumed.
void correct_hazards(CatchUpPlan& plan);

// Takes out the hazards that the rows of the database make none: nothing is lost of a table without rows,
// nobody waits for a small one, and rows that fit are no obstacle. `may_ask`: whether what the server
// computes for the condition of a statement about that object is harmless. Returns the tables, quoted and
// qualified, that lose nothing because they have no rows.
std::set<std::string> weigh_rows(CatchUpPlan& plan, LiveRows& rows, const MayAsk& may_ask);

// The table, quoted and qualified, whose rows a statement about that object touches.
std::string table_of(const ObjectId& id);

}  // namespace plumbline
