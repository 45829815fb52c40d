#include "catchup/permission.h"

#include <algorithm>

#include "postgres/text.h"

namespace plumbline {

namespace {

bool has(const Statement& statement, Hazard hazard) {
  return std::ranges::find(statement.hazards, hazard) != statement.hazards.end();
}

void set(Statement& statement, Hazard hazard, bool wanted) {
  std::erase(statement.hazards, hazard);
  if (wanted) statement.hazards.push_back(hazard);
}

constexpr Hazard lock_hazards[] = {Hazard::blocks_reads_and_writes, Hazard::blocks_writes_and_its_like,
                                   Hazard::blocks_writes};

void correct(PlannedStatement& statement) {
  set(statement, Hazard::fails_on_rows, !statement.conditions.empty());
  const Effect& effect = statement.effect;
  if (!effect.known) return;
  const auto locks = [&](std::string_view mode) {
    return std::ranges::any_of(effect.locks, [&](const Effect::Lock& lock) { return lock.mode == mode; });
  };
  const bool all = locks("ACCESS EXCLUSIVE") || locks("EXCLUSIVE"), more = locks("SHARE ROW EXCLUSIVE");
  set(statement, Hazard::blocks_reads_and_writes, all);
  set(statement, Hazard::blocks_writes_and_its_like, !all && more);
  set(statement, Hazard::blocks_writes, !all && !more && locks("SHARE"));
  set(statement, Hazard::rewrites_table, !effect.rewritten.empty());
  if (!effect.scanned.empty()) set(statement, Hazard::scans_table, true);
}

class Weighing {
 public:
  Weighing(LiveRows& rows, const MayAsk& may_ask) : rows_(rows), may_ask_(may_ask) {}

  void weigh(PlannedStatement& statement) {
    if (statement.about.kind == nullptr) return;
    weigh_conditions(statement);
    const std::string table = table_of(statement.about);
    if (has(statement, Hazard::deletes_data) && rows_.is_empty(table)) {
      set(statement, Hazard::deletes_data, false);
      statement.empty_table = table;
      statement.has_foreign_parts = rows_.is_foreign(table);
      const auto stored = rows_.stored(table);
      empty_.insert(stored->begin(), stored->end());
    }
    const Effect& effect = statement.effect;
    const bool fits = !has(statement, Hazard::fails_on_rows);
    if (has(statement, Hazard::rewrites_table) && fits && all_small(effect.rewritten, table))
      set(statement, Hazard::rewrites_table, false);
    for (const Hazard work : {Hazard::scans_table, Hazard::index_build}) {
      if (has(statement, work) && all_small(effect.scanned, table)) set(statement, work, false);
    }
  }

  std::set<std::string> empty_tables() { return std::move(empty_); }

 private:
  void weigh_conditions(PlannedStatement& statement) {
    statement.rows = PlannedStatement::Rows::fit;
    for (const RowCondition& condition : statement.conditions) {
      const LiveRows::Fit fit = rows_.fit(condition, may_ask_(statement.about, condition));
      if (fit == LiveRows::Fit::no) statement.rows = PlannedStatement::Rows::in_the_way;
      if (fit == LiveRows::Fit::unknown && statement.rows == PlannedStatement::Rows::fit)
        statement.rows = PlannedStatement::Rows::unknown;
    }
    set(statement, Hazard::fails_on_rows, statement.rows != PlannedStatement::Rows::fit);
  }

  bool all_small(const std::vector<std::string>& tables, const std::string& table) {
    if (tables.empty()) return rows_.is_small(table);
    return std::ranges::all_of(tables, [&](const std::string& each) { return rows_.is_small(each); });
  }

  LiveRows& rows_;
  const MayAsk& may_ask_;
  std::set<std::string> empty_;
};

}  // namespace

std::vector<Hazard> grave_hazards(const Statement& statement) {
  std::vector<Hazard> result;
  for (const Hazard hazard : {Hazard::deletes_data, Hazard::fails_on_rows, Hazard::rewrites_table}) {
    if (has(statement, hazard)) result.push_back(hazard);
  }
  const bool is_long = has(statement, Hazard::scans_table) || has(statement, Hazard::index_build);
  for (const Hazard lock : lock_hazards) {
    if (is_long && has(statement, lock)) result.push_back(lock);
  }
  return result;
}

std::vector<Hazard> missing_permission(const Statement& statement, const std::set<Hazard>& allowed) {
  std::vector<Hazard> missing = grave_hazards(statement);
  std::erase_if(missing, [&](Hazard hazard) { return allowed.contains(hazard); });
  return missing;
}

void correct_hazards(CatchUpPlan& plan) { std::ranges::for_each(plan.statements, correct); }

std::set<std::string> weigh_rows(CatchUpPlan& plan, LiveRows& rows, const MayAsk& may_ask) {
  Weighing weighing(rows, may_ask);
  for (PlannedStatement& statement : plan.statements) weighing.weigh(statement);
  return weighing.empty_tables();
}

std::string table_of(const ObjectId& id) {
  return id.parent.empty() ? qualified(id) : quote_qualified(id.schema.view(), id.parent.view());
}

}  // namespace plumbline
