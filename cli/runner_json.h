#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "migrations/ledger.h"
#include "runner/runner.h"

namespace plumbline {

struct DownProof;
struct Problem;
struct Repair;
struct StatusReport;

void write_json(const MigrationDirectory& directory, const std::vector<StepReport>& reports,
                std::ostream& out);
void write_json(const MigrationDirectory& directory, const MigrationPlan& plan, std::ostream& out);
void write_json(const std::vector<HistoryRow>& rows, const ChainVerdict* verdict, std::ostream& out);
void write_json(const StatusReport& status, std::ostream& out);

void write_json(const MigrationDirectory& directory, const std::vector<DownProof>& proofs, std::ostream& out);
void write_json(const std::vector<Problem>& problems, std::ostream& out);
void write_json(const std::vector<Repair>& repairs, std::ostream& out);
void write_json(const std::string& what, const std::vector<std::string>& list, std::ostream& out);

}  // namespace plumbline
