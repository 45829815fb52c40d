#include "catchup/work.h"

#include <algorithm>

#include "postgres/text.h"
#include "snapshot/kinds.h"

namespace plumbline {

namespace {

using Hold = Dependency::Hold;
using Verb = Difference::Verb;

}  // namespace

bool name_is_shared(const ObjectId& id) {
  return id.kind->identity.name_tells || id.kind->parent_kinds.empty();
}

bool alter(const Change& change, std::span<const std::size_t> attributes, Script& out) {
  std::vector<bool (*)(const Change&, Script&)> called;
  for (const std::size_t i : attributes) {
    const Attribute& attribute = change.expected.id().kind->attributes[i];
    if (!attribute.alter) {
      if (change.actual) return false;
      continue;  // CREATE wrote it
    }
    if (std::ranges::find(called, attribute.alter) != called.end()) continue;
    called.push_back(attribute.alter);
    if (!attribute.alter(change, out)) return false;
  }
  return true;
}

Work::Work(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
           Scene& scene)
    : scene_(scene) {
  for (const Kind* kind : all_kinds()) {
    for (const std::string& name : split(kind->parent_kinds, ' ')) {
      if (const Kind* above = find_kind(name)) parent_kinds_[kind].push_back(above);
    }
  }
  const std::size_t most = std::max(actual.size(), expected.size());
  places_.reserve(most + most / 8);
  tasks_.reserve(most + most / 8);
  add_objects(actual, false);
  add_objects(expected, true);
  for (Side* side : {&actual_, &expected_}) {
    side->needs.resize(tasks_.size());
    side->users.resize(tasks_.size());
  }
  add_ties(actual, actual_, false);
  add_ties(expected, expected_, true);
  for (const Difference& difference : differences) begin(difference);
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    const Task& both = tasks_[task];
    if (both.actual && both.expected && is_part(task, actual_) != is_part(task, expected_))
      remake(task, task);
  }
  take_along();
  find_carriers();
  find_replaced();
}

std::optional<std::size_t> Work::find(const ObjectId& id) const {
  const auto found = places_.find(id);
  return found != places_.end() ? std::optional(found->second) : std::nullopt;
}

void Work::add_objects(const Snapshot& snapshot, bool is_expected) {
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Object object = snapshot[place];
    const auto [found, is_new] = places_.emplace(object.id(), tasks_.size());
    if (is_new) tasks_.push_back({.id = object.id()});
    (is_expected ? tasks_[found->second].expected : tasks_[found->second].actual).emplace(object);
  }
}

void Work::tie(Side& side, std::size_t dependent, std::size_t referenced, Hold hold, bool to_parent) {
  if (dependent == referenced) return;
  side.needs[dependent].push_back({referenced, hold, to_parent});
  side.users[referenced].push_back({dependent, hold, to_parent});
}

void Work::add_ties(const Snapshot& snapshot, Side& side, bool is_expected) {
  for (const Dependency& dependency : snapshot.dependencies()) {
    const auto dependent = find(dependency.dependent), referenced = find(dependency.referenced);
    if (dependent && referenced) tie(side, *dependent, *referenced, dependency.hold, false);
  }
  if (snapshot.dependencies().empty()) {
    for (std::size_t place = 0; place < snapshot.size(); ++place) {
      const Object part = snapshot[place];
      const auto whole = part.id().kind->part_of ? part.id().kind->part_of(part, snapshot) : std::nullopt;
      if (whole && find(*whole)) tie(side, *find(part.id()), *find(*whole), Hold::internal, false);
    }
  }
  add_parent_ties(side, is_expected);
}

std::optional<std::size_t> Work::parent(std::size_t task, bool of_expected) const {
  const ObjectId& id = tasks_[task].id;
  const auto kinds = parent_kinds_.find(id.kind);
  if (kinds == parent_kinds_.end()) return std::nullopt;
  for (const Kind* kind : kinds->second) {
    // A default is named as its column is.
    const bool same_name = !kind->parent_kinds.empty();
    const auto found = find(same_name ? ObjectId{kind, id.schema, id.parent, id.name}
                                      : ObjectId{kind, id.schema, {}, id.parent});
    if (found && (of_expected ? tasks_[*found].expected : tasks_[*found].actual)) return found;
  }
  return std::nullopt;
}

