#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"

namespace plumbline {

// Splits a file's section into statements whose places are those of the file: refuses NUL and invalid UTF-8,
// leaves out the byte order mark, replaces the configured placeholders.
std::vector<SqlStatement> split_file(std::string_view bytes,
                                     const std::map<std::string, std::string>& placeholders,
                                     const std::string& name);

}  // namespace plumbline
