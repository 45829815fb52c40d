#include <ostream>

#include <nlohmann/json.hpp>

#include "report/report.h"
#include "report/wording.h"

namespace plumbline {

namespace {

std::string_view gitlab_severity(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "blocker";
    case Severity::high:
      return "critical";
    case Severity::medium:
      return "major";
    case Severity::low:
      return "minor";
    case Severity::info:
      return "info";
  }
  return "info";
}

}  // namespace

void write_gitlab(const Report& report, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json issues = Json::array();
  for (const Finding* finding : by_severity(report)) {
    const Origin place = place_in_repository(*finding, report);
    issues.push_back({{"description", summary_of(*finding)},
                      {"check_name", finding->kind + "." + std::string(to_string(finding->verb))},
                      {"fingerprint", finding->id},
                      {"severity", gitlab_severity(finding->severity)},
                      {"location", {{"path", place.file}, {"lines", {{"begin", std::max(1, place.line)}}}}}});
  }
  out << issues.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace plumbline
