#include "runner/phases.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "migrations/header.h"
#include "migrations/ledger.h"
#include "postgres/text.h"
#include "runner/plan_parts.h"

namespace plumbline {
namespace {

constexpr std::array<std::string_view, 3> phase_names{"expand", "migrate", "contract"};

int rank_or_expand(const Migration& migration) { return phase_rank(migration.phase).value_or(0); }

// What its header depends on and the directory has.
std::vector<std::size_t> named_by(const MigrationDirectory& directory, std::size_t place) {
  std::vector<std::size_t> named;
  for (const std::string& name : directory.migrations[place].dependencies) {
    const auto other = place_named(directory, name);
    if (other && *other != place) named.push_back(*other);
  }
  return named;
}

// Whether one of them has this phase, written in its header.
bool any_of_phase(const MigrationDirectory& directory, const std::vector<std::size_t>& places, int rank) {
  return std::ranges::any_of(places, [&](std::size_t place) {
    const Migration& migration = directory.migrations[place];
    return !migration.phase.empty() && rank_or_expand(migration) == rank;
  });
}

bool names_earlier_phase(const MigrationDirectory& directory, const std::vector<std::size_t>& named,
                         int rank) {
  for (int earlier = 0; earlier < rank; ++earlier) {
    if (any_of_phase(directory, named, earlier)) return true;
  }
  return false;
}

// Whether a migrate moves the rows of what a contract names. One whose header does not say of which expand it
// is may belong to any that is before it.
bool belongs_to(const MigrationDirectory& directory, std::size_t migrate,
                const std::vector<std::size_t>& named) {
  const std::vector<std::size_t> own = named_by(directory, migrate);
  const bool is_declared = std::ranges::any_of(
      own, [&](std::size_t place) { return std::ranges::find(named, place) != named.end(); });
  if (is_declared) return true;
  if (names_earlier_phase(directory, own, 1) || any_of_phase(directory, named, 1)) return false;
  return std::ranges::any_of(named, [&](std::size_t place) {
    return place < migrate && rank_or_expand(directory.migrations[place]) == 0;
  });
}

// Seconds since 1970 as people read them.
std::string utc_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

std::optional<std::chrono::seconds> seconds_in(std::string_view unit) {
  if (unit == "s") return std::chrono::seconds(1);
  if (unit == "min") return std::chrono::minutes(1);
  if (unit == "h") return std::chrono::hours(1);
  if (unit == "d") return std::chrono::days(1);
  if (unit == "w") return std::chrono::weeks(1);
  return std::nullopt;
}

}  // namespace

std::optional<int> phase_rank(std::string_view phase) {
  if (phase.empty()) return 0;
  const auto found = std::ranges::find(phase_names, to_lower(phase));
  if (found == phase_names.end()) return std::nullopt;
  return static_cast<int>(found - phase_names.begin());
}

std::vector<std::size_t> needed_before(const MigrationDirectory& directory, std::size_t place) {
  const int rank = rank_or_expand(directory.migrations[place]);
  if (rank == 0) return {};
  const std::vector<std::size_t> named = named_by(directory, place);
  const bool names_some = names_earlier_phase(directory, named, rank);
  std::set<std::size_t> needed(named.begin(), named.end());
  for (std::size_t i = 0; i < place; ++i) {
    const Migration& earlier = directory.migrations[i];
    const int its_rank = rank_or_expand(earlier);
    if (earlier.repeatable || its_rank >= rank) continue;
    if (!names_some || (its_rank == 1 && belongs_to(directory, i, named))) needed.insert(i);
  }
  for (const std::size_t each : std::vector<std::size_t>(needed.begin(), needed.end())) {
    if (rank_or_expand(directory.migrations[each]) >= rank) continue;
    const std::vector<std::size_t> before = needed_before(directory, each);
    needed.insert(before.begin(), before.end());
  }
  return {needed.begin(), needed.end()};
}

std::optional<std::size_t> applied_too_early(const MigrationDirectory& directory,
                                             const std::set<std::size_t>& applied, std::size_t place) {
  const int rank = rank_or_expand(directory.migrations[place]);
  for (auto at = applied.rbegin(); at != applied.rend() && *at > place; ++at) {
    const Migration& later = directory.migrations[*at];
    if (later.repeatable || rank_or_expand(later) < rank) continue;
    if (rank_or_expand(later) == rank) return *at;
    const std::vector<std::size_t> needed = needed_before(directory, *at);
    if (std::ranges::binary_search(needed, place)) return *at;
  }
  return std::nullopt;
}

WaitHeader wait_header(const Migration& migration) {
  WaitHeader header{.text = header_value(migration.up_bytes, "wait"), .length = {}};
  const std::string& text = header.text;
  int number = 0;  // up to 99999, so that no unit overflows
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit =
      seconds_in(trim(std::string_view(text).substr(static_cast<std::size_t>(end - text.data()))));
  if (problem == std::errc() && unit && number >= 0 && number <= 99'999) header.length = number * *unit;
  return header;
}

PhaseOrder::PhaseOrder(const MigrationDirectory& directory, const LedgerEntries& entries, bool out_of_order)
    : directory_(directory), entries_(entries), out_of_order_(out_of_order), keys_(ledger_keys(directory)) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto entry = entries.find(keys_[i]);
    if (entry != entries.end() && entry->second.state == "applied") applied_.insert(i);
  }
}

