#include "catchup/plan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "catchup/member_changes.h"
#include "catchup/needs.h"
#include "catchup/part.h"
#include "catchup/steps.h"
#include "catchup/work.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

// What is no hazard for a table that nobody uses yet.
bool disturbs_users(Hazard hazard) {
  switch (hazard) {
    case Hazard::rewrites_table:
    case Hazard::blocks_reads_and_writes:
    case Hazard::blocks_writes:
    case Hazard::blocks_writes_and_its_like:
    case Hazard::scans_table:
    case Hazard::index_build:
      return true;
    default:
      return false;
  }
}

// What is no hazard for a table without rows.
bool takes_long(Hazard hazard) {
  return hazard == Hazard::rewrites_table || hazard == Hazard::scans_table || hazard == Hazard::index_build;
}

class Planner : public Scene {
 public:
  Planner(const Snapshot& actual_side, const Snapshot& expected_side, std::span<const Difference> differences,
          const PlanOptions& options)
      : Scene(actual_side, expected_side),
        options_(options),
        work_(actual_side, expected_side, differences, *this),
        steps_(work_, options.online),
        done_(steps_.nodes().size()),
        claimed_(work_.tasks().size()) {
    for (const Difference& difference : differences) own_.insert(difference.id);
  }

  CatchUpPlan run() {
    for (const std::size_t node : steps_.sorted()) {
      write(node);
      done_[node] = true;
    }
    std::ranges::move(put_off_, std::back_inserter(plan_.statements));
    for (const Task& task : work_.tasks()) {
      note_what_is_touched(task);
      for (const std::string& why : task.refusals) plan_.refusals.push_back({why, task.id, {task.id}});
    }
    if (options_.part) {
      plan_.part = part_of(work_);
      plan_.needs = needs_between(work_, own_);
    }
    return std::move(plan_);
  }

  std::vector<Object> parts(const ObjectId& whole, const Kind& kind) const override {
    std::vector<Object> result;
    const auto task = work_.find(whole);
    if (!task) return result;
    for (const Tie& tie : work_.expected_users(*task)) {
      const Task& part = work_.tasks()[tie.other];
      if (tie.hold == Hold::internal && part.id.kind == &kind && part.expected)
        result.push_back(*part.expected);
    }
    return result;
  }

  bool is_ready(const ObjectId& part) const override {
    const auto task = work_.find(part);
    if (!task || !work_.tasks()[*task].make) return false;
    const auto above = work_.parent(*task, true);
    const std::size_t whole = top(above ? *above : *task);
    return std::ranges::all_of(steps_.before(steps_.find(*task, TaskStep::make)), [&](std::size_t node) {
      return done_[node] || top(steps_.nodes()[node].task) == whole;
    });
  }

  void claim(const ObjectId& part) override { claimed_[*work_.find(part)] = true; }

  bool is_made(const ObjectId& id) const override {
    const auto task = work_.find(id);
    return task && work_.tasks()[*task].make;
  }

  bool is_released(const ObjectId& id) const override {
    const auto task = work_.find(id);
    return task && work_.is_freed(*task);
  }

  bool is_dropped(const ObjectId& id) const override {
    const auto task = work_.find(id);
    return task && work_.tasks()[*task].drop;
  }

  bool is_replaced(const ObjectId& id) const override {
    const auto task = work_.find(id);
    return task && work_.tasks()[*task].replaced;
  }

  bool online() const override { return options_.online; }

  bool throw_away() const override { return options_.throw_away; }

  std::string_view using_expression(const ObjectId& column) const override {
    const auto found = options_.using_expressions.find(qualified(column));
    return found == options_.using_expressions.end() ? std::string_view() : found->second;
  }

  std::string_view creator() const override { return options_.creator; }

 private:
  // The table that a column, and its default, is of.
  std::size_t top(std::size_t task) const {
    const Kind& kind = *work_.tasks()[task].id.kind;
    const auto above = kind.part_of_parent ? work_.parent(task, true) : std::nullopt;
    return above ? top(*above) : task;
  }

