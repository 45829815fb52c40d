#include "cli/digest_json.h"

#include <ostream>

#include <nlohmann/json.hpp>

namespace plumbline {

namespace {

using Json = nlohmann::ordered_json;

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

void write_json(const Digest& digest, std::ostream& out) {
  const Json json = {{"format", "plumbline-digest"},
                     {"version", 1},
                     {"days", digest.days},
                     {"schema_version", digest.schema_version},
                     {"applied", digest.applied},
                     {"failed", digest.failed},
                     {"rolled_back", digest.rolled_back},
                     {"success_rate", optional_number(digest.success_rate)},
                     {"rollback_rate", optional_number(digest.rollback_rate)},
                     {"seconds_to_deploy", optional_number(digest.time_to_deploy)},
                     {"seconds_to_apply", optional_number(digest.mean_duration)},
                     {"seconds_to_recover", optional_number(digest.time_to_recover)},
                     {"drift_incidents", digest.incidents},
                     {"open_drift_incidents", digest.open_incidents},
                     {"seconds_to_repair", optional_number(digest.time_to_repair)},
                     {"migration_coverage", optional_number(digest.coverage)}};
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace plumbline
