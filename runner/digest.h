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
  // Of applied and failed: those applied that nothing has rolled back since, and no failed health check has
  // called into question; 0 to 1.
  std::optional<double> success_rate;
  std::optional<double> rollback_rate;  // rolled back per applied
  // From the moment in a migration's version to its application, where that moment is not older than the
  // ledger's first row, and the migration was not rolled back.
  std::optional<double> time_to_deploy;
  // From the first failure or rollback of a migration to its next success.
  std::optional<double> time_to_recover;
  std::optional<double> mean_duration;          // of applying one
  long long incidents = 0, open_incidents = 0;  // of drift
  std::optional<double> time_to_repair;
  std::optional<double> coverage;  // applied and rolled back among these and the incidents, 0 to 1
};

// Reads only. Throws Error where there is no ledger.
Digest read_digest(Connection& connection, const std::string& schema, int days);

}  // namespace plumbline
