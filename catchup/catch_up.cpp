#include "catchup/catch_up.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "catchup/guard.h"
#include "catchup/open_renames.h"
#include "catchup/own_code.h"
#include "catchup/part.h"
#include "catchup/patched.h"
#include "catchup/permission.h"
#include "catchup/proof_server.h"
#include "catchup/selection.h"
#include "catchup/trial.h"
#include "diff/fold.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

class CatchingUp {
 public:
  CatchingUp(const Goal& goal, const CatchUpOptions& options)
      : goal_(goal),
        options_(options),
        planning_{.creator = options.creator,
                  .online = options.online,
                  .using_expressions = options.using_expressions},
        // That a table is empty counts where the script can look once more.
        rows_(options.ask_live, options.live_is_source && runs_do_blocks(goal.actual)) {}

  CatchUp run() {
    target_ = patched(goal_.actual, goal_.expected, goal_.differences);
    actual_ = &goal_.actual;
    differences_ = goal_.differences;
    renamings_ = find_renamings(goal_.actual, target_, options_.renames);
    if (!options_.unproven || !renamings_.empty())
      server_.emplace(goal_.symbols, options_.shadow, options_.cluster);
    rows_.set_names([this](const std::string& name) { return name_before(renamings_, name); });
    if (!renamings_.empty() && !rename_first()) return std::move(result_);
    plan_everything();
    choose();
    stop_at_renames();
    if (server_ && !prepare_trial()) return std::move(result_);
    const CatchUp start = result_;
    do {
      result_ = start;
      narrow_down();
      finish();
    } while (leave_what_failed());
    return std::move(result_);
  }

 private:
  // The server knows what else changes when a thing gets another name: what is left to do is read from it.
  bool rename_first() {
    if (!add_problems(server_->build("named", goal_.actual).problems, "the schema as it is: ")) return false;
    CatchUpPlan first;
    put_last(first, renaming_statements(renamings_));
    const ProofServer::Run run = server_->run("named", write_section(first));
    if (!run.problem.empty()) {
      result_.problems.push_back("renaming fails: " + run.problem);
      return false;
    }
    renamed_ = server_->read("named", true);
    differences_ = server_->differences("named", *renamed_, target_);
    actual_ = &*renamed_;
    server_->drop("named");
    return true;
  }

  // What all differences touch; from here on only that is looked at.
  void plan_everything() {
    const std::vector<Fold> folds = fold(*actual_, target_, differences_);
    try {
      PlanOptions in_part = planning_;
      in_part.part = true;
      const CatchUpPlan all = plan(*actual_, target_, differences_, in_part);
      std::vector<Need> needs = all.needs;
      for (const OpenRename& pair : open_renames()) {
        needs.push_back({pair.missing, pair.unexpected});
        needs.push_back({pair.unexpected, pair.missing});
      }
      selection_ = Selection(RepairUnits(folds, needs));
      part_ = all.part;
      leave_what_nothing_touches();
    } catch (const Error&) {  // a cycle: one after the other shows whose it is
      selection_ = Selection(RepairUnits(folds, {}));
      for (const Snapshot* side : {actual_, &std::as_const(target_)}) {
        for (std::size_t place = 0; place < side->size(); ++place) part_.insert(side->id(place));
      }
    }
  }

  // What is not built is not looked at afterwards, either.
  void leave_what_nothing_touches() {
    for (std::size_t unit = 0; unit < selection_.units().all().size(); ++unit) {
      for (const Difference& difference : selection_.units().all()[unit].differences) {
        if (!part_.contains(difference.id))
          selection_.leave(unit, {{}, "no statement of ours repairs " + describe(difference.id)});
      }
      leave_order(unit);
    }
  }

  // No ALTER moves a column; what else differs of the table is repaired.
  void leave_order(std::size_t unit) {
    const auto is_order = [](const Difference& difference) {
      const auto attributes = difference.id.kind->attributes;
      return difference.verb == Verb::changed &&
             std::ranges::any_of(difference.attributes,
                                 [&](std::size_t i) { return attributes[i].form == Form::order; });
    };
    const RepairUnit& all = selection_.units().all()[unit];
    for (const Difference& difference : all.differences) {
      if (!is_order(difference)) continue;
      LeftUnit left{
          {difference.id}, "no statement changes the order of columns, only a new table does", false};
      if (all.differences.size() == 1 && difference.attributes.size() == 1)
        return selection_.leave(unit, std::move(left));
      orders_.push_back(std::move(left));
    }
  }

  void choose() {
    for (const auto& [finding, why] : options_.refused) selection_.leave_all({finding}, {{}, why});
    selection_.confine(options_.only, options_.except);
  }

