#pragma once

#include <iosfwd>

#include "runner/impact.h"

namespace plumbline {

void write_json(const Impact& impact, std::ostream& out);

}  // namespace plumbline
