#pragma once

#include <string>

#include "report/report.h"

namespace plumbline {

// The diagram in Graphviz's language; what differs has its severity as class, so that a style sheet can
// colour it.
std::string graph_of(const Diagram& diagram);

}  // namespace plumbline
