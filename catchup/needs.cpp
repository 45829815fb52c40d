#include "catchup/needs.h"

#include <algorithm>
#include <map>
#include <utility>

#include "snapshot/kind.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

class NeedsSearch {
 public:
  NeedsSearch(const Work& work, const IdSet& own) : work_(work), own_(own) {}

  std::vector<Need> run() {
    for (std::size_t task = 0; task < work_.tasks().size(); ++task) {
      if (!is_own(task)) continue;
      if (work_.tasks()[task].expected) note_what_it_is_made_of(task);
      if (!work_.tasks()[task].expected) note_who_uses_it(task);
      note_whole(task, work_.made_with(task));
      note_whole(task, work_.dropped_with(task));
      note_place(task);
      note_parents(task);
    }
    note_names();
    return std::move(needs_);
  }

 private:
  bool is_own(std::size_t task) const { return own_.contains(work_.tasks()[task].id); }
  bool is_missing(std::size_t task) const { return is_own(task) && !work_.tasks()[task].actual; }
  bool is_unexpected(std::size_t task) const { return is_own(task) && !work_.tasks()[task].expected; }

  void note(std::size_t task, std::size_t other) {
    if (task != other) needs_.push_back({work_.tasks()[task].id, work_.tasks()[other].id});
  }
  void note_both(std::size_t task, std::size_t other) {
    note(task, other);
    note(other, task);
  }

  void note_what_it_is_made_of(std::size_t task) {
    for (const Tie& need : work_.expected_needs(task)) {
      if (!is_missing(need.other)) continue;
      note(task, need.other);
      // The index of a partitioned table takes up those of its partitions that are like it.
      const bool takes_up =
          need.hold == Hold::partition && work_.tasks()[need.other].id.kind == work_.tasks()[task].id.kind;
      if (takes_up && work_.tasks()[task].actual) note(need.other, task);
    }
  }

  void note_who_uses_it(std::size_t task) {
    for (const Tie& user : work_.actual_users(task)) {
      if (!is_own(user.other)) continue;
      const auto& needs = work_.expected_needs(user.other);
      const bool still = std::ranges::any_of(needs, [&](const Tie& need) { return need.other == task; });
      if (!still) note(task, user.other);
    }
  }

  void note_whole(std::size_t task, std::size_t whole) {
    if (whole != task && is_own(whole)) note_both(task, whole);
  }

  // What a parent table hands on comes, goes and changes with the parent's own.
  void note_parents(std::size_t task) {
    const Task& part = work_.tasks()[task];
    if (!part.id.kind->is_handed_on) return;
    for (const bool of_expected : {false, true}) {
      const auto& object = of_expected ? part.expected : part.actual;
      const auto owner = work_.parent(task, of_expected);
      if (!object || !owner || !part.id.kind->is_handed_on(*object)) continue;
      for (const Tie& tie : of_expected ? work_.expected_needs(*owner) : work_.actual_needs(*owner)) {
        const ObjectId& above = work_.tasks()[tie.other].id;
        const auto same = work_.find({part.id.kind, above.schema, above.name, part.id.name});
        if (same && is_own(*same)) note_both(task, *same);
      }
    }
  }

  // The partitions of one table share its range: what is freed from it and what is to be put into it.
  void note_place(std::size_t task) {
    const Task& one = work_.tasks()[task];
    if (!one.release && !is_missing(task)) return;
    for (const Tie& tie : one.release ? work_.actual_needs(task) : work_.expected_needs(task)) {
      if (tie.hold == Hold::partition || work_.is_late(task, tie)) note_neighbours(task, tie.other);
    }
  }

  void note_neighbours(std::size_t task, std::size_t whole) {
    if (work_.tasks()[whole].id.kind != work_.tasks()[task].id.kind) return;
    for (const Tie& user : work_.actual_users(whole)) {
      const Task& other = work_.tasks()[user.other];
      const bool moves = other.release && is_own(user.other) && other.id.kind == work_.tasks()[task].id.kind;
      if (moves) note(task, user.other);
    }
  }

  // One thing in the place of another, under its name.
  void note_names() {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<std::size_t>> gone;
    for (std::size_t task = 0; task < work_.tasks().size(); ++task) {
      const ObjectId& id = work_.tasks()[task].id;
      if (is_unexpected(task) && name_is_shared(id)) gone[{id.schema.view(), id.name.view()}].push_back(task);
    }
    for (std::size_t task = 0; task < work_.tasks().size(); ++task) {
      const ObjectId& id = work_.tasks()[task].id;
      if (!is_missing(task) || !name_is_shared(id)) continue;
      const auto found = gone.find({id.schema.view(), id.name.view()});
      if (found == gone.end()) continue;
      for (const std::size_t other : found->second) note_both(task, other);
    }
  }

  const Work& work_;
  const IdSet& own_;
  std::vector<Need> needs_;
};

}  // namespace

std::vector<Need> needs_between(const Work& work, const IdSet& own) { return NeedsSearch(work, own).run(); }

}  // namespace plumbline
