#include "diff/fold.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "diff/hash_id.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

// Attributes that hold the qualified name of what the object goes with, for snapshots without dependencies.
constexpr auto owner_attributes = std::to_array<std::string_view>({"owned_by", "partition_of"});

// The names of a qualified one, unquoted, as one key with that of an ObjectId.
std::string key_of(std::string_view schema, std::string_view parent, std::string_view name) {
  std::string key(schema);
  return key.append(1, '\0').append(parent).append(1, '\0').append(name);
}

std::string key_of(std::string_view qualified) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t at = 0; at < qualified.size(); ++at) {
    const bool doubled = quoted && qualified.substr(at, 2) == "\"\"";
    if (qualified[at] == '"' && !doubled) {
      quoted = !quoted;
    } else if (qualified[at] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += qualified[at];
      at += doubled;
    }
  }
  if (parts.size() == 2) parts.insert(parts.begin() + 1, std::string());
  return parts.size() == 3 ? key_of(parts[0], parts[1], parts[2]) : std::string();
}

using KindsByName = std::map<std::string_view, const Kind*>;

// The kinds that occur: objects of one kind stand next to each other.
void collect_kinds(const Snapshot& snapshot, KindsByName& kinds) {
  const Kind* last = nullptr;
  for (std::size_t place = 0; place < snapshot.size(); ++place) {
    const Kind* kind = snapshot[place].id().kind;
    if (kind != last) kinds.emplace(kind->name, kind);
    last = kind;
  }
}

class Folding {
 public:
  Folding(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences)
      : actual_(actual), expected_(expected), differences_(differences) {
    collect_kinds(actual, kinds_);
    collect_kinds(expected, kinds_);
    for (const Difference& difference : differences) index(difference);
    for (const Difference& difference : differences) index_owner(difference);
    for (const Dependency& edge : expected.dependencies()) index(edge, Verb::missing);
    for (const Dependency& edge : actual.dependencies()) index(edge, Verb::unexpected);
  }

  std::vector<Fold> run() {
    for (const Difference& difference : differences_) place(difference);
    std::ranges::sort(folds_, [](const Fold& a, const Fold& b) { return a.id < b.id; });
    return std::move(folds_);
  }

 private:
  // A parent is named without its own parent, so it is looked up without it.
  static ObjectId without_parent(const ObjectId& id) { return {id.kind, id.schema, {}, id.name}; }

  void index(const Difference& difference) {
    if (difference.verb != Verb::changed) whole_.emplace(without_parent(difference.id), &difference);
  }

  const Snapshot& side(Verb verb) const { return verb == Verb::missing ? expected_ : actual_; }

