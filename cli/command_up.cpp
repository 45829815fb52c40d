#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/dry_run.h"
#include "cli/live_fingerprint.h"
#include "cli/options.h"
#include "cli/runner_setup.h"
#include "cli/sides.h"
#include "cli/target.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "runner/effect.h"
#include "runner/ledger_environment.h"
#include "runner/record.h"
#include "runner/repair.h"
#include "runner/safeguards.h"
#include "runner/validate.h"

namespace plumbline {
namespace {

PlanRequest request_of(const RunnerOptions& options, const RunnerFlags& flags) {
  PlanRequest request;
  request.target = flags.target.value_or("");
  request.phase = flags.phase.value_or("");
  request.resume = flags.resume;
  request.out_of_order = options.out_of_order;
  request.lenient = flags.skip_validation;
  request.reason = flags.reason.value_or("");
  request.all_or_nothing = flags.all_or_nothing;
  request.looked_at = !options.health_checks.empty() || !options.health_command.empty();
  return request;
}

// What a plan is made from.
struct Ground {
  const MigrationDirectory& directory;
  Connection& live;
  const LedgerEntries& entries;
};
using Planner = std::function<MigrationPlan(const Ground&)>;

// By the rules that stop a run before it begins.
void refuse_invalid(const MigrationDirectory& directory, const MigrationPlan& plan, int server) {
  std::vector<std::size_t> places;
  for (const Step& step : plan.steps) places.push_back(step.place);
  const std::vector<Problem> problems =
      validate({.directory = directory, .server = server, .places = places}, true);
  std::size_t errors = 0;
  const Problem* first = nullptr;
  for (const Problem& problem : problems) {
    const std::string text = problem.place + ": " + problem.message;
    if (!problem.is_error) log::warning(text);
    if (!problem.is_error) continue;
    if (errors++ == 0) first = &problem;
  }
  if (!first) return;
  throw Error(first->place + ": " + first->message +
                  (errors > 1 ? " (and " + std::to_string(errors - 1) + " more)" : ""),
              first->hint + " \"plumbline validate\" tells all; --skip-validation goes on all the same.");
}

// Everything that surrounds the steps of a run.
class Session {
 public:
  Session(const Settings& settings, const RunnerFlags& flags, Strays strays)
      : settings_(settings),
        options_(runner_options(settings, flags)),
        lenient_(flags.skip_validation),
        whole_(flags.all_or_nothing),
        directory_(load_directory(settings, strays)),
        talk_(directory_, options_),
        record_(options_, talk_.listener()),
        runner_(directory_, options_, settings.search_path, connector(settings), talk_.listener()) {
    refuse_foreign_ledger(runner_.connection(), directory_, settings);
    refuse_other_environment(runner_.connection(), options_.ledger_schema, settings.environment);
    talk_.set_target(described_target(settings, runner_.connection().description()));
    runner_.set_hooks(
        {.before = [this](Connection& live, const MigrationPlan& plan) { before(live, plan); },
         .before_step =
             [this](Connection& live, const Step& step) {
               if (!step.down && step.first == 0 && step.running == 0)
                 check_catch_up(directory_.migrations[step.place], directory_, settings_);
               if (effect_) effect_->before(live, step);
             },
         .before_commit =
             [this](Connection& live, const Step& step) {
               if (effect_) effect_->verify(live, step);
             },
         .beside_ledger = [this](const Step& step) { return kept_ ? kept_->sql(step.place, step.down) : ""; },
         .confirm =
             [this](Connection& live, const Step& step) {
               if (kept_) kept_->confirm(live, step.place, step.down);
             },
         .begins =
             [this](Connection& live) {
               if (kept_) kept_->read(live);
             },
         .after = [this](Connection& live, const Step& step,
                         StepReport& report) { after(live, step, report); },
         .last = [this](Connection& live,
                        const std::vector<StepReport>& reports) { record_.last(live, reports); }});
  }

  Runner& runner() { return runner_; }
  const MigrationDirectory& directory() const { return directory_; }
  const RunnerOptions& options() const { return options_; }
  RunText text() {
    return {directory_, settings_.environment, runner_.connection().description(), talk_.waiting()};
  }

 private:
  void before(Connection& live, const MigrationPlan& plan) {
    if (!lenient_) refuse_invalid(directory_, plan, live.version());
    remember_environment(live, runner_.ledger(), options_.ledger_schema, settings_.environment);
    if (options_.require_approval) insist_on_approval(live, plan);
    if (const std::string backup = make_backup(live, settings_.url, options_); !backup.empty()) {
      log::info("backup: " + backup);
      live.execute(runner_.ledger().event({.action = "backup", .details = backup}));
    }
    kept_ = keep_tool_ledger(runner_, directory_, settings_);
    record_.before(live);
    if (!options_.check_effect) return;
    const Applied applied = read_ledger(live, directory_, settings_.migrations);
    effect_.emplace(directory_, expected_options(settings_, live.version(), live.user()), applied.applied);
  }

  // Nothing is new in what goes back, or is done once more as it was.
  void insist_on_approval(Connection& live, const MigrationPlan& plan) {
    if (std::ranges::none_of(plan.steps, &Step::down))
      return require_approval(live, runner_.ledger(), plan_hash(directory_, plan));
    for (const std::size_t edited : edited_files(directory_, read_entries(live, options_.ledger_schema))) {
      const bool runs = std::ranges::any_of(
          plan.steps, [&](const Step& step) { return !step.down && step.place == edited; });
      if (!runs) continue;
      throw Error(shown_name(directory_, directory_.migrations[edited]) +
                      " was edited after it was applied, and nobody has approved what it says now",
                  "Roll it back with \"plumbline down\", then \"plumbline approve\" and \"plumbline up\".");
    }
  }

