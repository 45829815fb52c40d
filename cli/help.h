#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace plumbline {

// What --help prints of the whole program or of one of its commands, in lines of at most 80 bytes as far as
// words allow. The layout is ours, so that it does not change with the version of the library, and one that
// help2man reads.
std::string help_text(const CLI::App& app);

}  // namespace plumbline
