#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diff/finding.h"
#include "postgres/connection.h"
#include "runner/runner.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// The schema of the database without the ledger. To be called outside a transaction.
Snapshot read_schema(Connection& connection, SymbolTable& symbols);

// The schema as the last run left it, when the ledger has kept it. Inside a ReadTransaction.
std::optional<Snapshot> last_snapshot(Connection& connection, const std::string& ledger_schema,
                                      SymbolTable& symbols);

// How many things have changed since the last run left its snapshot; nothing: that is not known. Inside a
// ReadTransaction.
std::optional<std::size_t> drift_since_last_run(Connection& connection, const std::string& ledger_schema);

// Which part of a semantic version the changes raise: major, minor or patch.
std::string change_of_version(const std::vector<Finding>& changes);

// "table public.orders added, column public.users.name changed": what changes do, for people.
constexpr std::size_t changes_in_summary = 5;
std::string summary_of(const std::vector<Finding>& changes, std::size_t limit = changes_in_summary);

// Keeps schema_versions, schema_snapshots and schema_drift_alerts of a run.
class Record {
 public:
  Record(const RunnerOptions& options, RunnerListener listener);

  void before(Connection& connection);
  void after(Connection& connection, const Step& step, StepReport& report);
  void last(Connection& connection, const std::vector<StepReport>& reports);

 private:
  struct Changes {
    std::vector<Finding> made, undone;  // since the last look, and what led back
  };
  Changes take_changes(Connection& connection);
  std::string change_of_down(Connection& connection, const Changes& changes, const std::string& migration);
  std::string log_version(Connection& connection, const std::string& migration, bool down);
  void alert(Connection& connection);
  bool may_be_ours(Connection& connection) const;

  const RunnerOptions& options_;
  RunnerListener listener_;
  LedgerWriter ledger_;
  SymbolTable symbols_;
  std::optional<Snapshot> known_;
};

}  // namespace plumbline
