#include <ostream>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include "postgres/text.h"
#include "report/escape.h"

namespace plumbline {
namespace {

std::string mark(Observation::State state, bool colour) {
  std::string text(to_string(state));
  text.resize(8, ' ');
  if (!colour || state == Observation::State::note) return text;
  return (state == Observation::State::ok ? "\x1b[32m" : "\x1b[1;31m") + text + "\x1b[0m";
}

void write_text(const std::vector<Observation>& observations, bool colour, std::ostream& out) {
  const auto write_below = [&](const std::vector<std::string>& lines, std::size_t first) {
    for (std::size_t i = first; i < lines.size(); ++i) out << "        " << visible(lines[i]) << '\n';
  };
  for (const Observation& each : observations) {
    const std::vector<std::string> lines = split(each.text, '\n');
    out << mark(each.state, colour) << visible_line(each.subject) << ": " << visible(lines.front()) << '\n';
    write_below(lines, 1);
    if (!each.hint.empty()) write_below(split(each.hint, '\n'), 0);
  }
  out << '\n'
      << (check_could_run(observations) ? "check can run here"
                                        : "check cannot run here: see the problems above")
      << '\n';
}

void write_markdown(const std::vector<Observation>& observations, std::ostream& out) {
  out << "| | what | |\n|---|---|---|\n";
  for (const Observation& each : observations) {
    out << "| " << to_string(each.state) << " | " << markdown_text(each.subject) << " | "
        << markdown_text(each.text) << (each.hint.empty() ? "" : " - " + markdown_text(each.hint)) << " |\n";
  }
}

}  // namespace

int run_doctor(const Settings& settings) {
  for (const Output& output : outputs_of(settings)) {
    if (output.format == "json" || output.format == "markdown" || output.format == "text") continue;
    throw UsageError("doctor does not write the format \"" + output.format + "\"",
                     "Use text, markdown or json.");
  }
  const std::vector<Observation> observations = examine(settings);
  write_output(settings, [&](const Output& output, std::ostream& out) {
    if (output.format == "json") return write_json(observations, out);
    if (output.format == "markdown") return write_markdown(observations, out);
    write_text(observations, output.colour, out);
  });
  return check_could_run(observations) ? 0 : 1;
}

}  // namespace plumbline
