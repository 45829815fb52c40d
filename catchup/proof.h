#pragma once

#include <string>
#include <vector>

#include "catchup/plan.h"
#include "catchup/section.h"
#include "expected/shadow.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What a plan is held against: the source schema, built on a throw-away server from its snapshot by the same
// generator, has to be the expected one after the section has run there.
struct Claim {
  const Snapshot& actual;
  const Snapshot& expected;
  const Section& section;
  SymbolTable& symbols;
  const IdSet& refused;  // what the plan says that it leaves
  bool cluster = false;  // both snapshots hold what lives outside the database, too
};

// Why the section is not proven, for people; empty: it is.
std::vector<std::string> prove(const Claim& claim, const ShadowOptions& options);

}  // namespace plumbline
