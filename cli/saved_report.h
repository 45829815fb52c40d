#pragma once

#include <string>

#include "report/report.h"

namespace plumbline {

// A report that --format json wrote. Throws Error for anything else.
Report read_saved_report(const std::string& file);

}  // namespace plumbline