  void index_owner(const Difference& difference) {
    const std::span<const Attribute> attributes = difference.id.kind->attributes;
    if (difference.verb == Verb::changed) return;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (std::ranges::find(owner_attributes, attributes[i].name) == owner_attributes.end()) continue;
      const auto object = side(difference.verb).find(difference.id);
      const std::string_view owner = object ? object->values()[i].view() : std::string_view();
      const Difference* found = owner.empty() ? nullptr : find_by_text(owner, difference.verb);
      if (found != nullptr && found != &difference) went_with_.emplace(&difference, found);
    }
  }

  const Difference* find_by_text(std::string_view qualified, Verb verb) {
    if (by_text_.empty()) {
      for (const auto& [id, whole] : whole_) {
        const ObjectId& full = whole->id;
        // A column's default has the column's name, but it is the column that owns.
        if (!full.kind->reported_as.empty()) continue;
        by_text_.emplace(key_of(full.schema.view(), full.parent.view(), full.name.view()), whole);
      }
    }
    const auto [first, last] = by_text_.equal_range(key_of(qualified));
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second->verb == verb; });
    return found == last ? nullptr : found->second;
  }

  // Of what goes with the DROP of something else, only what has gone with one is of interest.
  void index(const Dependency& edge, Verb verb) {
    if (edge.hold == Dependency::Hold::normal) return;
    const Difference* dependent = find_whole(edge.dependent, verb);
    const Difference* referenced = find_whole(edge.referenced, verb);
    if (dependent == nullptr || referenced == nullptr || dependent == referenced) return;
    // An index on a column that somebody added was added by somebody too; a sequence came with its column.
    if (verb == Verb::unexpected && !edge.dependent.parent.empty()) return;
    went_with_.emplace(dependent, referenced);
  }

  const Difference* find_whole(const ObjectId& id, Verb verb) const {
    const auto [first, last] = whole_.equal_range(without_parent(id));
    const auto found = std::find_if(
        first, last, [&](const auto& entry) { return entry.second->verb == verb && entry.second->id == id; });
    return found == last ? nullptr : found->second;
  }

  // The missing or unexpected object of that name, best one with the same verb: a table that was replaced by
  // a view is both.
  const Difference* find_named(const Difference& child, const ObjectId& id, bool exact) const {
    const auto [first, last] = whole_.equal_range(without_parent(id));
    const Difference* best = nullptr;
    for (auto at = first; at != last; ++at) {
      if (at->second == &child || (exact && at->second->id.parent != id.parent)) continue;
      if (best == nullptr || at->second->verb == child.verb) best = at->second;
    }
    return best;
  }

  const Kind* kind_named(std::string_view name) const {
    const auto found = kinds_.find(name);
    return found == kinds_.end() ? nullptr : found->second;
  }

  // What all objects with a schema live in.
  const Kind* namespace_kind() const {
    const auto found =
        std::ranges::find_if(kinds_, [](const auto& named) { return named.second->is_namespace; });
    return found == kinds_.end() ? nullptr : found->second;
  }

  // The ids its parent may have. What is told as an attribute has its parent's whole identity.
  std::vector<ObjectId> possible_parents(const ObjectId& id) const {
    std::vector<ObjectId> parents;
    const bool attribute = !id.kind->reported_as.empty();
    if (!attribute && id.parent.empty()) return parents;
    for (const std::string& name : split(id.kind->parent_kinds, ' ')) {
      const Kind* kind = kind_named(name);
      if (kind == nullptr) continue;
      parents.push_back(attribute ? ObjectId{kind, id.schema, id.parent, id.name}
                                  : ObjectId{kind, id.schema, {}, id.parent});
    }
    return parents;
  }

  const Difference* owner(const Difference& child) const {
    const bool exact = !child.id.kind->reported_as.empty();
    for (const ObjectId& parent : possible_parents(child.id)) {
      if (const Difference* found = find_named(child, parent, exact)) return found;
    }
    const Kind* schema = namespace_kind();
    if (schema != nullptr && !child.id.schema.empty()) {
      if (const Difference* found = find_named(child, {schema, {}, {}, child.id.schema}, false)) return found;
    }
    const auto found = went_with_.find(&child);
    return found == went_with_.end() ? nullptr : found->second;
  }

  // The object that takes all others along. Dependencies may run in a circle: then each stands for itself.
  const Difference* topmost(const Difference& difference) const {
    const Difference* top = &difference;
    for (int step = 0; step < 16; ++step) {
      const Difference* next = owner(*top);
      if (next == nullptr) return top;
      top = next;
    }
    return &difference;
  }

  std::optional<ObjectId> told_as_attribute_of(const ObjectId& id) const {
    if (id.kind->reported_as.empty()) return std::nullopt;
    for (const ObjectId& parent : possible_parents(id)) {
      if (actual_.find(parent) && expected_.find(parent)) return parent;
    }
    return std::nullopt;
  }

  void place(const Difference& difference) {
    const Difference* top = topmost(difference);
    if (top != &difference) {
      at(top->id).implied.push_back(&difference);
    } else if (const auto parent = told_as_attribute_of(difference.id)) {
      at(*parent).parts.push_back(&difference);
    } else {
      at(difference.id).head = &difference;
    }
  }

  Fold& at(const ObjectId& id) {
    const auto [found, added] = places_.emplace(id, folds_.size());
    if (added) folds_.push_back({id, nullptr, {}, {}});
    return folds_[found->second];
  }

  const Snapshot& actual_;
  const Snapshot& expected_;
  std::span<const Difference> differences_;
  KindsByName kinds_;
  std::unordered_multimap<ObjectId, const Difference*, HashId> whole_;
  std::unordered_multimap<std::string, const Difference*> by_text_;
  std::unordered_map<const Difference*, const Difference*> went_with_;
  std::unordered_map<ObjectId, std::size_t, HashId> places_;
  std::vector<Fold> folds_;
};

}  // namespace

std::vector<Fold> fold(const Snapshot& actual, const Snapshot& expected,
                       std::span<const Difference> differences) {
  if (differences.empty()) return {};
  return Folding(actual, expected, differences).run();
}

}  // namespace plumbline
