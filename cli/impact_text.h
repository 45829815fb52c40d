#pragma once

#include <iosfwd>

#include "runner/impact.h"

namespace plumbline {

void write_text(const Impact& impact, std::ostream& out);
// For a comment on a pull request.
void write_markdown(const Impact& impact, std::ostream& out);

}  // namespace plumbline
