#include "cli/page.h"

#include <algorithm>
#include <map>
#include <set>

#include "postgres/text.h"
#include "report/wording.h"
#include "snapshot/kind.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

// More cannot be read in a picture.
constexpr std::size_t most_differing = 30;
constexpr std::size_t most_nodes = 60;

std::string name_of(std::string_view schema, std::string_view name) {
  return std::string(schema) + "." + std::string(name);
}

// What stands in a picture for an object: the table of a column, the function itself. Empty for what has no
// schema.
std::string whole_of(const ObjectId& id) {
  if (id.schema.empty()) return {};
  return name_of(id.schema.view(), id.parent.empty() ? id.name.view() : id.parent.view());
}

std::string whole_of(const Finding& finding) {
  if (finding.schema.empty()) return {};
  return name_of(finding.schema, finding.parent.empty() ? finding.name : finding.parent);
}

class Graph {
 public:
  void read(const Snapshot& snapshot) {
    for (std::size_t place = 0; place < snapshot.size(); ++place) {
      const ObjectId& id = snapshot.id(place);
      if (id.parent.empty() && !id.schema.empty()) labels_.emplace(whole_of(id), id.kind->label);
    }
    for (const Dependency& dependency : snapshot.dependencies()) {
      const std::string from = whole_of(dependency.dependent), to = whole_of(dependency.referenced);
      if (from.empty() || to.empty() || from == to) continue;
      if (dependency.hold == Dependency::Hold::normal) {
        edges_.emplace(from, to);
      } else {
        parts_.emplace(from, to);
      }
    }
  }

  // The table of a sequence of its own, and of a partition.
  std::string owner_of(std::string name) const {
    for (int steps = 0; steps < 8; ++steps) {
      const auto part = parts_.find(name);
      if (part == parts_.end()) break;
      name = part->second;
    }
    return name;
  }

  std::set<std::pair<std::string, std::string>> edges() const {
    std::set<std::pair<std::string, std::string>> result;
    for (const auto& [from, to] : edges_) {
      auto edge = std::pair(owner_of(from), owner_of(to));
      if (edge.first != edge.second) result.insert(std::move(edge));
    }
    return result;
  }

  std::string label_of(const std::string& name) const {
    const auto found = labels_.find(name);
    return found == labels_.end() ? std::string() : found->second;
  }

 private:
  std::map<std::string, std::string> labels_, parts_;
  std::set<std::pair<std::string, std::string>> edges_;
};

class Drawing {
 public:
  explicit Drawing(const Graph& graph) : graph_(graph) {}

  void add_finding(const Finding& finding) {
    const std::string name = graph_.owner_of(whole_of(finding));
    if (name.empty()) return;
    if (!places_.contains(name) && places_.size() == most_differing) {
      left_out_.insert(name);
      return;
    }
    Diagram::Node& node = node_of(name, finding.parent.empty() ? finding.label : graph_.label_of(name));
    if (node.severity.empty()) node.severity = to_string(finding.severity);  // the gravest comes first
    node.note = counted(++counts_[name], "finding");
  }

  void add_neighbours() {
    const auto edges = graph_.edges();
    const std::map<std::string, std::size_t> differing = places_;
    for (const auto& [from, to] : edges) {
      if (differing.contains(from) == differing.contains(to)) continue;
      const std::string& other = differing.contains(from) ? to : from;
      if (places_.contains(other) || places_.size() < most_nodes) {
        node_of(other, graph_.label_of(other));
      } else {
        left_out_.insert(other);
      }
    }
    for (const std::string& name : left_out_) diagram_.left_out += places_.contains(name) ? 0 : 1;
    for (const auto& [from, to] : edges) {
      if (!places_.contains(from) || !places_.contains(to)) continue;
      if (differing.contains(from) || differing.contains(to))
        diagram_.edges.push_back({places_.at(from), places_.at(to)});
    }
  }

  Diagram take() && { return std::move(diagram_); }

 private:
  Diagram::Node& node_of(const std::string& name, const std::string& label) {
    const auto [place, is_new] = places_.emplace(name, diagram_.nodes.size());
    if (is_new) diagram_.nodes.push_back({name, label, {}, {}});
    return diagram_.nodes[place->second];
  }

  const Graph& graph_;
  Diagram diagram_;
  std::map<std::string, std::size_t> places_, counts_;
  std::set<std::string> left_out_;
};

}  // namespace

void add_timeline(Report& report, const MigrationDirectory& directory, const Attribution& attribution) {
  std::map<std::string, MigrationEffect> effects;
  for (const auto& [id, provenance] : attribution) {
    ++effects[provenance.created.file].created;
    if (provenance.changed.file != provenance.created.file) ++effects[provenance.changed.file].changed;
  }
  for (const Finding& finding : report.findings) {
    const auto& place = finding.last_changed ? finding.last_changed : finding.created;
    if (place) ++effects[place->file].findings;
  }
  for (const Migration& migration : directory.migrations) {
    const auto found = effects.find(migration.file);
    const bool pending =
        std::ranges::find(report.pending, migration.file, &PendingMigration::file) != report.pending.end();
    if (pending) continue;
    MigrationEffect effect = found == effects.end() ? MigrationEffect() : found->second;
    effect.file = migration.file;
    report.timeline.push_back(std::move(effect));
  }
}

void add_diagram(Report& report, std::initializer_list<const Snapshot*> snapshots) {
  if (!report.drift()) return;
  Graph graph;
  for (const Snapshot* snapshot : snapshots) graph.read(*snapshot);
  Drawing drawing(graph);
  for (const Finding* finding : by_severity(report)) drawing.add_finding(*finding);
  drawing.add_neighbours();
  report.diagram = std::move(drawing).take();
}

}  // namespace plumbline