  void write(std::size_t place) {
    const TaskNode& node = steps_.nodes()[place];
    script_ = {};
    write_step(node);
    const ObjectId& about = work_.tasks()[node.task].id;
    const std::vector<ObjectId> reasons = reasons_of(node);
    const bool unused = is_new(node.task) && node.step != TaskStep::drop;
    for (Statement statement : script_.statements()) {
      if (unused) std::erase_if(statement.hazards, disturbs_users);
      if (unused || is_without_rows(node.task)) statement.conditions.clear();
      if (is_without_rows(node.task)) std::erase_if(statement.hazards, takes_long);
      plan_.statements.push_back({std::move(statement), about, reasons});
    }
    put_off_what_may_wait();
    for (const std::string& why : script_.refusals()) plan_.refusals.push_back({why, about, reasons});
  }

  // What looks at rows by itself at the end of a step may fail on them: after the transaction in which things
  // are dropped and made again, not in the middle of it.
  void put_off_what_may_wait() {
    if (script_.empty() || script_.statements().back().transaction != Transaction::own) return;
    put_off_.push_back(std::move(plan_.statements.back()));
    plan_.statements.pop_back();
  }

  // Whose differences a step is there for: the object's own, or those of what takes it along.
  std::vector<ObjectId> reasons_of(const TaskNode& node) const {
    const Task& task = work_.tasks()[node.task];
    const bool taken_along =
        !task.causes.empty() && node.step != TaskStep::change && node.step != TaskStep::finish;
    if (own_.contains(task.id) && !taken_along) return {task.id};
    std::vector<ObjectId> reasons;
    std::vector<std::size_t> open = task.causes;
    std::set<std::size_t> seen(open.begin(), open.end());
    while (!open.empty()) {
      const Task& cause = work_.tasks()[open.back()];
      open.pop_back();
      if (own_.contains(cause.id)) {
        reasons.push_back(cause.id);
        continue;
      }
      std::ranges::copy_if(cause.causes, std::back_inserter(open),
                           [&](std::size_t each) { return seen.insert(each).second; });
    }
    if (reasons.empty() && own_.contains(task.id)) reasons.push_back(task.id);
    return reasons;
  }

  void write_step(const TaskNode& node) {
    const Task& task = work_.tasks()[node.task];
    const Kind& kind = *task.id.kind;
    switch (node.step) {
      case TaskStep::release:
        return kind.release(*task.actual, *this, script_);
      case TaskStep::drop:
        return write_drop(node.task);
      case TaskStep::announce:
        return kind.announce(*task.expected, script_);
      case TaskStep::make:
        return write_make(node.task);
      case TaskStep::change:
        return write_change(task);
      case TaskStep::finish:
        return write_finish(task);
      case TaskStep::remove:
        for (const Statement& statement : removals_[node.task].statements()) script_.add(statement);
    }
  }

  // Whether it belongs to something that the script makes: nobody waits for that.
  bool is_new(std::size_t task) const {
    const auto above = work_.parent(task, true);
    return above && (work_.tasks()[*above].make || is_new(*above));
  }

  // A table that the script makes.
  bool is_without_rows(std::size_t task) const {
    return work_.tasks()[task].id.parent.empty() && !work_.tasks()[task].actual;
  }

  void note_what_is_touched(const Task& task) {
    if (task.drop || task.make || task.alter || task.release || task.finish) plan_.touched.push_back(task.id);
    if (task.drop) plan_.dropped.push_back(task.id);
  }

  void write_drop(std::size_t place) {
    const Task& task = work_.tasks()[place];
    if (task.replaced) return;  // with its CREATE
    if (task.aside) {
      task.id.kind->set_aside(*task.actual, script_, removals_[place]);
    } else if (work_.dropped_with(place) == place) {
      if (!task.id.kind->drop)
        return script_.cannot("nothing drops " + describe(task.id) + "; do it by hand");
      task.id.kind->drop(*task.actual, *this, script_);
    }
  }

