#pragma once

#include <string>
#include <string_view>

#include "postgres/visible.h"

namespace plumbline {

// For HTML text and attribute values.
std::string escape_html(std::string_view text);

// For HTML within Markdown: names in it notify nobody and link to nothing, see markdown_text.
std::string markdown_html(std::string_view text);

// A code span that holds in Markdown, in a table cell too.
std::string markdown_code(std::string_view text);

// Plain text that Markdown takes for nothing else, in a table cell too.
std::string markdown_text(std::string_view text);

// A code block whose fence is longer than any inside.
std::string markdown_fenced(std::string_view text, std::string_view language);

// At most `most` bytes, cut between two characters, with "..." when something was cut.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace plumbline
