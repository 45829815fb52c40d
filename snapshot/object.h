#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "snapshot/symbol.h"

namespace plumbline {

struct Kind;
class Scene;

// An id means the same on every server; OIDs (Snapshot::address) do not and are never compared.
struct ObjectId {
  const Kind* kind = nullptr;
  Symbol schema, parent, name;  // parent: its table or type; name: with argument types for routines
  friend bool operator==(const ObjectId&, const ObjectId&) = default;
};

// schema.parent.name, each part quoted as SQL would; without the kind.
std::string qualified(const ObjectId& id);
// "table public.users": for people and for messages.
std::string describe(const ObjectId& id);
// The canonical order: place of the kind, then schema, parent and name by bytes.
bool operator<(const ObjectId& left, const ObjectId& right);

// A light view on one row of a snapshot: valid as long as the snapshot is not added to.
class Object {
 public:
  Object(const ObjectId& id, std::span<const Symbol> values) : id_(&id), values_(values) {}
  const ObjectId& id() const { return *id_; }
  std::span<const Symbol> values() const { return values_; }
  // The value of an attribute, empty when absent; throws Error when the kind has none such.
  std::string_view operator[](std::string_view attribute) const;

 private:
  const ObjectId* id_;
  std::span<const Symbol> values_;
};

// What turns an object into another; nothing is there before a CREATE.
struct Change {
  std::optional<Object> actual;
  Object expected;
  Scene& scene;

  // The values of an attribute; before a CREATE the actual one is empty.
  std::string_view from(std::string_view attribute) const {
    return actual ? (*actual)[attribute] : std::string_view();
  }
  std::string_view to(std::string_view attribute) const { return expected[attribute]; }
};

}  // namespace plumbline
