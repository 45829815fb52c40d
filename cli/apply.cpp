#include "cli/apply.h"

#include <algorithm>
#include <ostream>
#include <set>

#include "catchup/proof_server.h"
#include "cli/applied.h"
#include "cli/live_fingerprint.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/question.h"
#include "cli/repair.h"
#include "cli/runner_setup.h"
#include "cli/sides.h"
#include "cli/target.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "postgres/visible.h"
#include "report/wording.h"
#include "runner/ledger_environment.h"
#include "runner/safeguards.h"
#include "runner/script.h"
#include "snapshot/capture.h"

namespace plumbline {
namespace {

constexpr char script_name[] = "catchup --revert";
constexpr char plan_again[] = "Run \"plumbline catchup --revert\" again: it plans for live as it is then.";

std::string finding_id(const ProvenRepair& repair, const ObjectId& id) {
  for (const Finding& finding : repair.findings) {
    if (finding.kind == id.kind->name && finding.schema == id.schema.view() &&
        finding.parent == id.parent.view() && finding.name == id.name.view())
      return finding.id;
  }
  return describe(id);
}

std::vector<ObjectId> claimed(const CatchUp& found) {
  std::vector<ObjectId> result;
  for (const RepairedUnit& unit : found.repaired)
    result.insert(result.end(), unit.findings.begin(), unit.findings.end());
  return result;
}

// What live became, held against what it was and what was claimed.
class Verdict {
 public:
  Verdict(const ProvenRepair& repair, const std::vector<Difference>& now) : repair_(repair), now_(now) {
    const std::vector<ObjectId> repaired = claimed(repair.found);
    const std::set<ObjectId> claims(repaired.begin(), repaired.end());
    const IdSet refused = repair.found.up.refused();
    for (const Difference& difference : now) {
      if (refused.contains(difference.id) || is_unreachable(difference)) continue;
      const std::string what = told(difference);
      if (claims.contains(difference.id)) {
        problems_.push_back(what + " is still there");
      } else if (is_new(difference)) {
        problems_.push_back(what + " is new");
      }
    }
  }

  const std::vector<std::string>& problems() const { return problems_; }

  void check(const std::string& hint) const {
    if (problems_.empty()) return;
    throw Error("the script did not do what it was proven to do: " + join(problems_, "; "), hint);
  }

 private:
  // What the proof does not look at, either.
  bool is_unreachable(const Difference& difference) const {
    if (difference.verb != Difference::Verb::changed) return false;
    const auto wanted = repair_.expected.find(difference.id);
    return wanted && std::ranges::all_of(difference.attributes, [&](std::size_t i) {
             return is_out_of_reach(difference.id.kind->attributes[i], wanted->values()[i].view());
           });
  }

  static std::string told(const Difference& difference) {
    std::string text =
        std::string("finding \"").append(to_string(difference.verb)) + " " + describe(difference.id);
    std::string before = ": ";
    for (const std::size_t i : difference.attributes) {
      text.append(before).append(difference.id.kind->attributes[i].name);
      before = ", ";
    }
    return text + "\"";
  }

  bool is_new(const Difference& difference) const {
    const auto before = std::ranges::find(repair_.differences, difference.id, &Difference::id);
    if (before == repair_.differences.end()) return !has_moved(difference.id);
    return before->verb != difference.verb ||
           std::ranges::any_of(difference.attributes, [&](std::size_t attribute) {
             return std::ranges::find(before->attributes, attribute) == before->attributes.end();
           });
  }

  // What was left under a name that was renamed.
  bool has_moved(const ObjectId& id) const {
    return std::ranges::any_of(repair_.differences, [&](const Difference& before) {
      return before.id.kind == id.kind && before.id.name == id.name &&
             std::ranges::find(now_, before.id, &Difference::id) == now_.end();
    });
  }

