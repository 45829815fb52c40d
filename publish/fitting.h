#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// Markdown of any origin in at most `most` bytes: the lines at the end go, what they would have closed is
// closed, and a last line says how many are missing.
std::string fitting_markdown(std::string_view text, std::size_t most);

}  // namespace plumbline
