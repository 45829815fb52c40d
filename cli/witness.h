#pragma once

#include <functional>
#include <string>

#include "cli/settings.h"
#include "report/report.h"

namespace plumbline {

// How pg_dump reaches a side: asked for when it is needed, since a side that came from the cache has to be
// replayed for it.
using ConninfoOf = std::function<std::string()>;

// With --witness: throws UsageError for settings under which pg_dump could not be compared with.
void check_witness(const Settings& settings);

// With --witness, when the report says "no difference": asks pg_dump, and throws Error with the lines when it
// says something else. `hidden`: what rules took out of the report.
void call_witness(const Report& report, const std::vector<Finding>& hidden, const ConninfoOf& actual,
                  const ConninfoOf& expected, const Settings& settings);

}  // namespace plumbline
