#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// The values that a command accepts for a flag or an argument ("--format", "SHELL"), for help and completion;
// none where any text will do.
std::vector<std::string> flag_values(std::string_view command, std::string_view flag);

}  // namespace plumbline
