#include "cli/runner_json.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/status.h"
#include "migrations/secrets.h"
#include "runner/prove.h"
#include "runner/repair.h"
#include "runner/restore.h"
#include "runner/validate.h"

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

void print(const Json& json, std::ostream& out) {
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void put(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

// What a migration waits for, into its entry.
void put(Json& json, const Waiting& waiting) {
  if (!waiting.wait_for.empty()) json["waits_for"] = waiting.wait_for;
  put(json, "waits_until", waiting.until);
  json["waits"] = waiting.why;
}

void put(Json& json, const MigrationDirectory& directory, const std::vector<Waiting>& waiting) {
  if (waiting.empty()) return;
  json["waiting"] = Json::array();
  for (const Waiting& each : waiting) {
    Json entry{{"version", each.version}, {"file", directory.migrations[each.place].file}};
    put(entry, each);
    json["waiting"].push_back(std::move(entry));
  }
}

Json number(const std::string& text) { return text.empty() ? Json() : Json::parse(text); }

}  // namespace

void write_json(const RunText& text, const std::vector<StepReport>& reports, std::ostream& out) {
  Json json{{"migrations", text.directory.path}};
  put(json, "environment", text.environment);
  put(json, "database", text.database);
  json["steps"] = Json::array();
  for (const StepReport& report : reports) {
    Json step{{"version", report.version},
              {"direction", report.direction},
              {"file", report.file},
              {"name", report.name},
              {"duration_ms", report.duration_ms},
              {"lock_wait_ms", report.lock_wait_ms},
              {"attempts", report.attempts}};
    put(step, "schema_version", report.schema_version);
    put(step, "rolled_back", report.rolled_back);
    json["steps"].push_back(std::move(step));
  }
  put(json, text.directory, text.waiting);
  print(json, out);
}

void write_json(const RunText& text, const MigrationPlan& plan, std::ostream& out) {
  const MigrationDirectory& directory = text.directory;
  Json json{{"migrations", directory.path}};
  put(json, "environment", text.environment);
  put(json, "database", text.database);
  json["plan"] = plan_hash(directory, plan);
  json["steps"] = Json::array();
  for (const Step& step : plan.steps) {
    const Migration& migration = directory.migrations[step.place];
    Json statements = Json::array();
    for (const SqlStatement& statement : statements_of(directory, step)) {
      statements.push_back({{"line", statement.line},
                            {"in_transaction", statement.in_transaction},
                            {"sql", without_secrets(statement.text)}});
    }
    json["steps"].push_back({{"version", step.version},
                             {"direction", step.down ? "down" : "up"},
                             {"file", step.down ? migration.down_file : migration.file},
                             {"name", migration.name},
                             {"transactional", migration.transactional},
                             {"first_statement", step.first + 1},
                             {"statements", std::move(statements)}});
  }
  put(json, directory, plan.waiting);
  print(json, out);
}

void write_json(const std::vector<HistoryRow>& rows, const ChainVerdict* verdict, std::ostream& out) {
  Json json{{"history", Json::array()}};
  for (const HistoryRow& row : rows) {
    Json entry{{"id", number(row.id)}, {"at", row.at}, {"action", row.action}};
    put(entry, "version", row.version);
    put(entry, "name", row.name);
    put(entry, "direction", row.direction);
    if (!row.statements.empty()) entry["statements"] = number(row.statements);
    if (!row.statements_done.empty()) entry["statements_done"] = number(row.statements_done);
    if (!row.duration_ms.empty()) entry["duration_ms"] = number(row.duration_ms);
    if (!row.lock_wait_ms.empty()) entry["lock_wait_ms"] = number(row.lock_wait_ms);
    put(entry, "performed_by", row.performed_by);
    put(entry, "client", row.client);
    put(entry, "plumbline_version", row.plumbline_version);
    put(entry, "reason", row.reason);
    put(entry, "details", row.details);
    json["history"].push_back(std::move(entry));
  }
  if (verdict) {
    json["verified"] = {{"rows", verdict->rows}, {"intact", !verdict->broken}};
    if (verdict->broken) json["verified"]["broken"] = *verdict->broken;
  }
  print(json, out);
}

void write_json(const Restored& restored, std::ostream& out) {
  Json json{{"file", restored.file}, {"database", restored.database}};
  put(json, "made", restored.made);
  put(json, "replaced", restored.replaced);
  json["applied_since"] = restored.lost;
  json["rolled_back_since"] = restored.applied_again;
  print(json, out);
}

void write_json(const StatusReport& status, std::ostream& out) {
  Json json{{"database", status.database},
            {"environment", status.environment},
            {"ledger", status.ledger},
            {"tool", status.tool},
            {"applied", status.count("applied")},
            {"pending", status.migrations.size() - status.count("applied") - status.count("unknown")},
            {"failed", status.count("failed") + status.count("running")},
            {"rolled_back", status.count("rolled_back")}};
  put(json, "schema_version", status.schema_version);
  put(json, "last_run", status.last_snapshot_at);
  if (status.drift_since_run) json["drift_since_last_run"] = *status.drift_since_run;
  json["unknown"] = status.unknown;
  json["invalid_indexes"] = status.invalid_indexes;
  if (status.lease) {
    json["lock"] = {{"holder", status.lease->holder},
                    {"role", status.lease->role},
                    {"since", status.lease->since},
                    {"doing", status.lease->doing},
                    {"alive", status.lease->alive}};
  }
  if (status.open_run)
    json["open_run"] = {{"started", status.open_run->started}, {"applied", status.its_applied}};
  json["migrations"] = Json::array();
  for (const MigrationState& each : status.migrations) {
    Json entry{{"version", each.version}, {"file", each.file}, {"name", each.name}, {"state", each.state}};
    put(entry, "type", each.type);
    put(entry, "phase", each.phase);
    put(entry, "applied_by", each.applied_by);
    put(entry, "applied_at", each.applied_at);
    put(entry, "error", each.error);
    if (each.waiting) put(entry, *each.waiting);
    if (each.done > 0) entry["statements_done"] = each.done;
    if (each.running > 0) entry["statement_running"] = each.running;
    if (each.state == "applied") entry["duration_ms"] = each.duration_ms;
    if (each.edited) entry["edited"] = true;
    json["migrations"].push_back(std::move(entry));
  }
  json["other_files"] = Json::array();
  for (const OtherFile& file : status.other_files) {
    Json entry{{"file", file.path}, {"role", to_string(file.role)}};
    put(entry, "why", file.why);
    json["other_files"].push_back(std::move(entry));
  }
  print(json, out);
}

void write_json(const MigrationDirectory& directory, const std::vector<DownProof>& proofs,
                std::ostream& out) {
  Json json{{"migrations", directory.path}, {"proofs", Json::array()}};
  for (const DownProof& proof : proofs) {
    Json entry{{"version", proof.version}, {"file", proof.file}, {"verdict", to_string(proof.verdict)}};
    put(entry, "message", proof.message);
    if (!proof.changes.empty()) entry["changes"] = proof.changes;
    json["proofs"].push_back(std::move(entry));
  }
  print(json, out);
}

void write_json(const std::vector<Problem>& problems, std::ostream& out) {
  Json json{{"problems", Json::array()}};
  for (const Problem& problem : problems) {
    Json entry{{"rule", problem.rule},
               {"level", problem.is_error ? "error" : "warning"},
               {"place", problem.place},
               {"message", problem.message}};
    put(entry, "hint", problem.hint);
    json["problems"].push_back(std::move(entry));
  }
  print(json, out);
}

void write_json(const std::vector<Repair>& repairs, std::ostream& out) {
  Json json{{"repaired", Json::array()}};
  for (const Repair& each : repairs)
    json["repaired"].push_back(
        {{"version", each.version}, {"was", each.was}, {"is", each.is}, {"note", each.note}});
  print(json, out);
}

void write_json(const std::string& what, const std::vector<std::string>& list, std::ostream& out) {
  print(Json{{what, list}}, out);
}

}  // namespace plumbline
