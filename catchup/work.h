#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "catchup/ids.h"
#include "diff/compare.h"
#include "snapshot/object.h"
#include "snapshot/scene.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// An object of either side and what has to be done with it.
struct Task {
  ObjectId id;
  std::optional<Object> actual{}, expected{};
  std::vector<std::size_t> changed{};   // attributes to alter
  std::vector<std::size_t> follows{};   // tasks whose object is set aside, and whose successor it has to use
  std::vector<std::size_t> causes{};    // tasks because of which it is dropped, freed or moved over
  std::vector<std::string> refusals{};  // what of the differences stays, for people
  bool drop = false, make = false, alter = false, release = false, finish = false;
  bool release_late = false;  // only to be held again at once: what is done to its whole reaches it before
  bool aside = false;         // put out of the way instead of being dropped at once
  bool replaced = false;      // its CREATE also removes the one that has its place
};

struct Tie {
  std::size_t other;
  Dependency::Hold hold;
  bool to_parent = false;
};

// All objects of both sides, who needs whom on which side, and what has to be done: what differs, what has to
// be made anew because of it, and what that takes along.
class Work {
 public:
  Work(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
       Scene& scene);

  const std::vector<Task>& tasks() const { return tasks_; }
  std::optional<std::size_t> find(const ObjectId& id) const;
  // What a task's object needs, on the one and on the other side.
  const std::vector<Tie>& actual_needs(std::size_t task) const { return actual_.needs[task]; }
  const std::vector<Tie>& expected_needs(std::size_t task) const { return expected_.needs[task]; }
  // Who needs it.
  const std::vector<Tie>& actual_users(std::size_t task) const { return actual_.users[task]; }
  const std::vector<Tie>& expected_users(std::size_t task) const { return expected_.users[task]; }

  // Whether it is taken out of what holds it before its parts are changed.
  bool is_freed(std::size_t task) const { return tasks_[task].release && !tasks_[task].release_late; }
  // Whether late attributes make that tie.
  bool is_late(std::size_t task, const Tie& tie) const;
  // The task whose DROP takes this one's object along; itself when it has a DROP of its own.
  std::size_t dropped_with(std::size_t task) const { return dropped_with_[task]; }
  // Whether both need each other, and the one goes with all that needs it (a type and its functions).
  bool is_made_of(std::size_t whole, std::size_t part) const;
  // The task whose CREATE makes this one's object; itself when it has a CREATE of its own.
  std::size_t made_with(std::size_t task) const;
  std::optional<std::size_t> parent(std::size_t task, bool of_expected) const;

 private:
  struct Side {
    std::vector<std::vector<Tie>> needs, users;
  };

  void add_objects(const Snapshot& snapshot, bool is_expected);
  void add_ties(const Snapshot& snapshot, Side& side, bool is_expected);
  void add_parent_ties(Side& side, bool is_expected);
  void tie(Side& side, std::size_t dependent, std::size_t referenced, Dependency::Hold hold, bool to_parent);
  void refuse_what_stays(Task& task);
  void begin(const Difference& difference);
  void remake(std::size_t task, std::size_t cause);
  void take_along();
  void take_users(std::size_t gone);
  std::set<std::size_t> holders(std::size_t task, const Side& side) const;
  bool leaves(std::size_t task) const;
  bool goes_with_its_table(std::size_t part) const;
  bool is_part(std::size_t task, const Side& side) const;
  bool survives(std::size_t user, std::size_t gone, const Tie& tie);
  void note_cause(std::size_t task, std::size_t cause);
  bool follow(std::size_t user, std::size_t gone);
  void make_room(std::size_t altered);
  void find_carriers();
  void find_replaced();
  bool is_disturbed(std::size_t task) const;
  bool holds_on(std::size_t task) const;
  std::size_t carrier(std::size_t task, int depth) const;

  Scene& scene_;
  std::unordered_map<const Kind*, std::vector<const Kind*>> parent_kinds_;
  std::unordered_map<ObjectId, std::size_t, IdHash> places_;
  std::vector<Task> tasks_;
  Side actual_, expected_;
  std::vector<std::size_t> dropped_with_;
  std::vector<bool> has_own_drop_;
  std::vector<std::size_t> gone_;  // tasks whose users have not been looked at yet
};

// Whether others of its schema cannot have the object's name.
bool name_is_shared(const ObjectId& id);

// Calls the alters that the attributes need, each once. False when one of them says that it takes a new
// object.
bool alter(const Change& change, std::span<const std::size_t> attributes, Script& out);

}  // namespace plumbline
