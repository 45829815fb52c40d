#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/doctor.h"

namespace plumbline {

void write_json(const std::vector<Observation>& observations, std::ostream& out) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const Observation& each : observations) {
    nlohmann::ordered_json line{
        {"state", to_string(each.state)}, {"subject", each.subject}, {"text", each.text}};
    if (!each.hint.empty()) line["hint"] = each.hint;
    lines.push_back(std::move(line));
  }
  const nlohmann::ordered_json document{{"check_could_run", check_could_run(observations)},
                                        {"observations", std::move(lines)}};
  // File names need not be UTF-8.
  out << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace plumbline