std::optional<Waiting> PhaseOrder::hold(std::size_t place, bool begun) {
  if (rank_or_expand(directory_.migrations[place]) == 0) return std::nullopt;
  const std::vector<std::size_t> needed = needed_before(directory_, place);
  std::optional<Waiting> found = for_others(needed, place);
  if (!found) found = for_time(needed, place);
  if (!found && !begun && !out_of_order_) found = for_its_turn(place);
  if (found) held_.push_back(place);
  return found;
}

std::optional<Waiting> PhaseOrder::for_others(const std::vector<std::size_t>& needed,
                                              std::size_t place) const {
  Waiting found = waiting(place);
  std::vector<std::string> names;
  int first_rank = 2;
  for (const std::size_t other : needed) {
    if (applied_.contains(other) || taken_.contains(other)) continue;
    found.wait_for.push_back(keys_[other]);
    names.push_back(shown(other));
    first_rank = std::min(first_rank, rank_or_expand(directory_.migrations[other]));
  }
  if (names.empty()) return std::nullopt;
  found.why = first_few(names) + (names.size() == 1 ? " is" : " are") + " not applied";
  found.next = "Apply what it waits for with \"plumbline up --phase " +
               std::string(phase_names[static_cast<std::size_t>(first_rank)]) + "\".";
  return found;
}

std::optional<Waiting> PhaseOrder::for_time(const std::vector<std::size_t>& needed, std::size_t place) const {
  const WaitHeader header = wait_header(directory_.migrations[place]);
  if (header.text.empty()) return std::nullopt;
  Waiting found = waiting(place);
  if (!header.length) {
    found.why = "\"Wait: " + header.text + "\" is no length of time";
    found.next = "Write for example \"-- Wait: 14d\"; the units are s, min, h, d and w.";
    return found;
  }
  std::optional<std::size_t> last;
  const auto applied_time = [&](std::size_t other) { return entries_.at(keys_[other]).applied_epoch; };
  for (const std::size_t other : needed) {
    found.next = "Run the command again when that time is over.";
    if (!applied_.contains(other)) {
      found.wait_for.push_back(keys_[other]);
      found.why = "until " + header.text + " after " + shown(other) + " is applied";
      return found;
    }
    if (!applied_time(other)) {
      found.why = "until " + header.text + " after " + shown(other) +
                  " was applied, and the ledger does not say when that was";
      found.next = "Remove the line \"-- Wait\" when that was long enough ago.";
      return found;
    }
    if (!last || *applied_time(other) > *applied_time(*last)) last = other;
  }
  if (!last || entries_.at(keys_[*last]).applied_ago >= header.length->count()) return std::nullopt;
  found.until = utc_text(*applied_time(*last) + header.length->count());
  found.why = "until " + found.until + ", " + header.text + " after " + shown(*last) + " was applied";
  return found;
}

std::optional<Waiting> PhaseOrder::for_its_turn(std::size_t place) const {
  const int rank = rank_or_expand(directory_.migrations[place]);
  for (const std::size_t earlier : held_) {
    if (rank_or_expand(directory_.migrations[earlier]) != rank) continue;
    Waiting found = waiting(place);
    found.wait_for.push_back(keys_[earlier]);
    found.why = shown(earlier) + " of the same phase comes before it and waits, too";
    found.next = "Apply it before that one with \"plumbline up --phase " +
                 std::string(phase_names[static_cast<std::size_t>(rank)]) + " --out-of-order\".";
    return found;
  }
  return std::nullopt;
}

Waiting PhaseOrder::waiting(std::size_t place) const {
  return {.place = place, .version = keys_[place], .wait_for = {}, .until = {}, .why = {}, .next = {}};
}

std::string PhaseOrder::shown(std::size_t place) const {
  return named(directory_.migrations[place], keys_[place]);
}

std::vector<Waiting> waiting_migrations(const MigrationDirectory& directory, const LedgerEntries& entries) {
  std::vector<Waiting> all;
  PhaseOrder order(directory, entries, false);
  for (std::size_t i = 0; i < directory.migrations.size(); ++i) {
    if (order.applied().contains(i)) continue;
    if (auto waiting = order.hold(i, false)) all.push_back(std::move(*waiting));
  }
  return all;
}

std::string sentence(const MigrationDirectory& directory, const Waiting& waiting) {
  return named(directory.migrations[waiting.place], waiting.version) + " waits: " + waiting.why;
}

}  // namespace plumbline
