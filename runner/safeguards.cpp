#include "runner/safeguards.h"

#include <ctime>
#include <filesystem>
#include <system_error>

#include "expected/process.h"
#include "expected/shadow.h"
#include "migrations/secrets.h"
#include "postgres/error.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

Outcome shell(const std::string& command, const std::string& conninfo, const Connection& connection) {
  return run_beside({"/bin/sh", "-c", command}, for_other_program(conninfo), connection.database());
}

// Two runs of one second have a backup each.
fs::path unused_file(const fs::path& directory, const std::string& name) {
  std::error_code failed;
  fs::path file = directory / (name + ".dump");
  for (int number = 2; fs::exists(file, failed); ++number)
    file = directory / (name + "_" + std::to_string(number) + ".dump");
  return file;
}

std::string dump(Connection& connection, const std::string& conninfo, const fs::path& directory) {
  std::error_code failed;
  // All rows are in it. A folder that is there keeps its permissions; the file is for its owner alone.
  if (fs::create_directories(directory, failed)) fs::permissions(directory, fs::perms::owner_all, failed);
  const fs::path file = unused_file(directory, connection.database() + "_" + moment_now());
  const OutsideConninfo outside = for_other_program(conninfo);
  std::vector<std::string> words{choose_pg_dump(connection.version()).string(), "--format=custom",
                                 "--no-password", "--file=" + file.string()};
  if (!outside.conninfo.empty()) words.insert(words.end(), {"--dbname", outside.conninfo});
  const Outcome outcome = run_beside(std::move(words), outside, connection.database());
  if (outcome.exit_code == 0) return file.string();
  fs::remove(file, failed);
  throw Error("the backup failed, nothing was migrated: " + last_line(outcome.output),
              "Correct that, or go on without one by --no-backup.");
}

std::string in_quotes(const std::string& sql) { return '"' + sql + '"'; }

// What a health check says: true in the first column of each row, or something else.
std::string answer_of(Connection& connection, const std::string& sql) {
  std::string answer = "no row";
  bool all_true = true;
  connection.query(sql, [&](const Row& row) {
    const std::string_view said = row[0];
    const bool good = said == "t" || said == "true";
    if (all_true) answer = row.size() == 0 ? "a row without columns" : row.is_null(0) ? "NULL" : said;
    all_true = all_true && good;
  });
  return answer;
}

// Whatever a check is, a BEGIN or a SET included: nothing of it is left in the session.
void clear_session(Connection& connection) {
  const interrupt::Shield shield;
  if (connection.in_transaction()) connection.execute("ROLLBACK");
  connection.execute(session_reset());
}

std::string problem_of(Connection& connection, const std::string& sql) {
  std::string problem;
  try {
    const std::string answer = answer_of(connection, sql);
    if (answer != "t" && answer != "true") problem = in_quotes(without_secrets(sql)) + " said " + answer;
  } catch (const Error& error) {
    if (error.sqlstate() == "08006" || interrupt::signal() != 0) throw;
    problem = in_quotes(without_secrets(sql)) + " failed: " + without_secrets(error, sql).message();
  }
  clear_session(connection);
  return problem;
}

}  // namespace

std::string moment_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[17];
  std::strftime(text, sizeof text, "%Y%m%d_%H%M%S", &parts);
  return text;
}

Outcome run_beside(std::vector<std::string> words, const OutsideConninfo& outside,
                   const std::string& database) {
  Invocation command;
  command.words = std::move(words);
  command.directory = fs::current_path();
  command.sees_our_environment = true;
  command.variables = outside.variables;
  command.variables.push_back("PLUMBLINE_CONNINFO=" + outside.conninfo);
  command.variables.push_back("PLUMBLINE_DATABASE=" + database);
  return run(command);
}

std::string last_line(const std::string& output) {
  const std::vector<std::string> lines = split(trim(output), '\n');
  return lines.empty() ? "" : std::string(trim(lines.back()));
}

std::string make_backup(Connection& connection, const std::string& conninfo, const RunnerOptions& options) {
  if (!options.backup_command.empty()) {
    const Outcome outcome = shell(options.backup_command, conninfo, connection);
    if (outcome.exit_code == 0) return "the backup command";
    throw Error("the backup command failed with exit code " + std::to_string(outcome.exit_code) +
                    ", nothing was migrated: " + last_line(outcome.output),
                "Correct runner.backup_command, or go on without one by --no-backup.");
  }
  return options.backup_directory.empty() ? std::string()
                                          : dump(connection, conninfo, options.backup_directory);
}

std::string health_problem(Connection& connection, const std::string& conninfo,
                           const RunnerOptions& options) {
  for (const std::string& sql : options.health_checks) {
    std::string problem = problem_of(connection, sql);
    if (!problem.empty()) return problem;
  }
  if (options.health_command.empty()) return {};
  const Outcome outcome = shell(options.health_command, conninfo, connection);
  if (outcome.exit_code == 0) return {};
  return "the health command failed with exit code " + std::to_string(outcome.exit_code) + ": " +
         last_line(outcome.output);
}

void require_approval(Connection& connection, const LedgerWriter& ledger, const std::string& hash) {
  std::string by;
  bool approved = false;
  connection.query("SELECT performed_by, performed_by <> session_user FROM " +
                       ledger.table("migration_history") + " WHERE action = 'approved' AND details = $1",
                   {hash}, [&](const Row& row) {
                     by = row[0];
                     approved = approved || row[1] == "t";
                   });
  if (approved) return;
  throw Error(by.empty() ? "nobody has approved the plan " + hash
                         : "the plan " + hash + " was approved by \"" + by + "\" alone, who applies it",
              "Another role runs \"plumbline approve\" with the same files and flags.");
}

}  // namespace plumbline
