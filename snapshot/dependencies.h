#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "postgres/connection.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Which objects stand at which addresses of pg_depend: noted while they are read.
class Addresses {
 public:
  struct Address {
    std::string_view catalog;  // lives as long as the kinds do
    std::uint32_t oid = 0;
    int part = 0;
    friend bool operator==(const Address&, const Address&) = default;
  };

  void add(const ObjectId& id, std::string_view oid, std::string_view part);
  const ObjectId* find(const Address& address) const;

 private:
  struct Hash {
    std::size_t operator()(const Address& address) const;
  };
  std::unordered_map<Address, ObjectId, Hash> objects_;
};

// Reads pg_depend once and adds to the snapshot who needs whom. What is no object of ours stands for what it
// is a part of: a view's rule for the view, an array type for its element's, an extension's member for the
// extension.
void read_dependencies(Connection& connection, const Addresses& addresses, Snapshot& snapshot);

}  // namespace plumbline
