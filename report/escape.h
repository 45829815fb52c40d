#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// Control characters, and those that turn the direction of text around, as \x1b or \u202e: what a database
// holds must not steer a terminal nor mislead a reader. Line ends and tabs stay.
std::string visible(std::string_view text);

// The same on one line: \n, \r and \t are spelled out.
std::string visible_line(std::string_view text);

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
