#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "snapshot/kind.h"
#include "snapshot/object.h"
#include "snapshot/symbol.h"

namespace plumbline {

// That one object needs another (pg_depend).
struct Dependency {
  enum class Hold {
    normal,     // the referenced one cannot be dropped before the dependent
    automatic,  // the dependent goes with it (a, x)
    partition,  // so does the dependent, which belongs to a partition (P, S)
    internal,   // the dependent is a part of it: made by its CREATE, gone with its DROP (i)
  };
  ObjectId dependent, referenced;
  Hold hold = Hold::normal;
};

// What the server calls an object, whatever its name: the OID, and of a column its number. 0: not known.
struct OidAddress {
  std::uint32_t oid = 0;
  int part = 0;
  friend auto operator<=>(const OidAddress&, const OidAddress&) = default;
};

// What the lines of an extension's members (Attribute::members) stand for, see members.h.
struct Members;
using MembersByLines = std::map<std::string, std::shared_ptr<const Members>, std::less<>>;

// All objects of one database: a flat, sorted set. The texts belong to the SymbolTable it was filled from.
class Snapshot {
 public:
  int server_version = 0;               // major of the server it was read from
  std::vector<std::string> unreadable;  // what the connected role may not read, for people
  // The database itself, "system identifier/OID": addresses of two snapshots mean the same objects when it is
  // the same. Empty: not known.
  std::string database;
  MembersByLines members;  // filled with the dependencies

  // `values` are those of the kind's attributes, in their order. An id may be added once.
  void add(const ObjectId& id, std::span<const Symbol> values, OidAddress address = {});
  // Filled by capture() when asked to (CaptureOptions::dependencies).
  void add_dependency(const Dependency& dependency) { dependencies_.push_back(dependency); }
  void reserve(std::size_t objects) { records_.reserve(objects); }
  // Takes over all objects of `part`. Parts that are sealed and come in the order of their kinds are in
  // canonical order then.
  void append(Snapshot part);
  // Sorts; to be called once after the last add(). Throws Error when an id is there twice.
  void seal();

  std::size_t size() const { return records_.size(); }
  Object operator[](std::size_t place) const;  // in canonical order
  std::optional<Object> find(const ObjectId& id) const;
  std::vector<Object> children(const ObjectId& parent, const Kind& kind) const;
  const ObjectId& id(std::size_t place) const { return records_[place].id; }
  // Never compared.
  OidAddress address(std::size_t place) const { return records_[place].address; }
  void set_address(std::size_t place, OidAddress address) { records_[place].address = address; }
  // The first place whose id is not below `id`; quick when `guess` is that place.
  std::size_t first_from(const ObjectId& id, std::size_t guess) const;
  std::span<const Dependency> dependencies() const { return dependencies_; }

  // SHA-256 over everything that is compared, hexadecimal: equal for equal schemas, on any machine.
  std::string fingerprint() const;

 private:
  struct Record {
    ObjectId id;
    const Symbol* values;
    OidAddress address;
  };
  std::vector<Record> records_;
  std::vector<std::unique_ptr<Symbol[]>>
      blocks_;             // the values: blocks that never move, so that growing copies nothing
  Symbol* end_ = nullptr;  // of the last block
  std::size_t free_ = 0;   // symbols left in it
  std::vector<Dependency> dependencies_;
};

}  // namespace plumbline
