#pragma once

#include <iosfwd>
#include <string_view>

#include "report/report.h"

namespace plumbline {

// The two values of an attribute as a table, side by side, with what differs marked word by word.
void write_sides(const AttributeChange& change, std::string_view actual_name, std::ostream& out);

}  // namespace plumbline
