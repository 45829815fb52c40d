#pragma once

#include <iosfwd>

#include "runner/digest.h"

namespace plumbline {

void write_json(const Digest& digest, std::ostream& out);

}  // namespace plumbline
