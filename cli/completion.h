#pragma once

#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace plumbline {

// A script that makes a shell complete commands and flags, written from what the program itself accepts.
// Throws UsageError for another shell than bash, zsh and fish.
std::string completion_script(const CLI::App& app, std::string_view shell);

}  // namespace plumbline
