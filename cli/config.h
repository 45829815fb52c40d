#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/settings.h"

namespace plumbline {

// plumbline.toml in `directory` or the nearest folder above it.
std::optional<std::filesystem::path> find_config(const std::filesystem::path& directory);

// Puts what the file says over `settings`, and what its [env.NAME] says over that when `environment` is not
// empty. Paths in it start at its folder. Throws Error "file:line:column: ..." for a syntax error, an unknown
// key and a value of the wrong type, anywhere in the file; and for an environment that it does not have.
// The url is left as it is written; choose_database (cli/target.h) puts in its variables.
// docs/configuration.md describes the file.
void read_config(const std::filesystem::path& file, const std::string& environment, Settings& settings);

}  // namespace plumbline
