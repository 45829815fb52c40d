#pragma once

#include <ostream>
#include <string>

#include "catchup/plan.h"

namespace plumbline {

// The plan as a script for psql: settings, one statement after the other with its hazards in a comment before
// it, and last what the plan cannot repair.
void write_sql(const Plan& plan, std::ostream& out);

}  // namespace plumbline
