#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/render.h"
#include "cli/standings.h"
#include "report/report.h"

namespace plumbline {

int run_report(const Settings& settings, const std::string& file) {
  if (std::filesystem::is_directory(file)) {
    throw Error("\"" + file + "\" is a folder", "Name the file that --format json wrote.");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw Error("cannot read the report \"" + file + "\": " + std::strerror(errno),
                "Name the file that check or diff wrote with --format json.");
  }
  Report report = read_report(stream, file);
  if (!settings.previous.empty()) tell_standings(report, settings);
  write_report(report, settings);
  // The verdict was given when the report was made; here it is asked for again or not at all.
  return settings.fail_on || settings.fail_on_new ? exit_code_of(report, settings) : 0;
}

}  // namespace plumbline
