#include <algorithm>
#include <map>
#include <set>

#include "migrations/convention.h"
#include "migrations/header.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "runner/plan.h"
#include "runner/plan_parts.h"

namespace plumbline {
namespace {

class DownPlanner {
 public:
  DownPlanner(const MigrationDirectory& directory, const LedgerEntries& entries, const PlanRequest& request)
      : directory_(directory), entries_(entries), request_(request), keys_(ledger_keys(directory)) {}

  MigrationPlan plan() {
    find_applied();
    const std::vector<std::size_t> places = chosen();
    if (!places.empty()) refuse_without_file(places.back());
    for (const std::size_t place : places) add(place);
    return std::move(plan_);
  }

 private:
  bool is_going_down(std::size_t place) const {
    const auto entry = entries_.find(keys_[place]);
    return entry != entries_.end() && entry->second.direction == "down" && entry->second.is_partial();
  }

  // Newest first.
  void find_applied() {
    for (std::size_t i = directory_.migrations.size(); i-- > 0;) {
      const auto entry = entries_.find(keys_[i]);
      if (entry == entries_.end()) continue;
      if (entry->second.state == "applied" || is_going_down(i)) applied_.push_back(i);
      if (!is_going_down(i) && entry->second.is_partial()) refuse_partial(entry->second, "up");
    }
  }

  std::vector<std::size_t> chosen() {
    if (!request_.version.empty()) return alone_or_with_dependents(applied_place(request_.version));
    std::vector<std::size_t> places = applied_;
    if (!request_.target.empty() && request_.target != "0") {
      const std::size_t stays = applied_place(request_.target);
      std::erase_if(places, [&](std::size_t place) { return place <= stays; });
    }
    leave_out_repeatable(places);
    if (request_.target.empty()) places.resize(std::min(places.size(), request_.steps));
    return places;
  }

  // One that can be run again at any time goes back by its next version; it is no step.
  void leave_out_repeatable(std::vector<std::size_t>& places) {
    std::erase_if(places, [&](std::size_t place) {
      const Migration& migration = directory_.migrations[place];
      return migration.repeatable && !migration.has_down;
    });
  }

  std::size_t applied_place(const std::string& version) const {
    const auto recorded = entries_.find(version);
    const bool has_file = std::ranges::find(keys_, version) != keys_.end();
    if (recorded != entries_.end() && recorded->second.state == "applied" && !has_file)
      refuse_versions_without_file({version});
    const std::size_t place = known_place(version);
    if (std::ranges::find(applied_, place) != applied_.end()) return place;
    const auto entry = entries_.find(keys_[place]);
    const std::string state = entry == entries_.end() ? "pending" : entry->second.state;
    throw Error(
        named(directory_.migrations[place], keys_[place]) + " is not applied: it is " + replaced_bar(state),
        what_is_applied());
  }

  std::size_t known_place(const std::string& version) const {
    try {
      if (version != "head") return find_place(directory_, version);
    } catch (const Error&) {  // its hint is for up
    }
    throw Error("no migration in \"" + directory_.path + "\" has the version \"" + version + "\"",
                version == "0" ? "To roll back everything: plumbline down --to 0" : what_is_applied());
  }

  std::string what_is_applied() const {
    if (applied_.empty()) return "No migration is applied.";
    return "Applied last is " + keys_[applied_.front()] + ". To see all: plumbline status";
  }

  // "rolled_back" for people.
  static std::string replaced_bar(std::string state) {
    std::ranges::replace(state, '_', ' ');
    return state;
  }

  std::vector<std::size_t> alone_or_with_dependents(std::size_t place) {
    std::map<std::size_t, std::string> why{{place, ""}};
    if (applied_.front() > place) find_dependents(place, why);
    if (why.size() > 1 && !request_.with_dependents) refuse_dependents(place, why);
    std::vector<std::size_t> places;
    for (const std::size_t each : applied_) {
      if (why.contains(each)) places.push_back(each);
    }
    refuse_half_way(places);
    warn_of_order(places);
    return places;
  }

  void find_dependents(std::size_t place, std::map<std::size_t, std::string>& why) const {
    const std::vector<std::size_t> applied(applied_.rbegin(), applied_.rend());
    std::vector<Dependent> found = declared_dependents(directory_, applied);
    if (request_.dependents) {
      const std::vector<Dependent> more = ask_catalogue(place, applied);
      found.insert(found.end(), more.begin(), more.end());
    }
    for (bool grew = true; grew;) {
      grew = false;
      for (const Dependent& each : found) {
        const std::string reason = each.why + (each.needs == place ? "" : " of " + keys_[each.needs]);
        if (each.place > place && why.contains(each.needs)) grew |= why.emplace(each.place, reason).second;
      }
    }
  }

