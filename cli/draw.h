#pragma once

#include <string>

namespace plumbline {

// A graph in Graphviz's language as SVG, by its program "dot"; empty, with a word on stderr, where there is
// none.
std::string draw_graph(const std::string& graph);

}  // namespace plumbline
