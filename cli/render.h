#pragma once

#include <iosfwd>

#include "cli/output.h"
#include "report/report.h"

namespace plumbline {

// The report in the format of the output.
void write_report(const Report& report, const Output& output, std::ostream& out);

// 2 when there is drift of the level that settings.fail_on asks for, else 0.
int exit_code_of(const Report& report, const Settings& settings);

}  // namespace plumbline