// What pg_depend leaves out because it is plain: a part needs its whole, and everything its schema.
void Work::add_parent_ties(Side& side, bool is_expected) {
  const auto schema = std::ranges::find_if(all_kinds(), [](const Kind* kind) { return kind->is_namespace; });
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    if (!(is_expected ? tasks_[task].expected : tasks_[task].actual)) continue;
    if (const auto above = parent(task, is_expected)) {
      const auto& needs = side.needs[task];
      const auto to_above = [&](const Tie& need) { return need.other == *above; };
      const bool told = std::ranges::any_of(needs, to_above);
      const bool goes_along = std::ranges::any_of(
          needs, [&](const Tie& need) { return to_above(need) && need.hold != Hold::normal; });
      tie(side, task, *above, told && !goes_along ? Hold::normal : Hold::automatic, true);
    } else if (const auto home = find({*schema, {}, {}, tasks_[task].id.schema})) {
      tie(side, task, *home, Hold::normal, false);
    }
  }
}

// What no statement of ours changes is left as it is: nothing makes room for it.
void Work::refuse_what_stays(Task& task) {
  const Kind& kind = *task.id.kind;
  std::erase_if(task.changed, [&](std::size_t i) {
    const Attribute& attribute = kind.attributes[i];
    Script rehearsal;
    if (attribute.alter) {
      attribute.alter({task.actual, *task.expected, scene_}, rehearsal);
    } else if (kind.holds_rows && !attribute.remakes) {
      rehearsal.cannot("nothing changes \"" + std::string(attribute.name) + "\" of " + describe(task.id) +
                       " without losing what it holds; do it by hand");
    }
    if (!rehearsal.refuses() || !rehearsal.empty()) return false;
    for (const std::string& refusal : rehearsal.refusals()) {
      if (std::ranges::find(task.refusals, refusal) == task.refusals.end()) task.refusals.push_back(refusal);
    }
    return true;
  });
}

void Work::begin(const Difference& difference) {
  const auto place = find(difference.id);
  if (!place) return;
  Task& task = tasks_[*place];
  if (difference.verb == Verb::missing) {
    task.make = task.finish = true;
  } else if (difference.verb == Verb::unexpected) {
    task.drop = true;
    gone_.push_back(*place);
  } else {
    Script rehearsal;
    task.changed = difference.attributes;
    refuse_what_stays(task);
    if (task.changed.empty()) return;
    if (!alter({task.actual, *task.expected, scene_}, task.changed, rehearsal)) return remake(*place, *place);
    task.alter = task.finish = true;
    if (!task.id.kind->release) return;
    const auto attributes = task.id.kind->attributes;
    const auto any = [&](bool Attribute::*flag) {
      return std::ranges::any_of(task.changed, [&](std::size_t i) { return attributes[i].*flag; });
    };
    const bool moves = any(&Attribute::lets_go) || holders(*place, actual_) != holders(*place, expected_);
    task.release_late = !moves && any(&Attribute::set_anew);
    task.release = moves || task.release_late;
  }
}

// What late attributes tie the object to.
std::set<std::size_t> Work::holders(std::size_t task, const Side& side) const {
  std::set<std::size_t> result;
  for (const Tie& need : side.needs[task]) {
    if (is_late(task, need)) result.insert(need.other);
  }
  return result;
}

bool Work::is_part(std::size_t task, const Side& side) const {
  return std::ranges::any_of(side.needs[task], [](const Tie& need) { return need.hold == Hold::internal; });
}

void Work::note_cause(std::size_t task, std::size_t cause) {
  std::vector<std::size_t>& causes = tasks_[task].causes;
  if (task != cause && std::ranges::find(causes, cause) == causes.end()) causes.push_back(cause);
}

void Work::remake(std::size_t place, std::size_t cause) {
  Task& task = tasks_[place];
  note_cause(place, cause);
  if (task.drop) return;
  task.drop = true;
  task.alter = task.release = task.release_late = false;
  task.make = task.finish = task.expected.has_value();
  gone_.push_back(place);
}

