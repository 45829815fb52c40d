#include "catchup/member_changes.h"

#include <algorithm>

#include "snapshot/members.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

// The place of the attribute that lists the members, when nothing else that differs decides them.
std::optional<std::size_t> listing_attribute(const Difference& difference) {
  std::optional<std::size_t> listing;
  if (difference.verb != Verb::changed) return listing;
  for (const std::size_t i : difference.attributes) {
    const Attribute& attribute = difference.id.kind->attributes[i];
    if (attribute.decides_members) return std::nullopt;
    if (attribute.members) listing = i;
  }
  return listing;
}

// The members, where the usual owner has the name that it has on another server.
Snapshot with_usual_owner(const Members& members, Symbol owner) {
  Snapshot result;
  result.server_version = members.objects.server_version;
  for (std::size_t place = 0; place < members.objects.size(); ++place) {
    const Object object = members.objects[place];
    std::vector<Symbol> values(object.values().begin(), object.values().end());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (object.id().kind->attributes[i].name == "owner" && values[i] == members.usual_owner)
        values[i] = owner;
    }
    result.add(object.id(), values);
  }
  result.seal();
  return result;
}

class ChangingMembers {
 public:
  ChangingMembers(const ObjectId& extension, const Members& actual, const Members& expected)
      : extension_(extension), actual_(actual), expected_(expected) {}

  void write(MemberChanges& into, const PlanOptions& options) {
    const Snapshot want = with_usual_owner(expected_, actual_.usual_owner);
    const std::vector<Difference> differences = compare(actual_.objects, want);
    CatchUpPlan changes = plan(actual_.objects, want, differences, options);
    for (Refusal& refusal : changes.refusals)
      into.refusals.push_back({std::move(refusal.why), extension_, {extension_}});
    const IdSet dropped(changes.dropped.begin(), changes.dropped.end());
    for (const ObjectId& id : changes.dropped) list(id, false, into.leaving);
    for (PlannedStatement& statement : changes.statements) {
      const bool leaves = dropped.contains(statement.about) && !want.find(statement.about);
      statement.reasons = {extension_};
      (leaves ? into.leaving : into.rest).push_back(std::move(statement));
    }
    for (const Difference& difference : differences) {
      if (difference.verb == Verb::missing || dropped.contains(difference.id))
        list(difference.id, true, into.rest);
    }
  }

 private:
  void list(const ObjectId& id, bool add, std::vector<PlannedStatement>& out) const {
    if (!(add ? expected_ : actual_).listed.contains(id)) return;
    Script script;
    (add ? extension_.kind->take_up : extension_.kind->let_go)(extension_, id, script);
    for (const Statement& statement : script.statements())
      out.push_back({statement, extension_, {extension_}});
  }

  const ObjectId extension_;
  const Members& actual_;
  const Members& expected_;
};

const Members* members_of(const Snapshot& snapshot, const ObjectId& extension, std::size_t listing) {
  const auto found = snapshot.members.find(snapshot.find(extension)->values()[listing].view());
  return found == snapshot.members.end() ? nullptr : found->second.get();
}

}  // namespace

bool differs_in_members(const Difference& difference) { return listing_attribute(difference).has_value(); }

MemberChanges member_changes(const Snapshot& actual, const Snapshot& expected,
                             std::span<const Difference> differences, const PlanOptions& options) {
  MemberChanges changes;
  for (const Difference& difference : differences) {
    const auto listing = listing_attribute(difference);
    if (!listing) continue;
    const Members* before = members_of(actual, difference.id, *listing);
    const Members* after = members_of(expected, difference.id, *listing);
    if (before && after) {
      ChangingMembers(difference.id, *before, *after).write(changes, options);
      continue;
    }
    changes.refusals.push_back(
        {"members of " + describe(difference.id) +
             " differ, and a snapshot does not say how; compare the databases themselves",
         difference.id,
         {difference.id}});
  }
  return changes;
}

}  // namespace plumbline
