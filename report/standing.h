#pragma once

#include "report/report.h"

namespace plumbline {

// Says of each finding whether the run before had it, and which of that run are gone. Both reports have their
// time.
void hold_against(Report& report, const Report& previous);

// The first run of all: everything is new.
void begin_standings(Report& report);

// Whether somebody has to be told: new, or back for the first time. What comes and goes all the time is no
// news.
bool is_news(const Report& report, const Finding& finding);

bool fails(const Report& report, const Finding& finding, const Failing& failing);

}  // namespace plumbline