  std::vector<OpenRename> open_renames() {
    return plumbline::open_renames(*actual_, target_, differences_,
                                   {options_.previous.get(), options_.no_renames}, rows_);
  }

  // What may have been renamed by hand is not dropped and made anew on a guess.
  void stop_at_renames() {
    for (OpenRename& one : open_renames()) {
      if (selection_.leave_all({one.missing, one.unexpected}, {{}, one.why + "; say " + one.flags}))
        result_.open_renames.push_back(std::move(one));
    }
  }

  // What cannot be made on the copy takes the units that have to do with it away, and is left out.
  bool prepare_trial() {
    IdSet part = part_;
    for (std::size_t place = 0; place < server_->empty().size(); ++place)
      part.insert(server_->empty().id(place));
    for (;;) {
      const ProofServer::Built built = build_source(part);
      if (built.problems.empty()) return true;
      const IdSet gone = with_users(*actual_, IdSet(built.objects.begin(), built.objects.end()));
      const bool less = std::erase_if(part, [&](const ObjectId& id) { return gone.contains(id); }) > 0;
      if (!renamings_.empty() || !less) return add_problems(built.problems, "the schema as it is: ");
      const std::string why = "it cannot be tried: " + built.problems.front();
      selection_.leave_all({gone.begin(), gone.end()}, {{}, why});
    }
  }

  ProofServer::Built build_source(const IdSet& part) {
    // Behind a renaming all was built for it.
    const bool whole = !renamings_.empty();
    source_ = whole ? patched(goal_.actual, goal_.actual, {}) : restricted(*actual_, part);
    start_ = whole ? patched(*renamed_, *renamed_, {}) : restricted(*actual_, part);
    full_target_ = whole ? patched(target_, target_, {}) : restricted(target_, part);
    result_.rebuilt = source_.size();
    trial_.emplace(*server_, source_, options_.cluster);
    if (whole)
      trial_->set_new_names([this](const std::string& name) { return name_behind(renamings_, name); });
    return trial_->prepare();
  }

  void write_guards() {
    const Snapshot& before = trial_ ? source_ : goal_.actual;
    const Snapshot rebuilt = trial_ ? trial_->rebuilt() : patched(before, before, {});
    CatchUpPlan touched;
    touched.touched = result_.up.touched;
    touched.dropped = result_.up.dropped;
    for (const Renaming& one : renamings_) touched.touched.push_back(one.from);
    result_.up_guard = guard_of({before, rebuilt, reached_, touched, result_.empty_tables});
    if (result_.down.statements.empty()) return;
    const Snapshot there = trial_ ? trial_->reached() : patched(reached_, reached_, {});
    result_.down_guard = guard_of({there, there, before, result_.down, {}});
  }

  const Snapshot& start() const { return trial_ ? start_ : *actual_; }
  const Snapshot& full_target() const { return trial_ ? full_target_ : target_; }

  // Leaves units until the plan for the others does what it should and has no hazard that nobody allowed.
  void narrow_down() {
    while (selection_.keeps_any() || !renamings_.empty()) {
      std::string problem;
      const Step step = try_kept(problem);
      if (step == Step::done) return;
      if (step == Step::lost) return one_by_one(problem);
    }
    result_.up = {};
    reached_ = patched(start(), start(), {});
  }

  enum class Step { done, less, lost };

  // One round. `lost`: something is wrong, and nobody knows with what.
  Step try_kept(std::string& problem) {
    const std::vector<Difference> differences = selection_.differences_of(selection_.kept());
    reached_ = patched(start(), full_target(), differences);
    try {
      result_.up = plan(start(), reached_, differences, planning_);
    } catch (const Error& error) {
      problem = error.message();
      return Step::lost;
    }
    if (leave_refused()) return Step::less;
    put_first(result_.up, renaming_statements(renamings_));
    if (trial_) {
      const TrialResult tried = trial_->measure(result_.up, reached_);
      if (!tried.problem.empty()) return leave_failed(tried, problem);
    }
    correct_hazards(result_.up);
    result_.empty_tables = weigh_rows(
        result_.up, rows_,
        [&](const ObjectId& about, const RowCondition& condition) { return may_ask(about, condition); });
    remember(result_.up);
    return leave_hazardous() ? Step::less : Step::done;
  }

  bool leave_refused() {
    bool any = false;
    for (const Refusal& refusal : result_.up.refusals) {
      std::vector<ObjectId> reasons = refusal.reasons;
      reasons.push_back(refusal.about);
      any |= selection_.leave_all(reasons, {{}, refusal.why});
    }
    return any;
  }

