#pragma once

#include <iosfwd>
#include <string>

#include "snapshot/snapshot.h"

namespace plumbline {

// Who needs whom, for a cache: by the places that the objects have in the snapshot, so for that snapshot
// alone.
void write_dependencies(const Snapshot& snapshot, std::ostream& out);
// Adds them to the snapshot they were written of. Throws Error when the text is not what write_dependencies
// wrote of one with as many objects; `name` says of what.
void read_dependencies(std::istream& in, Snapshot& snapshot, const std::string& name);

}  // namespace plumbline
