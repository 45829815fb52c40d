#pragma once

#include "cli/settings.h"
#include "report/report.h"

namespace plumbline {

// Puts the present moment into the report.
void tell_time(Report& report);

// Says of each finding whether it is new, beside the report of settings.previous or beside what the ledger of
// live has, where this run is recorded when anything changed.
void tell_standings(Report& report, const Settings& settings);

}  // namespace plumbline
