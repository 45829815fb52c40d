#pragma once

#include <optional>
#include <string>

#include "postgres/connection.h"

namespace plumbline {

// What the ledger tells of some days. Times in seconds; nothing: there was no case of it.
struct Digest {
  int days = 0;
  std::string schema_version;
  long long applied = 0, failed = 0, rolled_back = 0;
  std::optional<double> success_rate;           // applied among applied and failed, 0 to 1
  std::optional<double> time_to_deploy;         // from the moment in a migration's version to its application
  std::optional<double> mean_duration;          // of applying one
  long long incidents = 0, open_incidents = 0;  // of drift
  std::optional<double> time_to_repair;
};

// Reads only. Throws Error where there is no ledger.
Digest read_digest(Connection& connection, const std::string& schema, int days);

}  // namespace plumbline
