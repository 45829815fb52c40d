#pragma once

#include <iosfwd>
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
  std::vector<Finding> findings;  // in canonical order
  std::vector<PendingMigration> pending;
  std::vector<HiddenFindings> hidden;
  std::vector<std::string> presets;       // that hide what a service or another tool made
  std::vector<Condition> conditions;      // of the actual side; no drift
  std::vector<std::string> not_compared;  // what no kind reads: "event triggers (2)"
  std::vector<std::string> not_readable;  // what the connected role may not read
  std::vector<std::string> warnings;      // a rule that matched nothing, another major version, ...
  bool drift() const { return !findings.empty(); }
};

enum class Grouping { severity, object };

struct TextOptions {
  bool colour = false;
  int width = 0;  // of the terminal, 0: none
  Grouping grouping = Grouping::severity;
};

void write_text(const Report& report, const TextOptions& options, std::ostream& out);
void write_markdown(const Report& report, std::ostream& out);
void write_json(const Report& report, std::ostream& out);
// Reads what write_json wrote. Throws Error for anything else.
Report read_report(std::istream& in, const std::string& name);

// Lines with "-" (expected only), "+" (actual only) and " " (context), like diff -u without the file headers.
// What an eye would miss is made visible: a carriage return as \r, blanks at the end of a differing line as
// dots.
std::string unified_diff(std::string_view expected, std::string_view actual, std::size_t context_lines = 3);

}  // namespace plumbline
