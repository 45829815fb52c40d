#include "diff/rename.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "diff/shape.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;
using Ids = std::vector<ObjectId>;

// From how much of it being the same on something that holds rows is suspected.
constexpr double suspicious = 0.5;
// With more pairs in one place than this only those are looked at whose shapes are equal.
constexpr std::size_t most_pairs = 1'000'000;

struct Resemblance {
  int rank = 0;  // 0: none
  std::string why;
  bool likely = false;
};

struct Group {
  Ids missing, unexpected;
};
// Kind, schema, parent, name: those that a rename leaves as they are.
using Place = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
using Groups = std::map<Place, Group>;

ObjectId without_kind(const ObjectId& id) { return {nullptr, id.schema, id.parent, id.name}; }

class Suspicion {
 public:
  Suspicion(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
            const Snapshot* previous)
      : actual_(actual),
        expected_(expected),
        previous_(previous),
        missing_shapes_(expected, differences, Verb::missing),
        unexpected_shapes_(actual, differences, Verb::unexpected) {
    for (const Difference& difference : differences) {
      const Kind& kind = *difference.id.kind;
      if (difference.verb == Verb::changed || !kind.has_rename || kind.keyword.empty()) continue;
      (difference.verb == Verb::missing ? missing_ : unexpected_).push_back(difference.id);
    }
    unexpected_ids_.insert(unexpected_.begin(), unexpected_.end());
    collect_ordered(actual);
    collect_ordered(expected);
  }

  std::vector<SuspectedRename> run() {
    if (previous_ != nullptr) take_known();
    const auto is_schema = [](const ObjectId& id) { return id.kind->is_namespace; };
    const auto is_outer = [&](const ObjectId& id) { return !is_schema(id) && id.parent.empty(); };
    const auto is_part = [](const ObjectId& id) { return !id.parent.empty(); };
    match(is_schema, [](const ObjectId& id) { return place(id, {}); });
    match(is_outer, [](const ObjectId& id) { return place(id, {}); });
    match(is_outer, [](const ObjectId& id) { return Place{id.kind->name, {}, {}, id.name.view()}; });
    match(
        is_outer,
        [](const ObjectId& id) {
          return Place{id.kind->name, {}, {}, {}};
        },
        true);
    match(is_part, [](const ObjectId& id) { return place(id, {}); });
    std::ranges::sort(found_, [](const SuspectedRename& a, const SuspectedRename& b) {
      return a.missing == b.missing ? a.unexpected < b.unexpected : a.missing < b.missing;
    });
    return std::move(found_);
  }

 private:
  // By kind and address.
  using Addresses = std::map<std::pair<const Kind*, OidAddress>, ObjectId>;

  void take_known() {
    Addresses before;
    for (std::size_t place = 0; place < previous_->size(); ++place) {
      const OidAddress address = previous_->address(place);
      if (address.oid == 0) continue;
      before.emplace(std::pair(previous_->id(place).kind, address), previous_->id(place));
      address_before_.emplace(previous_->id(place), address);
    }
    const std::unordered_set<ObjectId, HashId> gone(missing_.begin(), missing_.end());
    for (std::size_t place = 0; place < actual_.size(); ++place) {
      const ObjectId& id = actual_.id(place);
      if (!unexpected_ids_.contains(id)) continue;
      address_now_.emplace(id, actual_.address(place));
      const auto was = before.find({id.kind, actual_.address(place)});
      if (was == before.end() || was->second == id || !gone.contains(was->second)) continue;
      known_.emplace_back(was->second, id);
    }
    for (const auto& [missing, unexpected] : known_) {
      if (missing.parent.empty()) keep_known(missing, unexpected);
    }
    for (const auto& [missing, unexpected] : known_) {
      if (!missing.parent.empty()) keep_known(missing, unexpected);
    }
  }

  // What moved along with its parent has the same OID, too.
  void keep_known(const ObjectId& missing, const ObjectId& unexpected) {
    taken_.insert(missing);
    taken_.insert(unexpected);
    if (moved(missing) == unexpected) return;
    found_.push_back({missing, unexpected, "same OID as in the previous snapshot", false, true, true});
    if (missing.parent.empty()) now_.emplace(without_kind(missing), unexpected);
  }

  // Two objects at the time of the previous snapshot, or a new one beside one that was there.
  bool is_known_not_to_be(const ObjectId& missing, const ObjectId& unexpected) const {
    const auto before = address_before_.find(missing);
    const auto now = address_now_.find(unexpected);
    return before != address_before_.end() && now != address_now_.end() && !(before->second == now->second);
  }

