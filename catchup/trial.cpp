#include "catchup/trial.h"

#include <algorithm>

#include "catchup/permission.h"
#include "catchup/rows.h"
#include "expected/shadow.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

// Violated constraints and values that cannot be converted: rows are at fault, not the plan.
bool is_about_rows(const std::string& sqlstate) {
  return sqlstate.starts_with("23") || sqlstate.starts_with("22");
}

std::string first_of(const std::string& sql) {
  constexpr std::size_t longest = 200;
  const std::string line = sql.substr(0, sql.find('\n'));
  return line.size() < sql.size() || line.size() > longest ? line.substr(0, longest) + "..." : line;
}

void append(std::vector<ObjectId>& all, const std::vector<ObjectId>& more) {
  for (const ObjectId& id : more) {
    if (std::ranges::find(all, id) == all.end()) all.push_back(id);
  }
}

bool are_of_one_table(const ObjectId& one, const ObjectId& other) {
  return one.schema == other.schema && table_of(one) == table_of(other);
}

// Whose repair left an object as it should not be: that of the statements about it, else of those about its
// table.
std::vector<ObjectId> blamed_for(const ObjectId& id, const CatchUpPlan& plan) {
  std::vector<ObjectId> blamed, near;
  for (const PlannedStatement& statement : plan.statements) {
    if (statement.about.kind == nullptr) continue;
    if (statement.about == id) append(blamed, statement.reasons);
    if (are_of_one_table(statement.about, id)) append(near, statement.reasons);
  }
  return blamed.empty() ? near : blamed;
}

}  // namespace

void Trial::copy(const std::string& from, const std::string& database) {
  if (cluster_ && from == "source" && !databases_.empty()) {
    server_.restart();
    databases_.clear();
    prepare();
  }
  if (!databases_.insert(database).second) server_.drop(database);
  server_.copy(from, database);
}

// After a run that failed; the database is gone by then.
void Trial::restore(const std::string& from, const std::string& database) {
  databases_.erase(database);
  copy(from, database);
}

void Trial::empty_tables(const std::set<std::string>& tables) {
  for (const std::string& table : tables) empty_table("ONLY " + table);
  before_ = read_rows(server_.connection("source"));
}

ProofServer::Built Trial::prepare() {
  ProofServer::Built built = server_.build("source", source_);
  if (!built.problems.empty()) {
    server_.drop("source");
    return built;
  }
  server_.copy("source", "bare");
  Connection& connection = server_.connection("source");
  for (const std::string& table : put_rows(connection)) without_rows_.insert(table);
  before_ = read_rows(connection);
  return {};
}

TrialResult Trial::failed(const ProofServer::Run& run, const CatchUpPlan& plan) const {
  TrialResult result{run.problem, {}, is_about_rows(run.sqlstate)};
  if (run.statement >= plan.statements.size()) return result;
  const PlannedStatement& statement = plan.statements[run.statement];
  result.blamed = statement.reasons;
  result.problem += ", by: " + first_of(statement.sql);
  return result;
}

bool Trial::empty_table(const std::string& table) {
  Connection& connection = server_.connection("source");
  try {
    // Without triggers and foreign keys.
    connection.execute("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM " + table +
                       "; COMMIT");
    return true;
  } catch (const Error& error) {
    if (error.sqlstate() == "08006") throw;
    connection.execute("ROLLBACK");
    return false;
  }
}

// What the rows of the database are, the plan's conditions ask; ours only show that they matter.
bool Trial::take_rows_out(const ProofServer::Run& run, CatchUpPlan& plan) {
  if (!is_about_rows(run.sqlstate) || run.statement >= plan.statements.size()) return false;
  const PlannedStatement& statement = plan.statements[run.statement];
  if (statement.about.kind == nullptr || without_rows_.contains(std::string(every_table))) return false;
  unforeseen_.insert(statement.sql);
  const std::string table = table_of(statement.about);
  const bool again = without_rows_.contains(table);
  if (!again && empty_table(table)) {
    without_rows_.insert(table);
  } else {
    without_rows_.insert(std::string(every_table));
    server_.drop("source");
    server_.copy("bare", "source");
  }
  before_ = read_rows(server_.connection("source"));
  return true;
}

TrialResult Trial::measure(CatchUpPlan& plan, const Snapshot& target) {
  for (;;) {
    for (PlannedStatement& statement : plan.statements) {
      if (statement.conditions.empty() && unforeseen_.contains(statement.sql))
        statement.conditions.push_back({table_of(statement.about), {}});
    }
    copy("source", "all");
    const ProofServer::Run run = server_.run(
        "all", write_section(plan), [&] { restore("source", "all"); }, &plan);
    if (run.problem.empty()) return arrived("all", plan, target, before_);
    if (!take_rows_out(run, plan)) return failed(run, plan);
  }
}

// "functions in index predicate must be marked IMMUTABLE" (CheckPredicate in indexcmds.c, all versions).
bool Trial::is_immutable(const RowCondition& condition) {
  Connection& connection = server_.connection("all");
  bool result = true;
  try {
    connection.execute("BEGIN; CREATE INDEX plumbline_probe ON " + condition.table + " ((1)) WHERE (" +
                       condition.expression + ")");
  } catch (const Error& error) {
    if (error.sqlstate() == "08006") throw;
    result = false;
  }
  connection.execute("ROLLBACK");
  return result;
}

TrialResult Trial::held_against(const std::string& database, const CatchUpPlan& plan,
                                const Snapshot& target) {
  std::vector<Difference> left = server_.reachable_differences(database, target);
  const IdSet refused = plan.refused();  // of a way back; the way there leaves its units out instead
  std::erase_if(left, [&](const Difference& difference) { return refused.contains(difference.id); });
  if (left.empty()) return {};
  TrialResult result{"afterwards " + join(tell(left, target, "there is"), "; "), {}, false};
  for (const Difference& difference : left) append(result.blamed, blamed_for(difference.id, plan));
  return result;
}