  Step leave_failed(const TrialResult& tried, std::string& problem) {
    LeftUnit left{{}, tried.problem};
    if (selection_.leave_all(tried.blamed, left)) return Step::less;
    problem = tried.problem;
    return Step::lost;
  }

  bool leave_hazardous() {
    std::map<std::size_t, LeftUnit> held;
    for (const PlannedStatement& statement : result_.up.statements) {
      const std::vector<Hazard> missing = missing_permission(statement, options_.allowed);
      if (missing.empty()) continue;
      for (const ObjectId& reason : statement.reasons) {
        const auto unit = selection_.units().find(reason);
        if (!unit || !selection_.keeps(*unit)) continue;
        LeftUnit& left = held[*unit];
        for (const Hazard hazard : missing) {
          if (std::ranges::find(left.hazards, hazard) == left.hazards.end()) left.hazards.push_back(hazard);
        }
        if (left.why.empty() || statement.rows == PlannedStatement::Rows::in_the_way)
          left.why = why_held(statement, missing);
      }
    }
    for (auto& [unit, left] : held) selection_.leave(unit, std::move(left));
    return !held.empty();
  }

  static std::string why_held(const PlannedStatement& statement, const std::vector<Hazard>& missing) {
    if (std::ranges::find(missing, Hazard::fails_on_rows) == missing.end())
      return "held back for its hazards";
    return statement.rows == PlannedStatement::Rows::in_the_way
               ? "rows of " + table_of(statement.about) + " violate it"
               : "the rows of " + table_of(statement.about) + " could not be checked";
  }

  // Where blame cannot be told: what each unit does together with those that are known to be good.
  void one_by_one(const std::string& problem) {
    const std::vector<bool> wanted = selection_.kept();
    std::vector<bool> good(wanted.size(), false);
    for (std::size_t unit = 0; unit < wanted.size(); ++unit) {
      if (wanted[unit] && !good[unit] && !selection_.left().contains(unit)) try_one_more(unit, good, problem);
    }
    selection_.keep(good);
    selection_.settle(problem);
    std::string again;
    if (selection_.keeps_any() && try_kept(again) != Step::done)
      result_.problems.push_back(again.empty() ? problem : again);
  }

  void try_one_more(std::size_t unit, std::vector<bool>& good, const std::string& problem) {
    std::vector<bool> tried(good.size(), false);
    tried[unit] = true;
    tried = selection_.units().with_needs(std::move(tried));
    for (std::size_t other = 0; other < tried.size(); ++other) tried[other] = tried[other] || good[other];
    selection_.keep(tried);
    std::string why;
    Step step = Step::less;
    while (selection_.keeps(unit) && step == Step::less) step = try_kept(why);
    if (step == Step::done && selection_.keeps(unit)) good = selection_.kept();
    if (step == Step::lost) selection_.leave(unit, {{}, why.empty() ? problem : why});
  }

  // Whether live computes nothing of others for it. A snapshot from a file does not say what its objects
  // need; of the server's own functions only the immutable ones do nothing but compute.
  bool may_ask(const ObjectId& about, const RowCondition& condition) {
    if (condition.computes == RowCondition::Computes::nothing) return true;
    if (goal_.expected.dependencies().empty()) return false;
    if (!own_code_) own_code_.emplace(full_target());
    if (!own_code_->is_own(about)) return false;
    return condition.computes == RowCondition::Computes::types || (trial_ && trial_->is_immutable(condition));
  }

  // What was seen of statements that are held back later.
  void remember(const CatchUpPlan& plan) {
    for (const PlannedStatement& statement : plan.statements)
      seen_.insert_or_assign(statement.sql, statement);
  }

  void finish() {
    result_.repaired = selection_.repaired();
    write_rest();
    for (const auto& [unit, left] : selection_.left()) result_.left.push_back(left);
    std::ranges::copy(orders_, std::back_inserter(result_.left));
    result_.renamed = renamings_;
    if (trial_) result_.without_rows = trial_->without_rows();
    if (!result_.problems.empty()) return;
    if (result_.up.statements.empty()) {
      result_.rebuilt = 0;
      if (options_.up) result_.up_script = options_.up(result_);
      return;
    }
    start_as_live();
    if (options_.way_back && result_.problems.empty()) plan_way_back();
    write_guards();
    prove_scripts();
    if (trial_) std::ranges::copy(trial_->notes(), std::back_inserter(result_.notes));
  }

