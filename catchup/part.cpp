#include "catchup/part.h"

#include <map>
#include <utility>
#include <vector>

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;

class Part {
 public:
  explicit Part(const Work& work)
      : work_(work), affected_(work.tasks().size()), there_(work.tasks().size()) {}

  IdSet run() {
    for (std::size_t task = 0; task < work_.tasks().size(); ++task) {
      if (is_touched(task) && is_adrift(task)) return everything();
      if (is_touched(task)) affect(task);
      if (!work_.tasks()[task].refusals.empty()) include(task);
      if (work_.tasks()[task].id.kind->shapes_others) include(task);
    }
    spread();
    complete();
    IdSet result;
    for (std::size_t task = 0; task < there_.size(); ++task) {
      if (there_[task]) result.insert(work_.tasks()[task].id);
    }
    return result;
  }

 private:
  bool is_touched(std::size_t place) const {
    const Task& task = work_.tasks()[place];
    return task.drop || task.make || task.alter || task.release || task.finish;
  }

  // What stands for a remark about another object: pg_depend does not know it, so nobody knows what it needs.
  bool is_adrift(std::size_t place) const {
    return work_.tasks()[place].id.kind->address.catalog == "pg_description";
  }

  IdSet everything() const {
    IdSet result;
    for (const Task& task : work_.tasks()) result.insert(task.id);
    return result;
  }

  void affect(std::size_t task) {
    if (affected_[task]) return;
    affected_[task] = true;
    spreading_.push_back(task);
    include(task);
  }

  void include(std::size_t task) {
    if (there_[task]) return;
    there_[task] = true;
    incomplete_.push_back(task);
  }

  // To the users of what is touched, and to the other parts of its whole.
  void spread() {
    for (std::size_t next = 0; next < spreading_.size(); ++next) {
      const std::size_t task = spreading_[next];
      const Task& here = work_.tasks()[task];
      if (here.id.kind->is_namespace && !here.drop && !here.make) continue;
      for (const auto* users : {&work_.actual_users(task), &work_.expected_users(task)}) {
        for (const Tie& user : *users) affect(user.other);
      }
      if (is_touched(task)) include_whole(task);
    }
  }

  void include_whole(std::size_t task) {
    for (const bool of_expected : {false, true}) {
      std::size_t top = task;
      while (const auto above = work_.parent(top, of_expected)) top = *above;
      if (top != task) include_parts(top);
    }
  }

  void include_parts(std::size_t whole) {
    include(whole);
    for (const auto* users : {&work_.actual_users(whole), &work_.expected_users(whole)}) {
      for (const Tie& user : *users) {
        if (user.to_parent && !there_[user.other]) include_parts(user.other);
      }
    }
  }

  // With all that is needed, and what the CREATE of a whole writes along.
  void complete() {
    for (std::size_t next = 0; next < incomplete_.size(); ++next) {
      const std::size_t task = incomplete_[next];
      for (const auto* needs : {&work_.actual_needs(task), &work_.expected_needs(task)}) {
        for (const Tie& need : *needs) {
          include(need.other);
          // A parent table hands on what is its own.
          if (work_.tasks()[task].id.kind->held_late && same_kind(task, need.other))
            include_parts(need.other);
        }
      }
      if (work_.tasks()[task].id.kind->parts_first) include_children(task);
      for (const auto* users : {&work_.actual_users(task), &work_.expected_users(task)}) {
        for (const Tie& user : *users) {
          if (goes_along(user) || (user.hold == Hold::partition && same_kind(task, user.other)))
            include(user.other);
        }
      }
    }
  }

  bool same_kind(std::size_t one, std::size_t other) const {
    return work_.tasks()[one].id.kind == work_.tasks()[other].id.kind;
  }

  // An index of a partitioned table is what its partitions make of it.
  void include_children(std::size_t part) {
    for (const bool of_expected : {false, true}) {
      const auto owner = work_.parent(part, of_expected);
      if (!owner) continue;
      for (const Tie& user : of_expected ? work_.expected_users(*owner) : work_.actual_users(*owner)) {
        if (same_kind(*owner, user.other)) include(user.other);
      }
    }
  }

  bool goes_along(const Tie& user) const {
    const Task& task = work_.tasks()[user.other];
    const Kind& kind = *task.id.kind;
    if (user.hold == Hold::internal || (user.to_parent && kind.created_by_parent)) return true;
    return user.to_parent && kind.is_inseparable &&
           kind.is_inseparable(task.expected ? *task.expected : *task.actual);
  }

  const Work& work_;
  std::vector<bool> affected_, there_;
  std::vector<std::size_t> spreading_, incomplete_;
};

}  // namespace

IdSet with_users(const Snapshot& snapshot, IdSet objects) {
  std::unordered_multimap<ObjectId, ObjectId, IdHash> users;
  for (const Dependency& edge : snapshot.dependencies()) users.emplace(edge.referenced, edge.dependent);
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const ObjectId& id = snapshot.id(place);
    if (id.parent.empty()) continue;
    for (const std::string& name : split(id.kind->parent_kinds, ' ')) {
      if (const Kind* kind = find_kind(name)) users.emplace(ObjectId{kind, id.schema, {}, id.parent}, id);
    }
  }
  std::vector<ObjectId> open(objects.begin(), objects.end());
  while (!open.empty()) {
    const auto [first, last] = users.equal_range(open.back());
    open.pop_back();
    for (auto user = first; user != last; ++user) {
      if (objects.insert(user->second).second) open.push_back(user->second);
    }
  }
  return objects;
}

IdSet part_of(const Work& work) { return Part(work).run(); }

}  // namespace plumbline