TrialResult Trial::arrived(const std::string& database, const CatchUpPlan& plan, const Snapshot& target,
                           const Contents& before) {
  TrialResult result = held_against(database, plan, target);
  if (!result.problem.empty()) return result;
  const Contents after = read_rows(server_.connection(database));
  const std::vector<std::string> lost = lost_rows(under_new_names(before), after, losses_of(plan));
  if (lost.empty()) return {};
  return {"afterwards " + join(lost, "; "), {}, true};
}

Contents Trial::under_new_names(const Contents& contents) const {
  if (!name_now_) return contents;
  Contents result;
  for (const auto& [table, content] : contents) {
    TableContent& now = result[name_now_(table)];
    now.rows = content.rows;
    for (const auto& [column, sum] : content.columns) {
      const std::string name = name_now_(std::string(table).append(".").append(column.first));
      now.columns[{name.substr(name.rfind('.') + 1), column.second}] = sum;
    }
  }
  return result;
}

TrialResult Trial::run_printed(const std::string& text, const CatchUpPlan& plan, const Snapshot& target,
                               bool twice) {
  const auto by_psql = [&](const std::string& database) { return server_.run_by_psql(database, text); };
  if (!find_psql().empty()) {
    TrialResult result = run_text("printed", by_psql, plan, target, twice);
    if (!result.problem.empty()) return {"psql: " + result.problem, result.blamed};
  }
  // In one transaction, as far as the text does not say otherwise, unless its head says "Transaction: none".
  Section section{text, {}, write_section(plan).transactional};
  section.statements.resize(split_sql(text, "the script").size(), Section::control);
  const auto by_runner = [&](const std::string& database) { return server_.run(database, section); };
  return run_text("run", by_runner, plan, target, twice);
}

TrialResult Trial::run_text(const std::string& database,
                            const std::function<ProofServer::Run(const std::string&)>& run,
                            const CatchUpPlan& plan, const Snapshot& target, bool twice) {
  copy("source", database);
  const ProofServer::Run first = run(database);
  if (!first.problem.empty()) return failed(first, plan);
  TrialResult result = arrived(database, plan, target, before_);
  if (!result.problem.empty() || !twice) return result;
  // Refused or not: nothing may change.
  run(database);
  result = arrived(database, plan, target, before_);
  if (!result.problem.empty()) result.problem = "run once more, " + result.problem;
  return result;
}

TrialResult Trial::measure_back(CatchUpPlan& back, const CatchUpPlan& plan, const Snapshot& source) {
  copy("all", "back");
  const ProofServer::Run run = server_.run(
      "back", write_section(back), [&] { restore("all", "back"); }, &back);
  if (is_about_rows(run.sqlstate)) {
    // What up has dropped, down cannot fill again.
    notes_.push_back("the way back was tried without rows, because it cannot make those up: " + run.problem);
    server_.drop("source");
    server_.copy("bare", "source");
    without_rows_.insert(std::string(every_table));
    before_ = read_rows(server_.connection("source"));
    copy("source", "all");
    const ProofServer::Run up = server_.run("all", write_section(plan));
    if (!up.problem.empty()) return failed(up, plan);
    copy("all", "back");
    const ProofServer::Run bare = server_.run("back", write_section(back), {}, &back);
    if (!bare.problem.empty()) return failed(bare, back);
  } else if (!run.problem.empty()) {
    return failed(run, back);
  }
  return came_back("back", back, plan, source);
}

// What a change of type has made of a value, the way back does not undo (a rounded number).
TrialResult Trial::came_back(const std::string& database, const CatchUpPlan& back, const CatchUpPlan& plan,
                             const Snapshot& source) {
  TrialResult result = held_against(database, back, source);
  if (!result.problem.empty()) return result;
  Losses losses = losses_of(plan), more = losses_of(back);
  losses.tables.merge(more.tables);
  losses.columns.merge(more.columns);
  const Contents now = read_rows(server_.connection(database));
  const std::vector<std::string> changed = lost_rows(before_, now, losses);
  for (const PlannedStatement& statement : plan.statements) {
    if (!statement.effect.rewritten.empty() && statement.about.kind != nullptr)
      losses.columns.emplace(table_of(statement.about), quote_identifier(statement.about.name.view()));
  }
  const std::vector<std::string> lost = lost_rows(before_, now, losses);
  for (const std::string& each : changed) {
    const std::string note = "after the way back " + each + ": the change of their type is not undone";
    const bool told = std::ranges::find(notes_, note) != notes_.end();
    if (!told && std::ranges::find(lost, each) == lost.end()) notes_.push_back(note);
  }
  return lost.empty() ? TrialResult{} : TrialResult{"afterwards " + join(lost, "; ")};
}

TrialResult Trial::run_back(const std::string& text, const CatchUpPlan& back, const CatchUpPlan& plan,
                            const Snapshot& source) {
  if (!find_psql().empty()) {
    copy("all", "back");
    const ProofServer::Run run = server_.run_by_psql("back", text);
    if (!run.problem.empty()) return {"psql: " + run.problem};
    TrialResult result = came_back("back", back, plan, source);
    if (!result.problem.empty()) return result;
  }
  copy("all", "back");
  Section section{text, {}, false};
  section.statements.resize(split_sql(text, "the script").size(), Section::control);
  const ProofServer::Run run = server_.run("back", section, [&] { restore("all", "back"); });
  return run.problem.empty() ? came_back("back", back, plan, source) : failed(run, back);
}

}  // namespace plumbline