  // What would repair the held back ones after the script, as far as that can be planned.
  void write_rest() {
    std::vector<bool> held(selection_.kept().size(), false);
    for (const auto& [unit, left] : selection_.left()) {
      held[unit] = !left.hazards.empty();
      selection_.left(unit).rest.clear();
    }
    const std::vector<Difference> differences = selection_.differences_of(held);
    if (differences.empty()) return;
    CatchUpPlan rest;
    try {
      rest = plan(reached_, patched(reached_, full_target(), differences), differences, planning_);
    } catch (const Error&) {
      return;
    }
    for (PlannedStatement& statement : rest.statements) {
      if (const auto seen = seen_.find(statement.sql); seen != seen_.end()) statement = seen->second;
      for (const ObjectId& reason : statement.reasons) {
        const auto unit = selection_.units().find(reason);
        if (!unit || !held[*unit]) continue;
        selection_.left(*unit).rest.push_back(statement);
        break;
      }
    }
  }

  // A table that has no rows on live has none on the copy.
  void start_as_live() {
    const std::set<std::string>& tables = result_.empty_tables;
    if (!trial_ || tables.empty()) return;
    trial_->empty_tables(tables);
    if (!options_.way_back) return;
    const TrialResult again = trial_->measure(result_.up, reached_);
    if (!again.problem.empty()) result_.problems.push_back(again.problem);
  }

  void plan_way_back() {
    const Snapshot from = trial_ ? trial_->reached() : patched(reached_, reached_, {});
    const std::vector<Difference> differences =
        trial_ ? server_->differences("all", from, start()) : compare(from, start());
    result_.down = plan(from, start(), differences, planning_);
    put_last(result_.down, renaming_back(renamings_));
    if (!trial_) return;
    const TrialResult tried = trial_->measure_back(result_.down, result_.up, source_);
    correct_hazards(result_.down);
    if (tried.problem.empty()) return;
    result_.notes.push_back("there is no way back: " + tried.problem);
    result_.down = {};
  }

  void prove_scripts() {
    if (options_.up) result_.up_script = options_.up(result_);
    if (options_.down) result_.down_script = options_.down(result_);
    if (!trial_) return;
    if (options_.up) {
      const TrialResult tried =
          trial_->run_printed(result_.up_script, result_.up, reached_, options_.repeatable);
      if (!tried.problem.empty()) {
        failed_ = tried;
        result_.problems.push_back(tried.problem);
        result_.up_script = options_.up(result_);  // which does not say "proven" any more
      }
    }
    if (!options_.down || result_.down.statements.empty() || !result_.problems.empty()) return;
    const TrialResult tried = trial_->run_back(result_.down_script, result_.down, result_.up, source_);
    if (!tried.problem.empty()) result_.problems.push_back("the way back: " + tried.problem);
  }

  // The units whose statements did something else in the printed script than by themselves; the others go on
  // without them. Whether there are any.
  bool leave_what_failed() {
    TrialResult failed = std::exchange(failed_, {});
    if (failed.problem.empty() || options_.unproven) return false;
    const std::vector<RepairedUnit> kept = selection_.repaired();
    if (failed.blamed.empty() && kept.size() == 1) failed.blamed = kept.front().findings;
    return selection_.leave_all(failed.blamed, {{}, failed.problem});
  }

  bool add_problems(const std::vector<std::string>& problems, const std::string& where) {
    for (const std::string& problem : problems) result_.problems.push_back(where + problem);
    return problems.empty();
  }

  const Goal& goal_;
  const CatchUpOptions& options_;
  const PlanOptions planning_;
  LiveRows rows_;
  Snapshot target_;
  const Snapshot* actual_ = nullptr;  // behind the renaming
  std::vector<Difference> differences_;
  std::optional<ProofServer> server_;
  std::vector<Renaming> renamings_;
  std::optional<Snapshot> renamed_;  // what the renaming makes of the schema
  Selection selection_;
  IdSet part_;
  std::vector<LeftUnit> orders_;           // of columns, beside what is repaired of their tables
  Snapshot source_, start_, full_target_;  // what of the schema is built; behind the renaming; all repaired
  Snapshot reached_;                       // what the kept units make of it
  std::optional<Trial> trial_;
  TrialResult failed_;  // of the printed script
  std::optional<OwnCode> own_code_;
  std::map<std::string, PlannedStatement> seen_;  // by SQL
  CatchUp result_;
};

}  // namespace

bool CatchUp::leaves_something_asked_for() const { return std::ranges::any_of(left, &LeftUnit::chosen); }

CatchUp catch_up(const Goal& goal, const CatchUpOptions& options) { return CatchingUp(goal, options).run(); }

}  // namespace plumbline
