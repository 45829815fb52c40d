#include "cli/commands.h"
#include "cli/render.h"
#include "cli/saved_report.h"
#include "cli/standings.h"
#include "report/report.h"

namespace plumbline {

int run_report(const Settings& settings, const std::string& file) {
  Report report = read_saved_report(file);
  if (!settings.previous.empty()) tell_standings(report, settings);
  write_report(report, settings);
  // The verdict was given when the report was made; here it is asked for again or not at all.
  return settings.fail_on || settings.fail_on_new ? exit_code_of(report, settings) : 0;
}

}  // namespace plumbline
