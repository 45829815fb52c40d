#include <ostream>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/output.h"
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
  for (const Observation& each : observations) {
    out << mark(each.state, colour) << each.subject << ": " << visible(each.text) << '\n';
    if (!each.hint.empty()) out << "        " << each.hint << '\n';
  }
  out << '\n'
      << (check_could_run(observations) ? "check can run here"
                                        : "check cannot run here: see the problems above")
      << '\n';
}

void write_markdown(const std::vector<Observation>& observations, std::ostream& out) {
  out << "| | what | |\n|---|---|---|\n";
  for (const Observation& each : observations) {
    out << "| " << to_string(each.state) << " | " << each.subject << " | " << markdown_text(each.text)
        << (each.hint.empty() ? "" : " - " + markdown_text(each.hint)) << " |\n";
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
