#pragma once

#include <functional>
#include <string>

#include "cli/settings.h"
#include "report/report.h"

namespace plumbline {

// How a witness reaches a side: asked for when it is needed, since a side that came from the cache has to be
// replayed for it.
using ConninfoOf = std::function<std::string()>;

// With --witness: throws UsageError for settings under which a witness could not be compared with.
void check_witness(const Settings& settings);

// With --witness, when the report says "no difference": asks pg_dump, information_schema or both, and throws
// Error with the lines when they say something else. What information_schema could not be asked becomes a
// warning of the report. `hidden`: what rules took out of the report.
void call_witness(Report& report, const std::vector<Finding>& hidden, const ConninfoOf& actual,
                  const ConninfoOf& expected, const Settings& settings);

}  // namespace plumbline
