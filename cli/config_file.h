#pragma once

#include <filesystem>
#include <string>

namespace plumbline {

// The text of a settings file. Throws Error when it cannot be read.
std::string config_text(const std::filesystem::path& file);

// As short as it can be said from the working directory.
std::filesystem::path shown_path(const std::filesystem::path& file);

}  // namespace plumbline
