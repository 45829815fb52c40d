#include "runner/plan.h"

#include <algorithm>
#include <set>

#include "migrations/execution.h"
#include "migrations/header.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/plan_parts.h"

namespace plumbline {
namespace {

class UpPlanner {
 public:
  UpPlanner(const MigrationDirectory& directory, const LedgerEntries& entries, const PlanRequest& request)
      : directory_(directory),
        entries_(entries),
        request_(request),
        keys_(ledger_keys(directory)),
        order_(directory, entries, request.out_of_order) {}

  MigrationPlan plan() {
    if (!phase_rank(request_.phase))
      throw Error("\"" + request_.phase + "\" is no phase", "Use --phase expand, migrate or contract.");
    if (!request_.lenient) refuse_unknown();
    std::size_t end = directory_.migrations.size();
    if (!request_.target.empty()) end = find_place(directory_, request_.target) + 1;
    for (std::size_t i = 0; i < directory_.migrations.size(); ++i) {
      if (i >= end && !directory_.migrations[i].repeatable) continue;
      if (i >= end && !request_.target.empty()) continue;
      consider(i);
    }
    hold_back();
    refuse_if_all_waits();
    if (!request_.out_of_order) refuse_out_of_order();
    check_dependencies();
    return std::move(plan_);
  }

 private:
  const LedgerEntry* entry_of(std::size_t place) const {
    const auto found = entries_.find(keys_[place]);
    return found == entries_.end() ? nullptr : &found->second;
  }

  void consider(std::size_t place) {
    const Migration& migration = directory_.migrations[place];
    const LedgerEntry* entry = entry_of(place);
    Step step{.place = place, .version = keys_[place], .mark = {}};
    if (entry && entry->is_partial()) {
      if (entry->direction == "down") refuse_partial(*entry, "down");
      if (entry->state != "pending" && !request_.resume) refuse_partial(*entry, "up");
      step.first = entry->done;
      step.running = entry->running;
      step.mark = entry->mark;
      check_prefix(directory_, step, *entry);
    } else if (entry && entry->state == "applied") {
      const bool edited = !entry->checksum.empty() && entry->checksum != migration.checksum;
      if (edited && !migration.repeatable && !request_.lenient) refuse_edited(place);
      if (!edited || !migration.repeatable) return;
    }
    if (request_.lenient && !phase_rank(migration.phase)) refuse_unknown_phase(migration);
    if (!request_.phase.empty() && phase_rank(migration.phase) != phase_rank(request_.phase)) return;
    if (migration.up.empty() && !request_.lenient) refuse_empty(migration);
    plan_.steps.push_back(step);
  }

  // A contract with a slip of the pen is not run as something else, not even where the rules are skipped that
  // refuse it otherwise.
  [[noreturn]] void refuse_unknown_phase(const Migration& migration) const {
    throw Error(shown_name(directory_, migration) + " has the unknown phase \"" + migration.phase + "\"",
                "Write \"-- Phase: expand\", \"-- Phase: migrate\" or \"-- Phase: contract\".");
  }

  [[noreturn]] void refuse_edited(std::size_t place) const {
    throw Error(shown_name(directory_, directory_.migrations[place]) + " was edited after it was applied",
                "Restore the file and put the change into a new migration; or, when the edit is as it should "
                "have been, run \"repair --accept-edits\".");
  }

  // What "new" wrote and nobody has filled in. Another tool's history may have such files, which it applied.
  void refuse_empty(const Migration& migration) const {
    if (directory_.convention != "plumbline") return;
    throw Error(
        shown_name(directory_, migration) + " has nothing to apply: its up section holds no statement",
        "Write one, or delete the file. To find all such files: plumbline validate");
  }

  void refuse_unknown() const {
    std::set<std::string> known(keys_.begin(), keys_.end());
    std::vector<std::string> unknown;
    for (const auto& [version, entry] : entries_) {
      const bool left_nothing = entry.state == "rolled_back" || entry.state == "pending" ||
                                (entry.state == "failed" && entry.direction != "down");
      const bool matters = !left_nothing || entry.is_partial();
      if (matters && !known.contains(version)) unknown.push_back(version);
    }
    if (unknown.empty()) return;
    throw Error(
        "the ledger names versions that no file in \"" + directory_.path + "\" has: " + first_few(unknown),
        "Check out the revision that was deployed last; --skip-validation goes on without them.");
  }

  // Takes out what has to wait.
  void hold_back() {
    std::vector<Step> ready;
    for (Step& step : plan_.steps) {
      if (auto waiting = order_.hold(step.place, step.first > 0 || step.running > 0)) {
        plan_.waiting.push_back(std::move(*waiting));
        continue;
      }
      order_.take(step.place);
      ready.push_back(std::move(step));
    }
    plan_.steps = std::move(ready);
  }

  // Whoever names a phase or a target is not told that all is well when nothing of it can be run.
  void refuse_if_all_waits() const {
    if (!plan_.steps.empty() || plan_.waiting.empty()) return;
    if (request_.phase.empty() && request_.target.empty()) return;
    const Waiting& first = plan_.waiting.front();
    const std::size_t others = plan_.waiting.size() - 1;
    throw Error(
        sentence(directory_, first) + (others > 0 ? "; and " + std::to_string(others) + " more wait" : ""),
        first.next);
  }

