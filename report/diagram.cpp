#include "report/diagram.h"

#include "report/escape.h"

namespace plumbline {

namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : visible_line(text)) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string node_name(std::size_t place) { return "n" + std::to_string(place); }

}  // namespace

std::string graph_of(const Diagram& diagram) {
  std::string graph =
      "digraph schema {\n  bgcolor=transparent; rankdir=LR; nodesep=0.25; ranksep=0.7;\n"
      "  node [shape=box, style=rounded, fontsize=11, margin=\"0.14,0.07\"]; edge [arrowsize=0.6];\n";
  for (std::size_t place = 0; place < diagram.nodes.size(); ++place) {
    const Diagram::Node& node = diagram.nodes[place];
    std::string text = visible_line(shortened(node.name, 60)) + "\n" + node.label;
    if (!node.note.empty()) text += ", " + node.note;
    // A line end is \n in Graphviz's strings, too.
    std::string label = quoted(text.substr(0, text.find('\n')));
    label.pop_back();
    label += "\\n" + quoted(text.substr(text.find('\n') + 1)).substr(1);
    graph += "  " + node_name(place) + " [label=" + label;
    graph += ", class=" + quoted(node.severity.empty() ? "neighbour" : node.severity) + "];\n";
  }
  for (const Diagram::Edge& edge : diagram.edges) {
    graph += "  " + node_name(edge.from) + " -> " + node_name(edge.to) + ";\n";
  }
  return graph + "}\n";
}

}  // namespace plumbline
