#pragma once

#include "catchup/ids.h"
#include "catchup/work.h"

namespace plumbline {

// What has to be there for the plan to do on an otherwise empty database what it does on a full one: all it
// touches, the whole tables of that, all that depends on it, what shapes others, and all that these need.
IdSet part_of(const Work& work);

// The objects, their parts, and all that cannot be without one of them.
IdSet with_users(const Snapshot& snapshot, IdSet objects);

}  // namespace plumbline
