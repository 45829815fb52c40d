#include "catchup/catch_up.h"

#include <algorithm>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "catchup/losses.h"
#include "catchup/patched.h"
#include "catchup/permission.h"
#include "catchup/proof_server.h"
#include "catchup/rows.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

constexpr std::size_t most_names = 5;

std::string some_of(const std::vector<std::string>& names) {
  std::vector<std::string> first(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most_names)));
  std::string text = join(first, ", ");
  if (names.size() > most_names) text += " and " + std::to_string(names.size() - most_names) + " more";
  return text;
}

// Violated constraints and values that cannot be converted: our rows are at fault, not the plan.
bool is_about_rows(const std::string& sqlstate) {
  return sqlstate.starts_with("23") || sqlstate.starts_with("22");
}

class CatchingUp {
 public:
  CatchingUp(const Goal& goal, const CatchUpOptions& options)
      : goal_(goal),
        options_(options),
        planning_{.creator = options.creator, .online = options.online, .part = true},
        target_(patched(goal.actual, goal.expected, goal.differences)) {}

  CatchUp run() {
    renamings_ = find_renamings(goal_.actual, target_, options_.renames);
    if (!options_.unproven || !renamings_.empty()) server_.emplace(goal_.symbols, options_.shadow);
    if (renamings_.empty()) {
      make_plans(goal_.actual, goal_.differences);
    } else if (!plan_behind_renaming()) {
      return std::move(result_);
    }
    if (options_.unproven) {
      result_.held_back = hold_back(result_.up, options_.allowed);
    } else if (result_.up.statements.empty()) {
      // What was refused says so itself.
      result_.down = {};
      if (result_.up.refused.empty())
        add_problems(differing(goal_.actual, target_, "no statement repairs that there is"), "");
    } else {
      prove();
    }
    return std::move(result_);
  }

 private:
  void make_plans(const Snapshot& actual, const std::vector<Difference>& differences) {
    // Neither knows of the other; on a large schema each takes a second.
    std::future<CatchUpPlan> down = std::async(
        std::launch::async, [&] { return plan(target_, actual, turned_round(differences), planning_); });
    result_.up = plan(actual, target_, differences, planning_);
    result_.down = down.get();
  }

  // The server knows what else changes when a thing gets another name: what is left to do is read from it.
  bool plan_behind_renaming() {
    if (!add_problems(server_->build("source", goal_.actual), "the schema as it is: ")) return false;
    server_->copy("source", "renamed");
    CatchUpPlan first;
    put_last(first, renaming_statements(renamings_));
    const ProofServer::Run run = server_->run("renamed", write_section(first, {}));
    if (!run.problem.empty()) return fail("renaming fails: " + run.problem), false;
    renamed_source_ = server_->read("renamed", true);
    make_plans(*renamed_source_, server_->differences("renamed", *renamed_source_, target_));
    server_->drop("renamed");
    put_first(result_.up, renaming_statements(renamings_));
    put_last(result_.down, renaming_back(renamings_));
    return true;
  }

  // On what the plan is about; behind a renaming all was built for it, and is there.
  void prove() {
    const bool in_part = renamings_.empty();
    IdSet part = result_.up.part;
    for (std::size_t place = 0; place < server_->empty().size(); ++place)
      part.insert(server_->empty().id(place));
    const Snapshot source =
        in_part ? restricted(goal_.actual, part) : patched(goal_.actual, goal_.actual, {});
    const Snapshot target = in_part ? restricted(target_, part) : patched(target_, target_, {});
    result_.rebuilt = source.size();
    if (in_part && !add_problems(server_->build("source", source), "the schema as it is: ")) return;
    put_rows();
    if (!measure(target)) return;
    correct_hazards(result_.up);
    result_.held_back = hold_back(result_.up, options_.allowed);
    if (!try_up(target)) return;
    if (result_.held_back || !result_.up.refused.empty()) plan_way_back(source);
    try_down(source);
  }

  // It starts where what is printed leads.
  void plan_way_back(const Snapshot& source) {
    const Snapshot reached = server_->read("up", true);
    const Snapshot& back = renamed_source_ ? *renamed_source_ : source;
    result_.down = plan(reached, back, server_->differences("up", reached, back), planning_);
    put_last(result_.down, renaming_back(renamings_));
  }

  void fail(std::string problem) { result_.problems.push_back(std::move(problem)); }

  bool add_problems(const std::vector<std::string>& problems, const std::string& where) {
    for (const std::string& problem : problems) fail(where + problem);
    return problems.empty();
  }

  void put_rows() {
    server_->copy("source", "bare");
    Connection& connection = server_->connection("source");
    const std::vector<std::string> without = plumbline::put_rows(connection);
    if (!without.empty()) result_.notes.push_back("tried on no rows: table " + some_of(without));
    before_ = read_rows(connection);
  }