  static Place place(const ObjectId& id, std::string_view name) {
    return {id.kind->name, id.schema.view(), id.parent.view(), name};
  }

  // Where a missing object would be if what holds it has the name that it is suspected to have now.
  ObjectId moved(const ObjectId& id) const {
    ObjectId result = id;
    if (!id.parent.empty()) {
      const auto parent = now_.find({nullptr, id.schema, {}, id.parent});
      if (parent != now_.end()) {
        result.schema = parent->second.schema;
        result.parent = parent->second.name;
        return result;
      }
    }
    const auto schema = now_.find({nullptr, {}, {}, id.schema});
    if (schema != now_.end()) result.schema = schema->second.name;
    return result;
  }

  template <typename Chosen, typename PlaceOf>
  void match(Chosen chosen, PlaceOf place_of, bool equal_only = false) {
    Groups groups;
    for (const ObjectId& id : missing_) {
      if (taken_.contains(id) || !chosen(id)) continue;
      const ObjectId there = moved(id);
      if (!(there == id) && unexpected_ids_.contains(there)) {  // went along with what holds it
        taken_.insert(id);
        taken_.insert(there);
        continue;
      }
      groups[place_of(there)].missing.push_back(id);
    }
    for (const ObjectId& id : unexpected_) {
      if (!taken_.contains(id) && chosen(id)) groups[place_of(id)].unexpected.push_back(id);
    }
    for (const auto& [place, group] : groups) {
      if (!group.missing.empty() && !group.unexpected.empty()) match(group, equal_only);
    }
  }

  struct Pair {
    const ObjectId* missing;
    const ObjectId* unexpected;
    Resemblance resemblance;
  };

  void match(const Group& group, bool equal_only) {
    std::vector<Pair> pairs;
    const bool many = group.missing.size() > most_pairs / group.unexpected.size();
    if (many || equal_only) {
      add_equal(group, equal_only, pairs);
    } else {
      add_alike(group, pairs);
    }
    std::ranges::stable_sort(pairs, std::greater<>(), [](const Pair& one) { return one.resemblance.rank; });
    for (auto at = pairs.begin(); at != pairs.end();) {
      const auto end = std::find_if(
          at, pairs.end(), [&](const Pair& one) { return one.resemblance.rank != at->resemblance.rank; });
      take(std::span(at, end));
      at = end;
    }
  }

  void add_alike(const Group& group, std::vector<Pair>& pairs) {
    for (const ObjectId& missing : group.missing) {
      for (const ObjectId& unexpected : group.unexpected) {
        Resemblance resemblance = compare_pair(missing, unexpected);
        if (resemblance.rank > 0) pairs.push_back({&missing, &unexpected, std::move(resemblance)});
      }
    }
  }

  // `told_apart`: only what has something to be known by.
  void add_equal(const Group& group, bool told_apart, std::vector<Pair>& pairs) {
    std::multimap<std::string_view, const ObjectId*> by_shape;
    for (const ObjectId& id : group.unexpected) {
      const Shape& shape = unexpected_shapes_.of(id);
      if (!told_apart || shape.features.size() > 1) by_shape.emplace(shape.nameless, &id);
    }
    for (const ObjectId& id : group.missing) {
      const Shape& shape = missing_shapes_.of(id);
      const auto [first, last] = by_shape.equal_range(shape.nameless);
      for (auto at = first; at != last; ++at) {
        if (!is_known_not_to_be(id, *at->second))
          pairs.push_back({&id, at->second, {1, "equal but for the name", !shape.features.empty()}});
      }
    }
  }

  // Pairs of one rank. What a better pair has is free no more.
  void take(std::span<const Pair> pairs) {
    std::unordered_map<ObjectId, int, HashId> uses;
    std::vector<const Pair*> free;
    for (const Pair& pair : pairs) {
      if (taken_.contains(*pair.missing) || taken_.contains(*pair.unexpected)) continue;
      free.push_back(&pair);
      ++uses[*pair.missing];
      ++uses[*pair.unexpected];
    }
    for (const Pair* pair : free) {
      const bool ambiguous = uses[*pair->missing] > 1 || uses[*pair->unexpected] > 1;
      found_.push_back({*pair->missing, *pair->unexpected, pair->resemblance.why, ambiguous, false,
                        pair->resemblance.likely});
      taken_.insert(*pair->missing);
      taken_.insert(*pair->unexpected);
      const bool holds_others = pair->missing->kind->is_namespace || !pair->missing->schema.empty();
      if (!ambiguous && holds_others) now_.emplace(without_kind(*pair->missing), *pair->unexpected);
    }
  }

