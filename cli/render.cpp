#include "cli/render.h"

#include <algorithm>

#include "cli/draw.h"
#include "report/formats.h"
#include "report/standing.h"

namespace plumbline {

void write_report(const Report& report, const Settings& settings) {
  write_output(settings, [&](const Output& output, std::ostream& out) {
    RenderOptions options;
    options.text.colour = output.colour;
    options.text.width = output.width;
    options.draw = draw_graph;
    find_format(output.format)->write(report, options, out);
  });
}

int exit_code_of(const Report& report, const Settings& settings) {
  const Severity least = settings.fail_on.value_or(Severity::info);
  const bool fails = std::ranges::any_of(report.findings, [&](const Finding& finding) {
    return finding.severity >= least && (!settings.fail_on_new || is_news(report, finding));
  });
  return fails ? 2 : 0;
}

}  // namespace plumbline
