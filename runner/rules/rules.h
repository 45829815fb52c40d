#pragma once

#include "runner/validate.h"

// Each is defined in its own file; a new one is a line here, a line in validate.cpp and its file.
namespace plumbline::rules {

extern const Rule header, dependencies, sections, syntax, checksums, order, phases;

}  // namespace plumbline::rules
