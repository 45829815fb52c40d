#include "snapshot/dependencies.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace plumbline {

namespace {

using Address = Addresses::Address;
using Hold = Dependency::Hold;

template <typename Number>
Number number(std::string_view text) {
  Number result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

struct Link {
  Address from, to;
  char type;  // pg_depend.deptype
};

Hold hold_of(char type) {
  switch (type) {
    case 'i':
      return Hold::internal;
    case 'P':
    case 'S':
      return Hold::partition;
    case 'a':
    case 'e':
    case 'x':
      return Hold::automatic;
    default:
      return Hold::normal;
  }
}

// Which of its links leads from a part to its whole: the smaller, the more it says so.
int distance_to_whole(char type) {
  const std::string_view order = "iPea";
  return static_cast<int>(std::min(order.find(type), order.size()));
}

class Reading {
 public:
  Reading(const Addresses& addresses, Snapshot& snapshot) : addresses_(addresses), snapshot_(snapshot) {}

  void note(const Row& row) {
    links_.push_back({{name(row[0]), number<std::uint32_t>(row[1]), number<int>(row[2])},
                      {name(row[3]), number<std::uint32_t>(row[4]), number<int>(row[5])},
                      row[6].empty() ? 'n' : row[6][0]});
  }

  void finish() {
    std::ranges::sort(links_, {}, key);
    for (const Link& link : links_) {
      const ObjectId* dependent = whole_of(link.from, 0);
      const ObjectId* referenced = dependent ? whole_of(link.to, 0) : nullptr;
      if (!referenced || *dependent == *referenced) continue;
      // A part's own ties are those of its whole; that a part goes with something is not.
      const bool itself = addresses_.find(link.from) != nullptr;
      snapshot_.add_dependency({*dependent, *referenced, itself ? hold_of(link.type) : Hold::normal});
    }
  }

 private:
  static std::tuple<std::string_view, std::uint32_t> key(const Link& link) {
    return {link.from.catalog, link.from.oid};
  }

  std::string_view name(std::string_view catalog) { return *names_.emplace(catalog).first; }

  // The object at an address, or that of which it is a part.
  const ObjectId* whole_of(const Address& at, int depth) const {
    if (const ObjectId* found = addresses_.find(at)) return found;
    if (const ObjectId* found = at.part != 0 ? addresses_.find({at.catalog, at.oid, 0}) : nullptr)
      return found;
    if (depth == 8) return nullptr;
    const std::tuple from(at.catalog, at.oid);
    const auto first = std::ranges::lower_bound(links_, from, {}, key);
    const auto last = std::ranges::upper_bound(links_, from, {}, key);
    const auto nearest = std::ranges::min_element(
        first, last, {}, [](const Link& link) { return distance_to_whole(link.type); });
    if (nearest == last || distance_to_whole(nearest->type) > 3) return nullptr;
    return whole_of(nearest->to, depth + 1);
  }

  const Addresses& addresses_;
  Snapshot& snapshot_;
  std::set<std::string, std::less<>> names_;
  std::vector<Link> links_;
};

}  // namespace

void Addresses::add(const ObjectId& id, std::string_view oid, std::string_view part) {
  objects_.emplace(Address{id.kind->address.catalog, number<std::uint32_t>(oid), number<int>(part)}, id);
}

const ObjectId* Addresses::find(const Address& address) const {
  const auto found = objects_.find(address);
  return found != objects_.end() ? &found->second : nullptr;
}

std::size_t Addresses::Hash::operator()(const Address& address) const {
  return std::hash<std::string_view>()(address.catalog) ^ (address.oid * 0x9E3779B97F4A7C15u) ^
         (static_cast<std::size_t>(address.part) << 40);
}

void read_dependencies(Connection& connection, const Addresses& addresses, Snapshot& snapshot) {
  Reading reading(addresses, snapshot);
  connection.stream(
      "SELECT classid::regclass, objid, objsubid, refclassid::regclass, refobjid, refobjsubid, deptype"
      " FROM pg_depend WHERE deptype <> 'p' AND objid >= 16384",
      [&](const Row& row) { reading.note(row); });
  reading.finish();
}

}  // namespace plumbline