  void refuse_out_of_order() const {
    std::vector<std::string> late;
    std::size_t newest = 0;
    for (const Step& step : plan_.steps) {
      if (directory_.migrations[step.place].repeatable) continue;
      const auto later = applied_too_early(directory_, order_.applied(), step.place);
      if (!later) continue;
      newest = std::max(newest, *later);
      late.push_back(named(directory_.migrations[step.place], step.version));
    }
    if (late.empty()) return;
    throw Error(
        "older than the last applied migration " + keys_[newest] + ", but not applied: " + first_few(late),
        "Apply them all the same with --out-of-order; or give them a newer version.");
  }

  void check_dependencies() const {
    std::set<std::size_t> there = order_.applied();
    for (const Step& step : plan_.steps) {
      const Migration& migration = directory_.migrations[step.place];
      for (const std::string& name : migration.dependencies) {
        const auto other = place_named(directory_, name);
        if (other && there.contains(*other)) continue;
        throw Error(shown_name(directory_, migration) + " depends on \"" + name + "\", which " +
                        (other ? "is not applied before it" : "does not exist"),
                    other ? "Apply that one first, or correct the header." : "Correct the header.");
      }
      there.insert(step.place);
    }
  }

  const MigrationDirectory& directory_;
  const LedgerEntries& entries_;
  const PlanRequest& request_;
  std::vector<std::string> keys_;
  PhaseOrder order_;
  MigrationPlan plan_;
};

}  // namespace

std::string named(const Migration& migration, const std::string& version) {
  return version + " (" + migration.file + ")";
}

std::string first_few(const std::vector<std::string>& items) {
  constexpr std::size_t limit = 5;
  std::vector<std::string> shown(items.begin(),
                                 items.begin() + static_cast<long>(std::min(limit, items.size())));
  std::string text = join(shown, ", ");
  if (items.size() > limit) text += " and " + std::to_string(items.size() - limit) + " more";
  return text;
}

void refuse_partial(const LedgerEntry& entry, const std::string& command) {
  std::string where = entry.running > 0 ? "statement " + std::to_string(entry.running) + " of " +
                                              std::to_string(entry.statements) + " was running"
                                        : std::to_string(entry.done) + " of " +
                                              std::to_string(entry.statements) + " statements are done";
  throw Error("the " + std::string(entry.direction == "down" ? "down of " : "") + "migration " +
                  entry.version + " stopped half-way: " + where +
                  (entry.error.empty() ? "" : "; " + entry.error),
              "Go on where it stopped with \"" + command +
                  " --resume\"; or look first, and then \"repair --reason TEXT\".");
}

// An edited file may only go on when what is done of it is as it was.
void check_prefix(const MigrationDirectory& directory, const Step& step, const LedgerEntry& entry) {
  const auto& statements = statements_of(directory, step);
  const Migration& migration = directory.migrations[step.place];
  const bool same = entry.done <= statements.size() && entry.running <= statements.size() &&
                    statements_checksum({statements.data(), entry.done}) == entry.done_checksum;
  if (same || (entry.done == 0 && entry.running <= statements.size())) return;
  throw Error(shown_name(directory, migration) +
                  " was edited where it had been run already: statements 1 to " + std::to_string(entry.done),
              "Restore those statements; or undo by hand what they did and run \"repair --from-start\".");
}

std::string shown_name(const MigrationDirectory& directory, const Migration& migration) {
  return shown_file(directory, migration.file);
}

std::optional<std::size_t> place_named(const MigrationDirectory& directory, const std::string& name) {
  for (std::size_t i = directory.migrations.size(); i-- > 0;) {
    if (is_named(directory.migrations[i], name)) return i;
  }
  return std::nullopt;
}

MigrationPlan plan_up(const MigrationDirectory& directory, const LedgerEntries& entries,
                      const PlanRequest& request) {
  MigrationPlan plan = UpPlanner(directory, entries, request).plan();
  if (request.all_or_nothing) choose_way_back(directory, request, plan);
  return plan;
}

std::string plan_hash(const MigrationDirectory& directory, const MigrationPlan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    text += (step.down ? "down " : "up ") + step.version + " " +
            statements_checksum(statements_of(directory, step)) + " " + std::to_string(step.first) + "\n";
  }
  return sha256_hex(text);
}

namespace {

// "Irreversible: no" says the opposite of a reason, and nothing at all says none.
bool is_denied(std::string_view reason) {
  constexpr std::string_view words[] = {"", "no", "none", "false", "off", "0"};
  while (reason.ends_with('.')) reason.remove_suffix(1);
  return std::ranges::find(words, to_lower(reason)) != std::end(words);
}

}  // namespace

std::optional<std::string> irreversible_reason(const Migration& migration) {
  for (const std::string& line : split(migration.up_bytes, '\n')) {
    constexpr std::string_view word = "irreversible:";
    std::string_view text = trim(line);
    if (!text.starts_with("--")) continue;
    text = trim(text.substr(2));
    if (to_lower(text.substr(0, word.size())) != word) continue;
    const std::string_view reason = trim(text.substr(word.size()));
    return is_denied(reason) ? std::nullopt : std::optional<std::string>(reason);
  }
  return std::nullopt;
}

const std::vector<SqlStatement>& statements_of(const MigrationDirectory& directory, const Step& step) {
  const Migration& migration = directory.migrations[step.place];
  return step.down ? migration.down : migration.up;
}

std::size_t find_place(const MigrationDirectory& directory, const std::string& version) {
  return applied_at(directory, version).applied.size() - 1;
}

}  // namespace plumbline
