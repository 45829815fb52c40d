#include "runner/drift_alerts.h"

#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/ledger_schema.h"

namespace plumbline {

namespace {

constexpr int reports_kept = 5;
constexpr int reports_since = 2;  // the version of the ledger that has the column

std::string table_of(const std::string& schema) { return quote_qualified(schema, "schema_drift_alerts"); }

void check_ledger(Connection& connection, const std::string& schema) {
  const LedgerForm form = ledger_form(connection, schema);
  refuse_unknown_ledger(form, schema);
  if (form.version == 0) {
    throw Error("there is no ledger of plumbline in schema \"" + schema + "\" to record in",
                "Keep the report in a file instead and name it with --previous FILE.");
  }
  if (form.version < reports_since) {
    throw Error("the ledger in schema \"" + schema + "\" has version " + std::to_string(form.version) +
                    ", recording needs " + std::to_string(reports_since),
                "Run \"plumbline up\" once, though nothing is pending; it brings the ledger up to date.");
  }
}

}  // namespace

std::optional<std::string> last_drift_report(Connection& connection, const std::string& schema) {
  check_ledger(connection, schema);
  return connection.value("SELECT report FROM " + table_of(schema) +
                          " WHERE report IS NOT NULL ORDER BY id DESC LIMIT 1");
}

void record_drift(Connection& connection, const std::string& schema, const DriftAlert& alert) {
  const std::string table = table_of(schema);
  const std::string resolved = alert.findings == 0 ? "clock_timestamp()" : "NULL";
  connection.execute("BEGIN");
  if (alert.findings == 0) {
    connection.execute("UPDATE " + table + " SET resolved_at = clock_timestamp() WHERE resolved_at IS NULL");
  }
  connection.execute("INSERT INTO " + table +
                         " (findings, summary, report, resolved_at) VALUES ($1, $2, $3, " + resolved + ")",
                     {std::to_string(alert.findings), alert.summary, alert.report});
  connection.execute("UPDATE " + table + " SET report = '' WHERE report <> '' AND id <= (SELECT max(id) - " +
                     std::to_string(reports_kept) + " FROM " + table + "); COMMIT");
}

}  // namespace plumbline
