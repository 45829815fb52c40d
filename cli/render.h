#pragma once

#include "cli/output.h"
#include "report/report.h"

namespace plumbline {

// The report to where the settings say, in the format of each place.
void write_report(const Report& report, const Settings& settings);

// 2 when there is drift of the level, and of the news, that the settings ask for, else 0.
int exit_code_of(const Report& report, const Settings& settings);

}  // namespace plumbline
