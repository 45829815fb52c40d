#include "report/diagram.h"

#include "report/escape.h"

namespace plumbline {

namespace {

std::string dot_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : visible_line(text)) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace

std::string graph_of(const Diagram& diagram) {
  // A drawing shows the names of its nodes where a pointer rests, so they are those of the objects.
  const auto name_of = [&](std::size_t place) { return dot_string(diagram.nodes[place].name); };
  std::string graph =
      "digraph \"what differs\" {\n  bgcolor=transparent; rankdir=LR; nodesep=0.25; ranksep=0.7;\n"
      "  node [shape=box, style=rounded, fontsize=11, margin=\"0.14,0.07\"]; edge [arrowsize=0.6];\n";
  for (std::size_t place = 0; place < diagram.nodes.size(); ++place) {
    const Diagram::Node& node = diagram.nodes[place];
    std::string text = visible_line(shortened(node.name, 60)) + "\n" + node.label;
    if (!node.note.empty()) text += ", " + node.note;
    // A line end is \n in Graphviz's strings, too.
    std::string label = dot_string(text.substr(0, text.find('\n')));
    label.pop_back();
    label += "\\n" + dot_string(text.substr(text.find('\n') + 1)).substr(1);
    graph += "  " + name_of(place) + " [label=" + label;
    graph += ", class=" + dot_string(node.severity.empty() ? "neighbour" : node.severity) + "];\n";
  }
  for (const Diagram::Edge& edge : diagram.edges) {
    graph += "  " + name_of(edge.from) + " -> " + name_of(edge.to) + ";\n";
  }
  return graph + "}\n";
}

}  // namespace plumbline
