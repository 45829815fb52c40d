#include "cli/standings.h"

#include <ctime>
#include <filesystem>
#include <set>
#include <sstream>

#include "cli/log.h"
#include "cli/saved_report.h"
#include "cli/target.h"
#include "postgres/error.h"
#include "report/moment.h"
#include "report/standing.h"
#include "report/wording.h"
#include "runner/drift_alerts.h"

namespace plumbline {

namespace {

std::optional<Report> report_in(const std::string& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) {
    log::info("there is no report \"" + file + "\" yet: this is the first run");
    return std::nullopt;
  }
  try {
    return read_saved_report(file);
  } catch (const Error& error) {
    throw Error(error.message(), "Remove the file to begin anew: then everything counts as new once.");
  }
}

// Their findings have the same ids, so nothing else would show it.
void warn_of_another_database(Report& report, const std::optional<Report>& previous) {
  if (!previous || report.command != "check" ||
      without_environment(previous->actual) == without_environment(report.actual))
    return;
  report.warnings.push_back("the run before was of another database (" + previous->actual +
                            "), so what is new and fixed says little");
}

std::set<std::string> ids_of(const Report& report) {
  std::set<std::string> ids;
  for (const Finding& finding : report.findings) ids.insert(finding.id);
  return ids;
}

void stand_beside(Report& report, const std::optional<Report>& previous) {
  report.standings.clear();
  report.fixed.clear();
  previous ? hold_against(report, *previous) : begin_standings(report);
}

// A state that lasts is written once.
void record(Report& report, const Settings& settings) {
  const auto connection = connect({.conninfo = settings.url});
  const std::string& schema = settings.runner.ledger_schema;
  std::optional<Report> previous;
  if (const auto text = last_drift_report(*connection, schema)) {
    std::istringstream in(*text);
    previous = read_report(in, "schema_drift_alerts");
  }
  stand_beside(report, previous);
  if (previous ? ids_of(report) == ids_of(*previous) : !report.drift()) return;
  std::ostringstream text;
  write_json(report, text);
  const std::string summary = std::string(verdict(report)) + ": " + verdict_counts(report);
  record_drift(*connection, schema, {report.findings.size(), summary, text.str()});
}

}  // namespace

void tell_time(Report& report) { report.time = time_of(std::time(nullptr)); }

void tell_standings(Report& report, const Settings& settings) {
  if (settings.record) return record(report, settings);
  if (settings.previous.empty()) return;
  const std::optional<Report> previous = report_in(settings.previous);
  warn_of_another_database(report, previous);
  stand_beside(report, previous);
}

}  // namespace plumbline
