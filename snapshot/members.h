#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "postgres/connection.h"
#include "snapshot/symbol.h"

namespace plumbline {

struct Kind;

// What belongs to each extension, by its name: a line for each object, with a short hash of all that is
// compared of it, so that an altered, added or lost member is seen and named without its being listed.
std::map<std::string, std::string, std::less<>> member_lines(Connection& connection, SymbolTable& symbols,
                                                             std::span<const Kind* const> kinds);

}  // namespace plumbline
