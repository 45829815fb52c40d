#include "snapshot/snapshot.h"

#include <algorithm>
#include <iterator>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

// Blocks grow from the first to the last: most kinds have few objects.
constexpr std::size_t symbols_in_first_block = 1 << 6, symbols_in_block = 1 << 14;

bool by_order(const ObjectId& left, const ObjectId& right) { return left < right; }

}  // namespace

void Snapshot::add(const ObjectId& id, std::span<const Symbol> values, OidAddress address) {
  if (values.size() > free_) {
    const std::size_t next = symbols_in_first_block << std::min<std::size_t>(blocks_.size(), 8);
    free_ = std::max(std::min(next, symbols_in_block), values.size());
    blocks_.push_back(std::make_unique<Symbol[]>(free_));
    end_ = blocks_.back().get() + free_;
  }
  Symbol* const place = end_ - free_;
  std::ranges::copy(values, place);
  free_ -= values.size();
  records_.push_back({id, place, address});
}

void Snapshot::append(Snapshot part) {
  std::ranges::move(part.blocks_, std::back_inserter(blocks_));
  end_ = part.end_;
  free_ = part.free_;
  records_.insert(records_.end(), part.records_.begin(), part.records_.end());
  std::ranges::move(part.unreadable, std::back_inserter(unreadable));
  std::ranges::move(part.dependencies_, std::back_inserter(dependencies_));
}

void Snapshot::seal() {
  if (!std::ranges::is_sorted(records_, by_order, &Record::id)) {
    std::ranges::sort(records_, by_order, &Record::id);
  }
  const auto twice = std::ranges::adjacent_find(records_, {}, &Record::id);
  if (twice != records_.end()) {
    throw Error("the schema holds " + describe(twice->id) + " twice",
                "This is a fault of plumbline or of the file; please report it.");
  }
}

Object Snapshot::operator[](std::size_t place) const {
  const Record& record = records_[place];
  return {record.id, {record.values, record.id.kind->attributes.size()}};
}

std::optional<Object> Snapshot::find(const ObjectId& id) const {
  const auto found = std::ranges::lower_bound(records_, id, by_order, &Record::id);
  if (found == records_.end() || !(found->id == id)) return std::nullopt;
  return (*this)[static_cast<std::size_t>(found - records_.begin())];
}

std::size_t Snapshot::first_from(const ObjectId& id, std::size_t guess) const {
  const bool not_too_late = guess == 0 || (guess <= records_.size() && records_[guess - 1].id < id);
  const bool not_too_early = guess >= records_.size() || !(records_[guess].id < id);
  if (not_too_late && not_too_early) return guess;
  const auto found = std::ranges::lower_bound(records_, id, by_order, &Record::id);
  return static_cast<std::size_t>(found - records_.begin());
}

std::vector<Object> Snapshot::children(const ObjectId& parent, const Kind& kind) const {
  std::vector<Object> result;
  for (std::size_t place = first_from({&kind, parent.schema, parent.name, {}}, 0); place < size(); ++place) {
    const ObjectId& id = records_[place].id;
    if (id.kind != &kind || id.schema != parent.schema || id.parent != parent.name) break;
    result.push_back((*this)[place]);
  }
  return result;
}

std::string Snapshot::fingerprint() const {
  std::string text;
  const auto put = [&](std::string_view part) { text.append(part).push_back('\0'); };
  for (std::size_t place = 0; place < size(); ++place) {
    const Object object = (*this)[place];
    const Kind& kind = *object.id().kind;
    for (const std::string_view part :
         {kind.name, object.id().schema.view(), object.id().parent.view(), object.id().name.view()}) {
      put(part);
    }
    for (std::size_t i = 0; i < kind.attributes.size(); ++i) {
      const Attribute& attribute = kind.attributes[i];
      if (!attribute.compared || attribute.comes_by_use || object.values()[i].empty()) continue;
      put(kind.attributes[i].name);
      put(object.values()[i].view());
    }
    put({});
  }
  return sha256_hex(text);
}

}  // namespace plumbline