  void after(Connection& live, const Step& step, StepReport& report) {
    record_.after(live, step, report);
    if (step.down) return;
    const std::string problem = health_problem(live, settings_.url, options_);
    if (problem.empty()) return;
    const std::string what = "the health check after " + report.version + " failed: " + problem;
    live.execute(runner_.ledger().event(
        {.action = "health_check_failed", .version = step.version, .reason = problem}));
    if (whole_) throw Error(what);
    Step back = step;
    back.down = true;
    back.first = 0;
    if (!options_.roll_back || statements_of(directory_, back).empty()) {
      throw Error(what, options_.roll_back
                            ? "It has no down section, so it stays applied: set it right by hand."
                            : "It stays applied.");
    }
    StepReport undone = runner_.run(back, what);
    record_.after(live, back, undone);
    throw Error(what, "It was rolled back by its down section.");
  }

  const Settings& settings_;
  RunnerOptions options_;
  bool lenient_;
  bool whole_;  // the runner takes the run back
  MigrationDirectory directory_;
  RunnerTalk talk_;
  Record record_;
  std::optional<EffectCheck> effect_;
  std::unique_ptr<KeptLedger> kept_;
  Runner runner_;
};

PlanRequest down_request(const RunnerFlags& flags) {
  PlanRequest request;
  if (!flags.arguments.empty()) request.version = flags.arguments.front();
  request.target = flags.back_to.value_or("");
  request.with_dependents = flags.with_dependents;
  request.resume = flags.resume;
  request.reason = flags.reason.value_or("");
  if (flags.steps) request.steps = static_cast<std::size_t>(*flags.steps);
  const int said =
      (request.version.empty() ? 0 : 1) + (request.target.empty() ? 0 : 1) + (flags.steps ? 1 : 0);
  if (said != 1) {
    throw UsageError("down needs one of VERSION, --to VERSION and --steps N",
                     "To roll back the last migration: plumbline down --steps 1");
  }
  if (request.with_dependents && request.version.empty()) {
    throw UsageError("--with-dependents goes with a VERSION",
                     "--to and --steps roll back the newest migrations, on which none depends");
  }
  return request;
}

// Asks the catalogue, by a replay on a throw-away server of live's version.
FindDependents dependents_by_replay(const Settings& settings, const MigrationDirectory& directory,
                                    Connection& live) {
  return [&](std::size_t first, const std::vector<std::size_t>& applied) {
    log::info("replaying the applied migrations, to see which of them depend on it");
    return catalogue_dependents(directory, expected_options(settings, live.version(), live.user()), first,
                                applied);
  };
}

// What --dry-run tells is what the ledger says now, without a lock.
int tell_plan(const Settings& settings, const RunnerFlags& flags, Strays strays, const Planner& plan) {
  const RunnerOptions options = runner_options(settings, flags);
  const MigrationDirectory directory = load_directory(settings, strays);
  const std::unique_ptr<Connection> connection = connector(settings)();
  refuse_foreign_ledger(*connection, directory, settings);
  refuse_other_environment(*connection, options.ledger_schema, settings.environment);
  const LedgerEntries entries = read_entries(*connection, options.ledger_schema);
  const MigrationPlan ahead = plan({directory, *connection, entries});
  write_dry_run(settings, flags, {directory, settings.environment, connection->description()}, ahead);
  return 0;
}

// What up and down have in common: a plan that is told, or a run.
template <typename Run>
int tell_or_run(const Settings& settings, const RunnerFlags& flags, Strays strays, const Planner& plan,
                const Run& run) {
  if (flags.dry_run) return tell_plan(settings, flags, strays, plan);
  Session session(settings, flags, strays);
  const std::vector<StepReport> reports = run(session);
  write_run(settings, flags, session.text(), reports);
  return 0;
}

}  // namespace

int run_up(const Settings& settings, const RunnerFlags& flags) {
  const RunnerOptions options = runner_options(settings, flags);
  PlanRequest request = request_of(options, flags);
  return tell_or_run(
      settings, flags, Strays::refuse,
      [&](const Ground& ground) {
        mind_open_run(ground.live, LedgerWriter(options.ledger_schema), request);
        return plan_up(ground.directory, ground.entries, request);
      },
      [&](Session& session) { return session.runner().up(request); });
}

int run_down(const Settings& settings, const RunnerFlags& flags) {
  PlanRequest request = down_request(flags);
  return tell_or_run(
      settings, flags, Strays::warn,
      [&](const Ground& ground) {
        request.dependents = dependents_by_replay(settings, ground.directory, ground.live);
        return plan_down(ground.directory, ground.entries, request);
      },
      [&](Session& session) {
        request.dependents =
            dependents_by_replay(settings, session.directory(), session.runner().connection());
        return session.runner().down(request);
      });
}

int run_redo(const Settings& settings, const RunnerFlags& flags) {
  PlanRequest request;
  request.steps = static_cast<std::size_t>(flags.steps.value_or(1));
  request.reason = flags.reason.value_or("");
  return tell_or_run(
      settings, flags, Strays::refuse,
      [&](const Ground& ground) { return plan_redo(ground.directory, ground.entries, request); },
      [&](Session& session) { return session.runner().redo(request); });
}

}  // namespace plumbline
