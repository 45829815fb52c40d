#include "diff/compare.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "postgres/text.h"

namespace plumbline {

namespace {

using Verb = Difference::Verb;

std::vector<std::string_view> names_also_in(const std::vector<std::string_view>& names,
                                            const std::vector<std::string_view>& others) {
  const std::unordered_set<std::string_view> known(others.begin(), others.end());
  std::vector<std::string_view> common;
  std::ranges::copy_if(names, std::back_inserter(common),
                       [&](std::string_view n) { return known.contains(n); });
  return common;
}

bool has(int version, int since, int until) {
  return version == 0 || (since <= version && (until == 0 || version <= until));
}

bool equal(const Attribute& attribute, Symbol actual, Symbol expected) {
  if (actual == expected || is_unknown(actual.view()) || is_unknown(expected.view())) return true;
  if (attribute.comes_by_use) return true;
  return attribute.form == Form::order && same_order(actual.view(), expected.view());
}

// One walk over both snapshots, side by side.
class Comparison {
 public:
  Comparison(const Snapshot& actual, const Snapshot& expected)
      : actual_(actual),
        expected_(expected),
        one_version_(actual.server_version == expected.server_version) {}

  std::vector<Difference> run() {
    std::size_t a = 0, e = 0;
    while (a < actual_.size() && e < expected_.size()) {
      const Object live = actual_[a], promised = expected_[e];
      if (live.id() == promised.id()) {
        compare_values(live, promised);
        ++a, ++e;
      } else if (live.id() < promised.id()) {
        add(Verb::unexpected, actual_[a++].id());
      } else {
        add(Verb::missing, expected_[e++].id());
      }
    }
    while (a < actual_.size()) add(Verb::unexpected, actual_[a++].id());
    while (e < expected_.size()) add(Verb::missing, expected_[e++].id());
    return std::move(differences_);
  }

 private:
  // What is common to all objects of a kind is worked out once: they stand next to each other.
  void enter(const Kind& kind) {
    if (kind_ == &kind) return;
    kind_ = &kind;
    compared_.clear();
    known_to_both_ = both_have(kind.since, 0);
    for (std::size_t i = 0; i < kind.attributes.size(); ++i) {
      const Attribute& attribute = kind.attributes[i];
      const bool told = attribute.compared && (!attribute.one_version || one_version_);
      if (told && both_have(attribute.since, attribute.until)) compared_.push_back(i);
    }
  }

  bool both_have(int since, int until) const {
    return has(actual_.server_version, since, until) && has(expected_.server_version, since, until);
  }

  void add(Verb verb, const ObjectId& id) {
    enter(*id.kind);
    if (known_to_both_) differences_.push_back({verb, id, {}});
  }

  void compare_values(const Object& live, const Object& promised) {
    enter(*live.id().kind);
    std::vector<std::size_t> changed;
    for (const std::size_t i : compared_) {
      if (!equal(kind_->attributes[i], live.values()[i], promised.values()[i])) changed.push_back(i);
    }
    if (!changed.empty()) differences_.push_back({Verb::changed, live.id(), std::move(changed)});
  }

  const Snapshot& actual_;
  const Snapshot& expected_;
  const bool one_version_;
  const Kind* kind_ = nullptr;
  bool known_to_both_ = true;
  std::vector<std::size_t> compared_;
  std::vector<Difference> differences_;
};

}  // namespace

std::size_t drop_same(std::vector<Difference>& differences, const Snapshot& actual, const Snapshot& expected,
                      const SameMeaning& same) {
  std::size_t count = 0;
  std::erase_if(differences, [&](Difference& difference) {
    if (difference.verb != Difference::Verb::changed) return false;
    const Object live = *actual.find(difference.id);
    const Object promised = *expected.find(difference.id);
    count += std::erase_if(difference.attributes, [&](std::size_t place) {
      return same(promised, difference.id.kind->attributes[place], live.values()[place].view(),
                  promised.values()[place].view());
    });
    return difference.attributes.empty();
  });
  return count;
}

std::vector<std::string_view> listed_names(std::string_view list) {
  std::vector<std::string_view> names;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    if (at < list.size() && list[at] == '"') quoted = !quoted;
    if (at < list.size() && (quoted || list[at] != ',')) continue;
    const std::string_view name = trim(list.substr(start, at - start));
    if (!name.empty()) names.push_back(name);
    start = at + 1;
  }
  return names;
}

bool same_order(std::string_view actual, std::string_view expected) {
  const auto live = listed_names(actual), promised = listed_names(expected);
  return names_also_in(live, promised) == names_also_in(promised, live);
}

std::vector<Difference> compare(const Snapshot& actual, const Snapshot& expected) {
  return Comparison(actual, expected).run();
}

}  // namespace plumbline