  void write_make(std::size_t place) {
    const Task& task = work_.tasks()[place];
    if (work_.made_with(place) == place && !claimed_[place]) {
      if (!task.id.kind->create)
        return script_.cannot("nothing creates " + describe(task.id) + "; do it by hand");
      task.id.kind->create(*task.expected, *this, script_);
    }
    alter({std::nullopt, *task.expected, *this}, unlike_new(task, false), script_);
  }

  // The attributes that are not what a bare CREATE makes them.
  std::vector<std::size_t> unlike_new(const Task& task, bool late) const {
    std::vector<std::size_t> result;
    const auto attributes = task.id.kind->attributes;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes[i].late != late || !attributes[i].initial) continue;
      const std::string_view starts =
          *attributes[i].initial == its_creator ? creator() : *attributes[i].initial;
      const std::string_view value = task.expected->values()[i].view();
      if (!is_unknown(value) && value != starts) result.push_back(i);
    }
    return result;
  }

  void write_change(const Task& task) {
    const Change change_of{task.actual, *task.expected, *this};
    for (const std::size_t successor : task.follows) {
      task.id.kind->follow(change_of, work_.tasks()[successor].id, script_);
    }
    alter(change_of, changed(task, false), script_);
  }

  std::vector<std::size_t> changed(const Task& task, bool late) const {
    std::vector<std::size_t> result;
    for (const std::size_t i : task.changed) {
      if (task.id.kind->attributes[i].late == late) result.push_back(i);
    }
    return result;
  }

  // What was left of it at its release is not there any more; what has come in is told from before.
  static std::vector<std::size_t> changed_by_letting_go(const Task& task) {
    std::vector<std::size_t> result;
    for (const std::size_t i : task.changed) {
      if (task.id.kind->attributes[i].lets_go) result.push_back(i);
    }
    return result;
  }

  void write_finish(const Task& task) {
    const bool anew = task.make || task.release || !task.alter;
    alter({anew ? std::nullopt : task.actual, *task.expected, *this},
          anew ? unlike_new(task, true) : changed(task, true), script_);
    if (task.alter && task.release)
      alter({task.actual, *task.expected, *this}, changed_by_letting_go(task), script_);
  }

  const PlanOptions& options_;
  Work work_;
  Steps steps_;
  IdSet own_;  // what has a difference of its own
  std::vector<bool> done_, claimed_;
  std::map<std::size_t, Script> removals_;  // by task, what is left of what was set aside
  Script script_;                           // of the step that is being written
  std::vector<PlannedStatement> put_off_;   // that come last
  CatchUpPlan plan_;
};

}  // namespace

void put_last(CatchUpPlan& plan, const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) plan.statements.push_back({statement});
}

void put_first(CatchUpPlan& plan, const std::vector<Statement>& statements) {
  std::vector<PlannedStatement> first;
  first.reserve(statements.size());
  for (const Statement& statement : statements) first.push_back({statement});
  plan.statements.insert(plan.statements.begin(), first.begin(), first.end());
}

IdSet CatchUpPlan::refused() const {
  IdSet result;
  for (const Refusal& refusal : refusals) result.insert(refusal.about);
  return result;
}

CatchUpPlan plan(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
                 const PlanOptions& options) {
  CatchUpPlan plan = Planner(actual, expected, differences, options).run();
  MemberChanges members = member_changes(actual, expected, differences, options);
  auto& statements = plan.statements;
  statements.insert(statements.begin(), std::make_move_iterator(members.leaving.begin()),
                    std::make_move_iterator(members.leaving.end()));
  std::ranges::move(members.rest, std::back_inserter(statements));
  std::ranges::move(members.refusals, std::back_inserter(plan.refusals));
  return plan;
}

}  // namespace plumbline
