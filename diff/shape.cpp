#include "diff/shape.h"

#include <algorithm>
#include <iterator>

#include "postgres/text.h"

namespace plumbline {

namespace {

// A routine's without its arguments.
std::string_view word_of(const ObjectId& id) {
  const std::string_view name = id.name.view();
  return id.kind->name_is_sql ? name.substr(0, name.find('(')) : name;
}

std::string nameless(std::string_view text, const ObjectId& id) {
  const std::string own = with_word(text, word_of(id), "\x01");
  return with_word(with_word(own, id.parent.view(), "\x02"), id.schema.view(), "\x03");
}

// Who owns or may use it, and what is said of it, changes often and tells little; an order of names is told
// by the names.
bool tells_what_it_is(const Attribute& attribute) {
  return attribute.compared && attribute.meaning != Class::cosmetic && attribute.form != Form::order &&
         attribute.name != "owner" && attribute.name != "privileges";
}

std::size_t digest(std::initializer_list<std::string_view> parts) {
  std::size_t result = 0;
  for (const std::string_view part : parts) result = result * 1000003 + std::hash<std::string_view>{}(part);
  return result;
}

std::string_view first_value(const Object& object) {
  const auto attributes = object.id().kind->attributes;
  const auto first = std::ranges::find(attributes, true, &Attribute::compared);
  if (first == attributes.end()) return {};
  return object.values()[static_cast<std::size_t>(first - attributes.begin())].view();
}

ObjectId container_of(const ObjectId& id) {
  return id.parent.empty() ? ObjectId{nullptr, {}, {}, id.schema}
                           : ObjectId{nullptr, id.schema, {}, id.parent};
}

}  // namespace

bool is_of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         byte >= 0x80;
}

std::string with_word(std::string_view text, std::string_view word, std::string_view replacement) {
  std::string result;
  std::size_t from = 0;
  for (std::size_t at = text.find(word); !word.empty() && at != std::string_view::npos;
       at = text.find(word, at + word.size())) {
    const std::size_t end = at + word.size();
    const bool whole =
        (at == 0 || !is_of_word(text[at - 1])) && (end == text.size() || !is_of_word(text[end]));
    if (!whole || at < from) continue;
    result.append(text.substr(from, at - from)).append(replacement);
    from = end;
  }
  return result.append(text.substr(from));
}

bool equal_but_for_name(const Shape& one, const Shape& other) {
  return one.raw == other.raw || one.nameless == other.nameless;
}

double likeness(const Shape& one, const Shape& other) {
  const std::size_t most = std::max(one.features.size(), other.features.size());
  if (most == 0) return 1;
  std::vector<std::size_t> common;
  std::ranges::set_intersection(one.features, other.features, std::back_inserter(common));
  return static_cast<double>(common.size()) / static_cast<double>(most);
}

Shapes::Shapes(const Snapshot& snapshot, std::span<const Difference> differences, Difference::Verb verb)
    : snapshot_(snapshot) {
  for (const Difference& difference : differences) {
    const ObjectId& id = difference.id;
    if (difference.verb != verb || !id.kind->reported_as.empty()) continue;
    if (id.kind->part_of_parent || id.parent.empty()) parts_.emplace(container_of(id), id);
  }
}

const Shape& Shapes::of(const ObjectId& id) {
  const auto [found, added] = known_.try_emplace(id);
  if (added) found->second = describe_shape(id);
  return found->second;
}

Shape Shapes::describe_shape(const ObjectId& id) const {
  Shape shape;
  const auto object = snapshot_.find(id);
  if (!object) return shape;
  std::string raw(id.name.view().substr(word_of(id).size())), bare = raw;
  for (std::size_t i = 0; i < id.kind->attributes.size(); ++i) {
    const std::string_view value = object->values()[i].view();
    if (value.empty() || !tells_what_it_is(id.kind->attributes[i])) continue;
    const std::string label = '\0' + std::string(id.kind->attributes[i].name) + '\0';
    raw.append(label).append(value);
    const std::string without = nameless(value, id);
    bare.append(label).append(without);
    shape.features.push_back(digest({id.kind->attributes[i].name, without}));
  }
  shape.main = first_value(*object);
  std::vector<std::string> parts;
  const ObjectId container{nullptr, id.kind->is_namespace ? Symbol() : id.schema, {}, id.name};
  const auto [first, last] = parts_.equal_range(container);
  for (auto at = first; id.parent.empty() && at != last; ++at) {
    const auto part = snapshot_.find(at->second);
    const std::string_view value = part ? first_value(*part) : std::string_view();
    parts.push_back(std::string(at->second.kind->name) + '\0' + std::string(at->second.name.view()) + '\0' +
                    std::string(value));
    shape.features.push_back(digest({parts.back()}));
  }
  std::ranges::sort(parts);
  std::ranges::sort(shape.features);
  const std::string all = '\0' + join(parts, "\n");
  shape.raw = sha256_hex(raw + all);
  shape.nameless = sha256_hex(bare + all);
  return shape;
}

std::unordered_map<std::string, std::string> places_among(std::string_view own_order,
                                                          std::string_view other_order) {
  const auto own = listed_names(own_order), other = listed_names(other_order);
  std::unordered_map<std::string, std::string> places;
  std::vector<std::string_view> gap;
  std::string_view before;
  const auto close = [&](std::string_view after) {
    for (std::size_t i = 0; i < gap.size(); ++i) {
      places[std::string(gap[i])] = std::string(before) + '\0' + std::string(after) + '\0' +
                                    std::to_string(i) + '/' + std::to_string(gap.size());
    }
    gap.clear();
    before = after;
  };
  for (const std::string_view name : own) {
    if (std::ranges::find(other, name) == other.end()) {
      gap.push_back(name);
    } else {
      close(name);
    }
  }
  close({});
  return places;
}

}  // namespace plumbline