  const ProvenRepair& repair_;
  const std::vector<Difference>& now_;
  std::vector<std::string> problems_;
};

// With the lock held.
void refuse_moved(const ProvenRepair& repair, const Settings& settings, LiveSide& live) {
  const Applied recorded = read_ledger(live.connection(), repair.directory, settings.migrations);
  if (settings.at != "applied" && !recorded.tool.empty() && recorded.applied != repair.applied.applied)
    throw Error(
        "--at " + settings.at + " is not what the ledger of live says is applied",
        "Nothing was changed. Without --at, --apply reverts to what the ledger says; \"plumbline up\" "
        "applies what is pending.");
  const Applied applied = applied_state(live.connection(), repair.directory, settings);
  const std::string now = live_fingerprint(live.capture(repair.symbols, false, true), applied);
  if (now == repair.fingerprint && applied.applied == repair.applied.applied) return;
  throw Error("live has changed since the plan was made", std::string("Nothing was changed. ") + plan_again);
}

// Inside the transaction, as ourselves and with our settings until the end of the check.
void check_effect(const ProvenRepair& repair, Connection& live) {
  std::vector<Difference> now;
  {
    const BriefLocks settings(live);
    live.execute(as_ourselves() + pinned_settings());
    now = repair.differences_now(capture(live, repair.symbols));
  }
  Verdict(repair, now).check("The last transaction was rolled back.");
}

// The script as it is run, but for what steers a terminal.
void show(const std::string& script) {
  constexpr std::size_t most = 100;
  const std::vector<std::string> lines = split(script, '\n');
  std::string text = "this will be run on live:";
  for (std::size_t i = 0; i < lines.size() && i < most; ++i) text += "\n  " + visible_line(lines[i]);
  if (lines.size() > most)
    text += "\n  and " + std::to_string(lines.size() - most) + " more lines: see them without --apply";
  log::info(text);
}

bool is_wanted(const ProvenRepair& repair, const Settings& settings) {
  if (settings.catch_up.yes) return true;
  show(repair.found.up_script);
  const std::string findings = counted(claimed(repair.found).size(), "finding");
  const std::string answer =
      answer_to("repair " + findings + " on " + described_target(settings) + " now? Type yes to go on: ");
  if (answer == "yes" || answer == "y") return true;
  log::info("nothing was changed");
  return false;
}

HistoryEvent event_of(const ProvenRepair& repair) {
  std::vector<std::string> ids;
  for (const ObjectId& id : claimed(repair.found)) ids.push_back(finding_id(repair, id));
  return {.action = "catch_up", .details = "live schema " + repair.fingerprint + "; " + join(ids, ", ")};
}

// Live as the next command will find it.
void tell_verdict(const ProvenRepair& repair, ScriptRunner& runner, const LooseResult& result,
                  const Settings& settings) {
  std::string fingerprint;
  std::vector<Difference> now;
  read_live(settings.url, [&](LiveSide& live) {
    const Applied applied = applied_state(live.connection(), repair.directory, settings);
    const Snapshot actual = live.capture(repair.symbols, false, true);
    live.close();
    fingerprint = live_fingerprint(actual, applied);
    now = repair.differences_now(actual);
  });
  const Verdict verdict(repair, now);
  HistoryEvent event = event_of(repair);
  event.details += "; afterwards " + fingerprint;
  event.statements = result.statements;
  event.done = result.done;
  event.duration_ms = result.duration_ms;
  event.lock_wait_ms = result.lock_wait_ms;
  if (!verdict.problems().empty()) {
    event.action += "_failed";
    event.reason = join(verdict.problems(), "; ");
  }
  runner.record(event);
  verdict.check("The script is done. See \"plumbline check\"; others may have changed live meanwhile.");
  write_output(settings, [&](const Output&, std::ostream& out) {
    for (const ObjectId& id : claimed(repair.found)) out << "repaired " << visible_line(describe(id)) << '\n';
    out << counted(claimed(repair.found).size(), "finding") << " repaired in "
        << duration_text(result.duration_ms);
    if (result.lock_wait_ms > 0)
      out << ", " << duration_text(result.lock_wait_ms) << " of it waiting for locks";
    if (result.attempts > 1) out << ", " << result.attempts << " tries";
    out << '\n';
  });
}

void run_on_live(const ProvenRepair& repair, const Settings& settings) {
  ScriptRunner runner(settings.runner, connector(settings), [](const std::string& text) { log::info(text); });
  runner.lock();
  refuse_other_environment(runner.connection(), settings.runner.ledger_schema, settings.environment);
  read_live(settings.url, [&](LiveSide& live) { refuse_moved(repair, settings, live); });
  if (!runner.has_ledger())
    log::info("live has no ledger of plumbline: the lock is taken, and nothing is recorded");
  if (const std::string backup = make_backup(runner.connection(), settings.url, settings.runner);
      !backup.empty())
    log::info("backup: " + backup);
  const LooseResult result =
      runner.run({.name = script_name,
                  .text = repair.found.up_script,
                  .guard = repair.found.up_guard,
                  .event = event_of(repair),
                  .again = plan_again,
                  .before_last_commit = [&](Connection& live) { check_effect(repair, live); }});
  tell_verdict(repair, runner, result, settings);
}

}  // namespace

void check_apply_flags(const Settings& settings) {
  const CatchUpSettings& asked = settings.catch_up;
  if (!asked.apply) {
    if (asked.yes) throw UsageError("--yes goes with --apply", "It answers what --apply asks.");
    return;
  }
  const auto refuse = [](bool said, const std::string& flag, const std::string& why) {
    if (said) throw UsageError("--apply and " + flag + " exclude each other", why);
  };
  refuse(asked.adopt, "--adopt", "What is adopted is applied as a migration, by \"plumbline up\".");
  refuse(asked.write, "--write", "--apply runs the script instead of writing it.");
  refuse(!asked.section.empty(), "--section", "--apply runs what reverts the drift, the section up.");
  refuse(!settings.outputs.empty(), "--output", "Leave --apply out to write the script to a file.");
  refuse(settings.unproven, "--unproven", "Only what is proven is run.");
  if (settings.runner.require_approval)
    throw Error(
        "plumbline.toml says that nothing is run unless another role has approved it, and nobody can "
        "approve what --apply runs",
        "Print the script, and let somebody else read and run it.");
  if (!asked.yes && !can_ask())
    throw UsageError("there is no terminal to ask on", "Say --yes to run the script without a question.");
}

int apply_repair(const ProvenRepair& repair, const Settings& settings) {
  if (repair.found.up.statements.empty()) {
    log::warning("nothing can be repaired");
    tell_what_is_left(repair.found);
    return 2;
  }
  if (!is_wanted(repair, settings)) return 2;
  run_on_live(repair, settings);
  return tell_what_is_left(repair.found);
}

}  // namespace plumbline
