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
struct Restored;
struct StatusReport;

// Of which directory and database a plan or a run is told.
struct RunText {
  const MigrationDirectory& directory;
  std::string environment, database;  // "production", "db.internal:5432/shop"
  std::vector<Waiting> waiting = {};  // what the run left out
};

void write_json(const RunText& text, const std::vector<StepReport>& reports, std::ostream& out);
void write_json(const RunText& text, const MigrationPlan& plan, std::ostream& out);
void write_json(const std::vector<HistoryRow>& rows, const ChainVerdict* verdict, std::ostream& out);
void write_json(const Restored& restored, std::ostream& out);
void write_json(const StatusReport& status, std::ostream& out);

void write_json(const MigrationDirectory& directory, const std::vector<DownProof>& proofs, std::ostream& out);
void write_json(const std::vector<Problem>& problems, std::ostream& out);
void write_json(const std::vector<Repair>& repairs, std::ostream& out);
void write_json(const std::string& what, const std::vector<std::string>& list, std::ostream& out);

}  // namespace plumbline