  // All of it, statement by statement; on rows, and when these are in the way, without.
  bool measure(const Snapshot& target) {
    const Section section = write_section(result_.up, {options_.section.lock_timeout, false});
    ProofServer::Run run = run_on_copy("all", section, &result_.up);
    if (is_about_rows(run.sqlstate)) {
      result_.notes.push_back("tried without rows, because those made for it do not fit: " + run.problem);
      server_->drop("all");
      server_->drop("source");
      server_->copy("bare", "source");
      before_.clear();
      run = run_on_copy("all", section, &result_.up);
    }
    if (!run.problem.empty()) fail("up fails: " + run.problem);
    return run.problem.empty() && arrived("all", target);
  }

  ProofServer::Run run_on_copy(const std::string& database, const Section& section, CatchUpPlan* measured) {
    const auto copy = [&] { server_->copy("source", database); };
    copy();
    return server_->run(database, section, copy, measured);
  }

  bool arrived(const std::string& database, const Snapshot& target) {
    const Contents after = read_rows(server_->connection(database));
    note_converted(after);
    return add_problems(server_->differing(database, target, "there is", result_.up.refused), "after up ") &&
           add_problems(lost_rows(under_new_names(before_), after, losses_of(result_.up)), "after up ");
  }

  Contents under_new_names(const Contents& contents) const {
    if (renamings_.empty()) return contents;
    const auto name_now = [&](const std::string& name) {
      const auto found =
          std::ranges::find(renamings_, name, [](const Renaming& one) { return qualified(one.from); });
      return found == renamings_.end() ? name : qualified(found->to);
    };
    Contents result;
    for (const auto& [table, content] : contents) {
      TableContent& now = result[name_now(table)];
      now.rows = content.rows;
      for (const auto& [column, sum] : content.columns) {
        const std::string name = name_now(std::string(table).append(".").append(column.first));
        now.columns[{name.substr(name.rfind('.') + 1), column.second}] = sum;
      }
    }
    return result;
  }

  // As it is printed.
  bool try_up(const Snapshot& target) {
    const ProofServer::Run run = run_on_copy("up", write_section(result_.up, options_.section), nullptr);
    if (run.problem.empty()) return result_.held_back || arrived("up", target);
    fail((result_.held_back ? "without what is held back, up fails: " : "up fails: ") + run.problem);
    return false;
  }

  void try_down(const Snapshot& source) {
    ProofServer::Run run = run_down();
    if (is_about_rows(run.sqlstate)) {
      // What up has dropped, down cannot fill again.
      result_.notes.push_back("down was tried without rows, because it cannot make those up: " + run.problem);
      before_.clear();
      server_->drop("up");
      server_->copy("bare", "up");
      const ProofServer::Run again = server_->run("up", write_section(result_.up, options_.section));
      if (!again.problem.empty()) return fail("up fails without rows: " + again.problem);
      run = run_down();
    }
    if (!run.problem.empty()) return fail("down fails: " + run.problem);
    correct_hazards(result_.down);
    add_problems(server_->differing("up", source, "there is", result_.down.refused), "after down ");
    Losses losses = losses_of(result_.up);
    Losses more = losses_of(result_.down);
    losses.tables.merge(more.tables);
    losses.columns.merge(more.columns);
    check_rows_after_down(losses);
  }

  // What a change of type has made of a value, the way back does not undo (a rounded number).
  void check_rows_after_down(Losses& losses) {
    const Contents now = read_rows(server_->connection("up"));
    const std::vector<std::string> changed = lost_rows(before_, now, losses);
    losses.columns.insert(converted_.begin(), converted_.end());
    const std::vector<std::string> lost = lost_rows(before_, now, losses);
    for (const std::string& each : changed) {
      if (std::ranges::find(lost, each) == lost.end())
        result_.notes.push_back("after down " + each + ": the change of their type is not undone");
    }
    add_problems(lost, "after down ");
  }

  void note_converted(const Contents& after) {
    for (const auto& [table, content] : under_new_names(before_)) {
      const auto now = after.find(table);
      if (now == after.end()) continue;
      for (const auto& [column, sum] : content.columns) {
        if (!now->second.columns.contains(column)) converted_.emplace(table, column.first);
      }
    }
  }

  ProofServer::Run run_down() {
    const auto copy = [&] { server_->copy("up", "down"); };
    copy();
    const Section section = write_section(result_.down, {options_.section.lock_timeout, false});
    ProofServer::Run run = server_->run("down", section, copy, &result_.down);
    server_->drop("down");
    return run.problem.empty() ? server_->run("up", write_section(result_.down, options_.section)) : run;
  }

  const Goal& goal_;
  const CatchUpOptions& options_;
  const PlanOptions planning_;
  const Snapshot target_;
  std::optional<ProofServer> server_;
  std::vector<Renaming> renamings_;
  std::optional<Snapshot> renamed_source_;  // what the renaming makes of the schema
  std::set<std::pair<std::string, std::string>>
      converted_;  // columns that up gives another type, with their table
  Contents before_;
  CatchUp result_;
};

}  // namespace

CatchUp catch_up(const Goal& goal, const CatchUpOptions& options) { return CatchingUp(goal, options).run(); }

}  // namespace plumbline
