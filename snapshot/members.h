#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "postgres/connection.h"
#include "snapshot/snapshot.h"
#include "snapshot/symbol.h"

namespace plumbline {

struct Kind;

// The members of one extension as objects.
struct Members {
  Snapshot objects;           // those that belong to it by themselves, and the parts of these
  std::set<ObjectId> listed;  // the former
  Symbol usual_owner;         // of what nobody has given away
};

// What belongs to each extension, by its name: a line for each object, with a short hash of all that is
// compared of it, so that an altered, added or lost member is seen and named without its being listed.
struct MemberLines {
  std::map<std::string, std::string, std::less<>> lines;
  MembersByLines members;  // only when asked for
};
MemberLines member_lines(Connection& connection, SymbolTable& symbols, std::span<const Kind* const> kinds,
                         bool with_objects);

}  // namespace plumbline
