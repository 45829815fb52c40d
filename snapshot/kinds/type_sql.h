#pragma once

#include "snapshot/object.h"
#include "snapshot/script.h"

namespace plumbline::kinds {

// A type that columns use is renamed, until they use its successor.
bool set_type_aside(const Object& object, Script& rename, Script& remove);

}  // namespace plumbline::kinds
