#pragma once

#include <vector>

#include "catchup/ids.h"
#include "catchup/plan.h"
#include "catchup/work.h"

namespace plumbline {

// Which differences need which others to be repaired with them: what is made needs what it is made of, what
// is dropped needs those gone that use it, what takes another's name or place needs that one gone, and what
// comes and goes with a whole needs the whole's. `own` are the objects that differ.
std::vector<Need> needs_between(const Work& work, const IdSet& own);

}  // namespace plumbline
