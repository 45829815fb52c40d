#include "runner/open_run.h"

namespace plumbline {

std::optional<OpenRun> open_run(Connection& connection, const LedgerWriter& ledger) {
  std::optional<OpenRun> open;
  const std::string history = ledger.table("migration_history");
  if (connection.value("SELECT pg_catalog.to_regclass($1) IS NULL", {history}) == "t") return open;
  connection.query(
      "SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"'), action FROM " + history +
          " WHERE action IN ('run_started', 'run_finished', 'run_rolled_back') ORDER BY id DESC LIMIT 1",
      [&](const Row& row) {
        if (row[2] == "run_started") open = OpenRun{std::string(row[0]), std::string(row[1])};
      });
  return open;
}

OpenRun begin_run(Connection& connection, const LedgerWriter& ledger, const std::string& versions) {
  connection.execute(ledger.event({.action = "run_started", .details = versions}));
  const std::optional<OpenRun> run = open_run(connection, ledger);
  return run.value_or(OpenRun{});
}

std::vector<std::string> applied_in(Connection& connection, const LedgerWriter& ledger, const OpenRun& run) {
  std::vector<std::string> versions;
  connection.query("SELECT DISTINCT version FROM " + ledger.table("migration_history") +
                       " WHERE action = 'applied' AND details = $1",
                   {run.mark()}, [&](const Row& row) { versions.emplace_back(row[0]); });
  return versions;
}

}  // namespace plumbline
