#pragma once

#include <string>
#include <string_view>

// What a database, a server's message, a path or a file holds is only text wherever it is written.
namespace plumbline {

// Spelled out, as \x1b, \u202e or \U000e0041: what steers a terminal, ends a line for any reader (\r, \v, \f,
// U+0085, U+2028, U+2029), turns the direction of text around, cannot be seen, is no UTF-8, or is an order to
// a CI runner ("::error" at the beginning of a line, "##[" anywhere). \n and tabs stay.
std::string visible(std::string_view text);

// The same on one line: \n, \r and \t are spelled out.
std::string visible_line(std::string_view text);

// Text of others, SQL too, as lines "-- ...", each with its line end: a comment for psql, for our splitter
// and for every tool that reads comments. A line that one of them could take for a mark of its own
// ("migrate:down", "Transaction: none") begins with "-- | ".
std::string sql_comment(std::string_view text);

// One line "-- ..." with its line end, of a text that begins with words of ours: a mark stays one.
std::string sql_comment_line(std::string_view text);

}  // namespace plumbline
