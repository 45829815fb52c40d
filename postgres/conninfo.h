#pragma once

#include <string_view>

namespace plumbline {

// True when the conninfo itself gives a value for that key; throws Error when it cannot be read.
bool gives_parameter(std::string_view conninfo, std::string_view key);

}  // namespace plumbline