  Resemblance compare_pair(const ObjectId& missing, const ObjectId& unexpected) {
    if (is_known_not_to_be(missing, unexpected)) return {};
    const Shape &promised = missing_shapes_.of(missing), &live = unexpected_shapes_.of(unexpected);
    const bool equal = equal_but_for_name(promised, live);
    const Kind& kind = *missing.kind;
    if (kind.part_of_parent) return compare_parts(missing, unexpected, equal);
    if (equal) return {100, "equal but for the name", !promised.features.empty()};
    const double share = (kind.holds_rows || kind.renames_are_guessed) ? likeness(promised, live) : 0;
    if (share < suspicious) return {};
    const int percent = static_cast<int>(share * 100);
    return {std::min(percent, 99), std::to_string(percent) + " % of it is the same", true};
  }

  Resemblance compare_parts(const ObjectId& missing, const ObjectId& unexpected, bool equal) {
    const std::string_view main = missing_shapes_.of(missing).main;
    const bool same_main = !main.empty() && main == unexpected_shapes_.of(unexpected).main;
    const bool same_place = is_same_place(missing, unexpected);
    if (!same_main && !same_place) return {};
    const std::string name(missing.kind->attributes.front().name);
    std::string why = !same_place  ? "same " + name
                      : !same_main ? "same place, another " + name
                                   : "same place and " + name;
    return {(same_main ? 4 : 0) + (same_place ? 3 : 0) + (equal ? 2 : 0), std::move(why),
            same_main && same_place};
  }

  bool is_same_place(const ObjectId& missing, const ObjectId& unexpected) {
    const std::string_view promised = order_around(expected_, missing),
                           live = order_around(actual_, unexpected);
    if (promised.empty() || live.empty()) return false;
    const auto [known, added] = places_.try_emplace({promised, live});
    if (added) known->second = {places_among(promised, live), places_among(live, promised)};
    const auto& [there, here] = known->second;
    const auto one = there.find(quote_identifier(missing.name.view()));
    const auto other = here.find(quote_identifier(unexpected.name.view()));
    return one != there.end() && other != here.end() && one->second == other->second;
  }

  // The order of the parts of what the object is a part of.
  std::string_view order_around(const Snapshot& snapshot, const ObjectId& part) const {
    for (const auto& [kind, attribute] : ordered_) {
      if (const auto parent = snapshot.find({kind, part.schema, {}, part.parent}))
        return parent->values()[attribute].view();
    }
    return {};
  }

  void collect_ordered(const Snapshot& snapshot) {
    const Kind* last = nullptr;
    for (std::size_t place = 0; place < snapshot.size(); ++place) {
      const Kind* kind = snapshot.id(place).kind;
      if (kind == last) continue;
      last = kind;
      const auto order = std::ranges::find(kind->attributes, Form::order, &Attribute::form);
      if (order != kind->attributes.end())
        ordered_[kind] = static_cast<std::size_t>(order - kind->attributes.begin());
    }
  }

  using Places = std::unordered_map<std::string, std::string>;

  const Snapshot& actual_;
  const Snapshot& expected_;
  const Snapshot* previous_;
  std::unordered_map<ObjectId, OidAddress, HashId> address_before_, address_now_;
  std::vector<std::pair<ObjectId, ObjectId>> known_;
  Shapes missing_shapes_, unexpected_shapes_;
  Ids missing_, unexpected_;
  std::map<const Kind*, std::size_t>
      ordered_;  // the kinds that say in which order their parts are, and where
  std::unordered_set<ObjectId, HashId> unexpected_ids_, taken_;
  std::unordered_map<ObjectId, ObjectId, HashId> now_;  // what holds others, by its missing name
  std::map<std::pair<std::string_view, std::string_view>, std::pair<Places, Places>> places_;
  std::vector<SuspectedRename> found_;
};

}  // namespace

std::string rename_command(const ObjectId& from, const ObjectId& to) {
  return "plumbline catchup --revert --rename " + shell_word(qualified(from) + "=" + qualified(to));
}

std::vector<SuspectedRename> suspected_renames(const Snapshot& actual, const Snapshot& expected,
                                               std::span<const Difference> differences,
                                               const Snapshot* previous) {
  return Suspicion(actual, expected, differences, previous).run();
}

bool comparable_by_oid(const Snapshot& previous, const Snapshot& actual) {
  return !previous.database.empty() && previous.database == actual.database;
}

}  // namespace plumbline
