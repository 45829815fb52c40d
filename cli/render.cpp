#include "cli/render.h"

#include <algorithm>

namespace plumbline {

void write_report(const Report& report, const Output& output, std::ostream& out) {
  if (output.format == "json") return write_json(report, out);
  if (output.format == "markdown") return write_markdown(report, out);
  TextOptions options;
  options.colour = output.colour;
  options.width = output.width;
  write_text(report, options, out);
}

int exit_code_of(const Report& report, const Settings& settings) {
  const Severity least = settings.fail_on.value_or(Severity::info);
  const bool fails = std::any_of(report.findings.begin(), report.findings.end(),
                                 [&](const Finding& finding) { return finding.severity >= least; });
  return fails ? 2 : 0;
}

}  // namespace plumbline
