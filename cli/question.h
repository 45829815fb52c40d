#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// Whether somebody sits there who can be asked: standard input and error output are a terminal.
bool can_ask();
// Puts the question on error output and reads a line; without the blanks around it, empty at the end of
// input.
std::string answer_to(std::string_view question);

}  // namespace plumbline
