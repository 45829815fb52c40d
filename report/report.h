#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "diff/finding.h"
#include "diff/ignore.h"
#include "snapshot/condition.h"

namespace plumbline {

struct PendingMigration {
  std::string version, file;
};

// What a finding is beside the runs before.
struct Standing {
  enum class State { fresh, known, flapping } state = State::fresh;
  std::string since;  // when it was first seen, ISO 8601 in UTC
  int returns = 0;    // how often it had gone and came back, within what is remembered
};
std::string_view to_string(Standing::State state);  // "new", "known", "flapping"

// A finding of an earlier run that is gone. Remembered for a while: it may come back.
struct FixedFinding {
  std::string id{}, label{}, object{};
  Difference::Verb verb = Difference::Verb::changed;
  Severity severity = Severity::medium;
  std::string since{}, fixed{};  // when it was first seen, and first not seen any more
  int returns = 0;
  bool now = true;  // since the last run, not before
};

// What one migration did to the objects that are expected now.
struct MigrationEffect {
  std::string file;
  std::size_t created = 0, changed = 0;  // objects whose last word it has
  std::size_t findings = 0;              // about what it said last
};

// The objects that differ, and what they are connected with.
struct Diagram {
  struct Node {
    std::string name, label;  // "public.orders", "table"
    std::string severity;     // of the gravest finding about it or a part of it; empty: a neighbour
    std::string note;         // "2 findings"
  };
  struct Edge {
    std::size_t from, to;  // places of nodes: the first needs the second
    bool operator==(const Edge&) const = default;
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::size_t left_out = 0;  // objects that differ or are connected and had no room
};

// Everything a run has to say. One model, many renderers; each renderer is one file and takes nothing else.
struct Report {
  std::string tool_version;
  std::string command;     // "check" or "diff"
  std::string actual;      // "live database shop on db.example.org", without secrets
  std::string expected;    // "migrations in db/migrations at 20250121093000"
  int actual_version = 0;  // server majors, 0: unknown
  int expected_version = 0;
  std::string migrations;         // the directory, as given; empty: none
  std::string convention;         // "dbmate"; empty: none
  std::string at;                 // the applied version; empty: none
  std::size_t objects = 0;        // compared
  std::size_t equivalent = 0;     // texts that differed but mean the same to the server
  double seconds = 0;             // how long the run took, 0: not said
  std::string time;               // when it was, ISO 8601 in UTC; empty: not said
  std::vector<Finding> findings;  // in canonical order
  std::vector<PendingMigration> pending;
  std::vector<HiddenFindings> hidden;
  std::vector<AcceptedFinding> accepted;      // what rules of plumbline.toml keep out, one by one
  std::string previous;                       // when the run was that this one is held against; empty: none
  std::map<std::string, Standing> standings;  // by the id of a finding; empty without a run before
  std::vector<FixedFinding> fixed;
  std::vector<MigrationEffect> timeline;  // in the order of the migrations
  Diagram diagram;                        // drawn only for pages, so read only for them
  std::vector<std::string> presets;       // that hide what a service or another tool made
  std::vector<Condition> conditions;      // of the actual side; no drift
  std::vector<std::string> not_compared;  // what no kind reads: "event triggers (2)"
  std::vector<std::string> not_readable;  // what the connected role may not read
  std::vector<std::string> warnings;      // a rule that matched nothing, another major version, ...
  bool drift() const { return !findings.empty(); }
  const Standing* standing(const Finding& finding) const;
};

enum class Grouping { severity, object };

struct TextOptions {
  bool colour = false;
  int width = 0;  // of the terminal, 0: none
  Grouping grouping = Grouping::severity;
};

void write_text(const Report& report, const TextOptions& options, std::ostream& out);
// A comment on GitHub may have 65,536 characters, a step summary 1,048,576 bytes. We count bytes, of which
// there are never fewer than characters.
struct MarkdownOptions {
  std::size_t most_bytes = 64'500;
};

// Turns a graph in Graphviz's language into SVG; an empty text: it cannot be drawn here.
using Draw = std::function<std::string(const std::string&)>;

void write_markdown(const Report& report, const MarkdownOptions& options, std::ostream& out);
void write_json(const Report& report, std::ostream& out);
void write_html(const Report& report, const Draw& draw, std::ostream& out);
void write_sarif(const Report& report, std::ostream& out);
void write_junit(const Report& report, std::ostream& out);
// Which findings fail a run.
struct Failing {
  Severity least = Severity::info;
  bool only_news = false;  // what the run before had does not
  bool never = false;
};

void write_github(const Report& report, const Failing& failing, std::ostream& out);
void write_gitlab(const Report& report, std::ostream& out);
void write_prometheus(const Report& report, std::ostream& out);
// Reads what write_json wrote. Throws Error for anything else.
Report read_report(std::istream& in, const std::string& name);

// Lines with "-" (expected only), "+" (actual only) and " " (context), like diff -u without the file headers.
// What an eye would miss is made visible: a carriage return as \r, blanks at the end of a differing line as
// dots.
std::string unified_diff(std::string_view expected, std::string_view actual, std::size_t context_lines = 3);

// One line of two texts that stand side by side, in pieces: those that differ are marked.
struct LinePair {
  struct Piece {
    std::string text;
    bool marked = false;
  };
  std::vector<Piece> expected, actual;
  std::size_t expected_line = 0, actual_line = 0;  // from 1; 0: this side has no such line
  bool differs = false;
  bool after_gap = false;  // equal lines before it are left out
};
std::vector<LinePair> side_by_side(std::string_view expected, std::string_view actual,
                                   std::size_t context_lines = 3);

}  // namespace plumbline
