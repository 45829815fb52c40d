#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "migrations/ledger.h"
#include "runner/runner.h"

namespace plumbline {

struct StatusReport;

void write_json(const MigrationDirectory& directory, const std::vector<StepReport>& reports,
                std::ostream& out);
void write_json(const MigrationDirectory& directory, const Plan& plan, std::ostream& out);
void write_json(const std::vector<HistoryRow>& rows, const ChainVerdict* verdict, std::ostream& out);
void write_json(const StatusReport& status, std::ostream& out);

}  // namespace plumbline
