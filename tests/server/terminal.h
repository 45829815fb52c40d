#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/server/server.h"

namespace plumbline::testing {

// The program on a terminal of its own, where somebody types this once he reads `question`. Its output and
// its errors are both in `out`.
ProgramResult on_terminal(const std::vector<std::string>& arguments, const Environment& environment,
                          const std::filesystem::path& folder, const std::string& typed,
                          const std::string& question);

}  // namespace plumbline::testing
