#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plumbline {

// The words of `text` in lines of at most `width` bytes, line breaks in it kept; a longer word gets a line of
// its own. `indent` stands before every line but the first, which begins at `column`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent = "",
                    std::size_t column = 0);

}  // namespace plumbline
