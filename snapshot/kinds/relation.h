#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snapshot/object.h"

namespace plumbline::kinds {

// Attribute::normalise for a query behind a name (views, materialised views): the server reads it as a view
// of its own.
std::vector<std::string> query_spelled_anew(const Object& object, std::string_view value);

}  // namespace plumbline::kinds
