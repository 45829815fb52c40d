#include "expected/dump.h"

#include <set>

#include "expected/missing_role.h"
#include "expected/process.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

std::string first_lines(const std::string& text) {
  constexpr std::size_t limit = 4;
  std::vector<std::string> lines = split(trim(text), '\n');
  if (lines.size() > limit) lines.resize(limit);
  return join(lines, "; ");
}

// False when the server refuses it. A role that it names is made, and then it is tried again.
bool run_one(Shadow& shadow, Connection& connection, const std::string& sql, std::set<std::string>& made) {
  while (true) {
    try {
      connection.execute(sql);
      return true;
    } catch (const Error& error) {
      if (error.sqlstate() == "08006") throw;
      const std::string role = missing_role(error);
      if (role.empty() || !made.insert(role).second) return false;
      shadow.create_role(role);
    }
  }
}

}  // namespace

std::string dump_schema(const std::filesystem::path& pg_dump, const std::string& conninfo,
                        const std::vector<std::string>& flags) {
  const OutsideConninfo outside = for_other_program(conninfo);
  Invocation command{.words = {pg_dump, "--schema-only", "--encoding=UTF8", "--lock-wait-timeout=5s"},
                     .sees_our_environment = true,
                     .variables = outside.variables,
                     .errors_apart = true};
  command.words.insert(command.words.end(), flags.begin(), flags.end());
  if (!outside.conninfo.empty()) command.words.insert(command.words.end(), {"--dbname", outside.conninfo});
  Outcome outcome = run(command);
  if (outcome.exit_code == 0) return std::move(outcome.output);
  throw Error("pg_dump failed: " + first_lines(outcome.errors),
              "pg_dump needs a role that may read every table.");
}

std::vector<std::string> restore_schema(Shadow& shadow, std::string_view database, const std::string& dump) {
  const std::unique_ptr<Connection> connection = shadow.connect(database);
  connection->execute("SET check_function_bodies = off");
  std::vector<std::string> refused;
  std::set<std::string> made;
  for (const SqlStatement& statement : split_sql(dump, "what pg_dump wrote")) {
    if (statement.type != SqlStatement::Type::sql) continue;
    if (!run_one(shadow, *connection, statement.text, made)) refused.push_back(statement.text);
  }
  return refused;
}

}  // namespace plumbline
