#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// True when the conninfo itself gives a value for that key; throws Error when it cannot be read.
bool gives_parameter(std::string_view conninfo, std::string_view key);

// A value as it stands behind "key=" in a conninfo, quoted.
std::string conninfo_value(std::string_view value);

}  // namespace plumbline
