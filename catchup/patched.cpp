#include "catchup/patched.h"

#include <unordered_map>

namespace plumbline {

namespace {

using Verb = Difference::Verb;

class Patching {
 public:
  Patching(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences)
      : actual_(actual), expected_(expected) {
    for (const Difference& difference : differences) differences_.emplace(difference.id, &difference);
  }

  Snapshot run() {
    result_.server_version = actual_.server_version;
    result_.unreadable = actual_.unreadable;
    result_.members = actual_.members;
    result_.members.insert(expected_.members.begin(), expected_.members.end());
    for (std::size_t place = 0; place < actual_.size(); ++place) add(actual_[place]);
    for (const auto& [id, difference] : differences_) {
      if (difference->verb == Verb::missing) take(*expected_.find(id));
    }
    result_.seal();
    note_new_surroundings(actual_);
    note_new_surroundings(expected_);
    add_dependencies(actual_, false);
    add_dependencies(expected_, true);
    return std::move(result_);
  }

 private:
  const Difference* difference_of(const ObjectId& id) const {
    const auto found = differences_.find(id);
    return found == differences_.end() ? nullptr : found->second;
  }

  void add(const Object& object) {
    const Difference* difference = difference_of(object.id());
    if (difference && difference->verb != Verb::changed) return;
    const auto other = expected_.find(object.id());
    if (!other) return take(object);
    std::vector<Symbol> values(object.values().begin(), object.values().end());
    for (std::size_t i = 0; i < values.size(); ++i) {
      // What both have is in the same order: what comes goes where the expected side has it.
      const bool is_order = object.id().kind->attributes[i].form == Form::order;
      if (is_order && same_order(values[i].view(), other->values()[i].view())) values[i] = other->values()[i];
    }
    if (difference) {
      for (const std::size_t i : difference->attributes) values[i] = other->values()[i];
    }
    there_.insert(object.id());
    result_.add(object.id(), values);
  }

  void take(const Object& object) {
    there_.insert(object.id());
    result_.add(object.id(), object.values());
  }

  // What is alike on both sides needs on the expected one what it will need, when that is changed (a column
  // that becomes an identity column takes its sequence as a part).
  void note_new_surroundings(const Snapshot& side) {
    for (const Dependency& dependency : side.dependencies()) {
      if (difference_of(dependency.referenced) && !difference_of(dependency.dependent) &&
          actual_.find(dependency.dependent) && expected_.find(dependency.dependent))
        in_new_surroundings_.insert(dependency.dependent);
    }
  }

  // What needs something is as one side has it, and needs what it needs there.
  void add_dependencies(const Snapshot& side, bool is_expected) {
    for (const Dependency& dependency : side.dependencies()) {
      const bool differs =
          difference_of(dependency.dependent) || in_new_surroundings_.contains(dependency.dependent);
      if (differs == is_expected && there_.contains(dependency.dependent) &&
          there_.contains(dependency.referenced))
        result_.add_dependency(dependency);
    }
  }

  const Snapshot& actual_;
  const Snapshot& expected_;
  std::unordered_map<ObjectId, const Difference*, IdHash> differences_;
  IdSet there_, in_new_surroundings_;
  Snapshot result_;
};

}  // namespace

Snapshot patched(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences) {
  return Patching(actual, expected, differences).run();
}

std::vector<Difference> turned_round(std::span<const Difference> differences) {
  std::vector<Difference> result(differences.begin(), differences.end());
  for (Difference& difference : result) {
    if (difference.verb == Verb::changed) continue;
    difference.verb = difference.verb == Verb::missing ? Verb::unexpected : Verb::missing;
  }
  return result;
}

Snapshot restricted(const Snapshot& snapshot, const IdSet& objects) {
  Snapshot result;
  result.server_version = snapshot.server_version;
  result.unreadable = snapshot.unreadable;
  result.members = snapshot.members;
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Object object = snapshot[place];
    if (objects.contains(object.id())) result.add(object.id(), object.values());
  }
  result.seal();
  for (const Dependency& dependency : snapshot.dependencies()) {
    if (objects.contains(dependency.dependent) && objects.contains(dependency.referenced))
      result.add_dependency(dependency);
  }
  return result;
}

}  // namespace plumbline
