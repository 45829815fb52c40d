#pragma once

#include "snapshot/scene.h"
#include "snapshot/script.h"

namespace plumbline::kinds {

// Whether the triggers behind a foreign key, or behind a deferrable key, fire.
bool alter_enforcement(const Change& change, Script& out);

}  // namespace plumbline::kinds
