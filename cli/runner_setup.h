#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "cli/runner_flags.h"
#include "cli/runner_json.h"
#include "cli/settings.h"
#include "migrations/directory.h"
#include "migrations/mark_applied.h"
#include "runner/runner.h"

namespace plumbline {

// What the settings and the flags say together.
RunnerOptions runner_options(const Settings& settings, const RunnerFlags& flags);

// What to do about files that are not understood.
enum class Strays { refuse, warn, pass };

// The migrations of migrations_of (cli/applied.h), with their warnings when --verbose is on.
MigrationDirectory load_directory(const Settings& settings, Strays strays = Strays::warn);

// A connection to the live database.
Runner::Connect connector(const Settings& settings);

// Another tool's ledger on live that nobody has imported yet is in the way of ours, and so is one of ours in
// another schema than the one of the settings. Throws Error.
void refuse_foreign_ledger(Connection& connection, const MigrationDirectory& directory,
                           const Settings& settings);

// The ledger of the tool that keep_ledger_of names, with what plumbline applied before written into it.
// Without the setting: none, and a word about a ledger of the directory's tool that stays behind. With the
// lock held. Throws Error as KeptLedger does.
std::unique_ptr<KeptLedger> keep_tool_ledger(Runner& runner, const MigrationDirectory& directory,
                                             const Settings& settings);

// Says plan and progress on stderr.
class RunnerTalk {
 public:
  RunnerTalk(const MigrationDirectory& directory, const RunnerOptions& options);
  RunnerListener listener();
  // Which database it is, for the plan.
  void set_target(std::string target) { target_ = std::move(target); }
  // What the plan of the run left out.
  const std::vector<Waiting>& waiting() const { return waiting_; }

 private:
  const MigrationDirectory& directory_;
  const RunnerOptions& options_;
  std::string target_;
  std::vector<Waiting> waiting_;
  log::ProgressLine progress_;
};

// Says the plan, where it goes and what to mind.
void say_plan(const MigrationDirectory& directory, const MigrationPlan& plan, const std::string& target);

// The lines of a plan, for people.
std::vector<std::string> describe_plan(const MigrationDirectory& directory, const MigrationPlan& plan);

// "1.25 s", "80 ms"
std::string duration_text(std::int64_t milliseconds);

// What a run did, as text or JSON on stdout; `database` as Connection::description() has it.
void write_run(const Settings& settings, const RunnerFlags& flags, const RunText& text,
               const std::vector<StepReport>& reports);
void write_plan(const Settings& settings, const RunnerFlags& flags, const RunText& text,
                const MigrationPlan& plan);

}  // namespace plumbline
