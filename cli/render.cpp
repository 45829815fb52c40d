#include "cli/render.h"

#include <algorithm>

#include "cli/draw.h"
#include "report/formats.h"
#include "report/standing.h"

namespace plumbline {

namespace {

Failing failing_of(const Settings& settings) {
  return {.least = settings.fail_on.value_or(Severity::info),
          .only_news = settings.fail_on_new,
          .never = settings.fail_on_never};
}

}  // namespace

void write_report(const Report& report, const Settings& settings) {
  write_output(settings, [&](const Output& output, std::ostream& out) {
    RenderOptions options;
    options.text.colour = output.colour;
    options.text.width = output.width;
    options.draw = draw_graph;
    options.failing = failing_of(settings);
    find_format(output.format)->write(report, options, out);
  });
}

int exit_code_of(const Report& report, const Settings& settings) {
  const Failing failing = failing_of(settings);
  const auto counts = [&](const Finding& finding) { return fails(report, finding, failing); };
  return std::ranges::any_of(report.findings, counts) ? 2 : 0;
}

}  // namespace plumbline
