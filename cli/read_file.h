#pragma once

#include <string>

namespace plumbline {

// All bytes of a file. Throws Error when it cannot be read, with the reason.
std::string read_file(const std::string& path);

}  // namespace plumbline