  std::vector<Dependent> ask_catalogue(std::size_t place, const std::vector<std::size_t>& applied) const {
    try {
      return request_.dependents(place, applied);
    } catch (const Error& error) {
      const auto before = std::ranges::lower_bound(applied, place);
      const std::string stays = before == applied.begin() ? "0" : keys_[*(before - 1)];
      throw Error("cannot determine which later migrations need " + keys_[place] + ": " + error.message(),
                  (error.hint().empty() ? "" : error.hint() + " ") +
                      "To roll back all of them, newest first: plumbline down --to " + stays,
                  error.report());
    }
  }

  [[noreturn]] void refuse_dependents(std::size_t place,
                                      const std::map<std::size_t, std::string>& why) const {
    std::string text = named(directory_.migrations[place], keys_[place]) +
                       " cannot be rolled back by itself: later migrations depend on it";
    for (const auto& [other, reason] : why) {
      if (other != place)
        text.append("\n  ")
            .append(named(directory_.migrations[other], keys_[other]))
            .append(": ")
            .append(reason);
    }
    throw Error(text, "To roll them back with it, newest first: plumbline down " + keys_[place] +
                          " --with-dependents");
  }

  // A later one that is on its way down neither stays nor goes.
  void refuse_half_way(const std::vector<std::size_t>& places) const {
    for (const std::size_t each : applied_) {
      const bool stays = std::ranges::find(places, each) == places.end();
      if (stays && each > places.back() && is_going_down(each))
        refuse_partial(entries_.at(keys_[each]), "down");
    }
  }

  // What is older than a migration that stays is late for the next up.
  void warn_of_order(const std::vector<std::size_t>& places) {
    std::set<std::size_t> stay;
    for (const std::size_t place : applied_) {
      if (std::ranges::find(places, place) == places.end()) stay.insert(place);
    }
    const auto stays = applied_too_early(directory_, stay, places.back());
    if (!stays) return;
    plan_.warnings.push_back(keys_[places.back()] + " will be pending and older than " + keys_[*stays] +
                             ", which stays applied: apply it again with \"plumbline up --out-of-order\"");
  }

  // Nobody knows what is in those, so nobody can say that they do without the older ones.
  void refuse_without_file(std::size_t oldest) const {
    const Migration& migration = directory_.migrations[oldest];
    if (migration.repeatable) return;
    const Convention* convention = find_convention(directory_.convention);
    const std::string_view order = convention ? std::string_view(convention->layout.order) : "number";
    std::vector<std::string> unknown;
    for (const auto& [version, entry] : entries_) {
      const bool is_there = entry.state == "applied" || entry.is_partial();
      if (!is_there || std::ranges::find(keys_, version) != keys_.end()) continue;
      if (compare_versions(order, version, migration.version) > 0) unknown.push_back(version);
    }
    if (!unknown.empty()) refuse_versions_without_file(unknown);
  }

  [[noreturn]] void refuse_versions_without_file(const std::vector<std::string>& versions) const {
    throw Error("live has applied versions that no file in \"" + directory_.path +
                    "\" has: " + first_few(versions) + "; their down sections are not known",
                "Check out the revision that was deployed last, and run the command again.");
  }

  void add(std::size_t place) {
    const Migration& migration = directory_.migrations[place];
    if (!migration.has_down || migration.down.empty()) refuse_irreversible(migration);
    const LedgerEntry& entry = entries_.at(keys_[place]);
    Step step{.place = place, .version = keys_[place], .down = true, .mark = {}};
    if (is_going_down(place)) {
      if (entry.state != "applied" && !request_.resume) refuse_partial(entry, "down");
      step.first = entry.done;
      step.running = entry.running;
      step.mark = entry.mark;
      check_prefix(directory_, step, entry);
    }
    plan_.steps.push_back(step);
  }

  [[noreturn]] void refuse_irreversible(const Migration& migration) const {
    const auto reason = irreversible_reason(migration);
    throw Error(shown_name(directory_, migration) +
                    (reason ? " is irreversible: " + *reason : " has no down section"),
                "Write a new migration that sets right what is wrong.");
  }

  const MigrationDirectory& directory_;
  const LedgerEntries& entries_;
  const PlanRequest& request_;
  std::vector<std::string> keys_;
  std::vector<std::size_t> applied_;
  MigrationPlan plan_;
};

}  // namespace

MigrationPlan plan_down(const MigrationDirectory& directory, const LedgerEntries& entries,
                        const PlanRequest& request) {
  return DownPlanner(directory, entries, request).plan();
}

MigrationPlan plan_redo(const MigrationDirectory& directory, const LedgerEntries& entries,
                        const PlanRequest& request) {
  MigrationPlan plan = plan_down(directory, entries, request);
  for (std::size_t i = plan.steps.size(); i-- > 0;)
    plan.steps.push_back({.place = plan.steps[i].place, .version = plan.steps[i].version});
  return plan;
}

}  // namespace plumbline