void Work::take_along() {
  std::vector<std::size_t> altered;
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    if (tasks_[task].alter) altered.push_back(task);
  }
  for (const std::size_t task : altered) {
    const auto attributes = tasks_[task].id.kind->attributes;
    if (std::ranges::any_of(tasks_[task].changed,
                            [&](std::size_t i) { return attributes[i].rebuilds_dependents; })) {
      make_room(task);
    }
  }
  while (!gone_.empty()) {
    const std::size_t task = gone_.back();
    gone_.pop_back();
    take_users(task);
  }
}

// What uses the object and would refuse its ALTER.
void Work::make_room(std::size_t altered) {
  for (const Tie& user : actual_.users[altered]) {
    const Task& task = tasks_[user.other];
    if (task.id.kind->blocks_alter && task.id.kind->blocks_alter(*task.actual)) remake(user.other, altered);
  }
}

void Work::take_users(std::size_t gone) {
  Task& task = tasks_[gone];
  if (task.make && task.id.kind->set_aside) {
    Script rename, remove;
    task.aside = task.id.kind->set_aside(*task.actual, rename, remove) &&
                 std::ranges::any_of(actual_.users[gone],
                                     [&](const Tie& user) { return tasks_[user.other].id.kind->follow; });
  }
  const bool part = task.id.kind->is_inseparable &&
                    task.id.kind->is_inseparable(task.expected ? *task.expected : *task.actual);
  if (const auto above = parent(gone, false); part && above) remake(*above, gone);
  // A part that is to be made anew is made by its whole.
  for (const Tie& tie : actual_.needs[gone]) {
    if (tie.hold == Hold::internal && is_part(gone, expected_) && tasks_[tie.other].expected)
      remake(tie.other, gone);
  }
  if (task.id.kind->parts_first && !goes_with_its_table(gone)) {
    for (const Tie& tie : actual_.needs[gone]) {
      if (tie.hold == Hold::partition && tasks_[tie.other].id.kind == task.id.kind) remake(tie.other, gone);
    }
  }
  const std::vector<Tie> users = actual_.users[gone];
  for (const Tie& user : users) {
    if (!tasks_[user.other].drop && !survives(user.other, gone, user)) remake(user.other, gone);
  }
}

// Whether what a partition has of a partitioned table's is freed from it with the partition; else it goes
// with the whole only.
bool Work::goes_with_its_table(std::size_t part) const {
  const auto above = parent(part, false);
  return above && (tasks_[*above].drop || holders(*above, actual_) != holders(*above, expected_));
}

bool Work::is_late(std::size_t task, const Tie& tie) const {
  return tasks_[task].id.kind->held_late && tie.hold == Hold::automatic && !tie.to_parent &&
         !(parent(task, true) == tie.other || parent(task, false) == tie.other);
}

// Whether a user of an object that goes can stay.
bool Work::survives(std::size_t user, std::size_t gone, const Tie& tie) {
  Task& task = tasks_[user];
  if (!task.expected) return false;
  if (is_late(user, tie) && task.id.kind->release) {
    task.release = task.finish = true;
    note_cause(user, gone);
    task.release_late = false;
    return true;
  }
  if (tie.hold == Hold::partition && leaves(user)) {
    task.finish = true;
    note_cause(user, gone);
    return true;
  }
  if (follow(user, gone)) return true;
  if (tie.hold != Hold::normal || !task.alter) return false;
  return std::ranges::none_of(expected_.needs[user], [&](const Tie& need) { return need.other == gone; });
}

// Whether what the object is a part of is freed from what goes: the part is its own then.
bool Work::leaves(std::size_t task) const {
  const auto whole = parent(task, false);
  if (!whole || !tasks_[*whole].expected || tasks_[*whole].drop || !tasks_[*whole].id.kind->release)
    return false;
  return std::ranges::any_of(actual_.needs[*whole],
                             [&](const Tie& tie) { return is_late(*whole, tie) && tasks_[tie.other].drop; });
}

bool Work::follow(std::size_t user, std::size_t gone) {
  Task& task = tasks_[user];
  if (!tasks_[gone].aside || !task.id.kind->follow) return false;
  Script rehearsal;
  if (!task.id.kind->follow({task.actual, *task.expected, scene_}, tasks_[gone].id, rehearsal)) return false;
  task.follows.push_back(gone);
  note_cause(user, gone);
  task.alter = task.finish = true;
  make_room(user);
  return true;
}

}  // namespace plumbline
