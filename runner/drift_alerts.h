#pragma once

#include <optional>
#include <string>

#include "postgres/connection.h"

namespace plumbline {

// One state of drift that "plumbline check --record" found.
struct DriftAlert {
  std::size_t findings = 0;
  std::string summary;
  std::string report;  // JSON
};

// The report of the state recorded last; nothing: none was. Throws Error when the schema has no ledger of
// today's form.
std::optional<std::string> last_drift_report(Connection& connection, const std::string& schema);

// Adds a state. One without findings ends all earlier ones; the reports of older states are let go.
void record_drift(Connection& connection, const std::string& schema, const DriftAlert& alert);

}  // namespace plumbline
