#pragma once

#include <iosfwd>
#include <string>

#include "expected/attribution.h"

namespace plumbline {

void write_json(const Attribution& attribution, std::ostream& out);
// Throws Error when the text is not what write_json wrote; `name` says of what.
Attribution read_attribution(std::istream& in, SymbolTable& symbols, const std::string& name);

}  // namespace plumbline
