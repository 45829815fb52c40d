#pragma once

#include <string>
#include <vector>

#include "catchup/plan.h"
#include "expected/shadow.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// What a plan is held against: the source schema, built on a throw-away server from its snapshot by the same
// generator, has to be the expected one after the plan has run there.
struct Claim {
  const Snapshot& actual;
  const Snapshot& expected;
  const Plan& plan;
  SymbolTable& symbols;
  bool cluster = false;  // both snapshots hold what lives outside the database, too
};

// Why the plan is not proven, for people; empty: it is. What the plan itself says it cannot repair is no
// reason.
std::vector<std::string> prove(const Claim& claim, const ShadowOptions& options);

}  // namespace plumbline
