#pragma once

#include <span>
#include <string>
#include <vector>

#include "diff/compare.h"
#include "snapshot/script.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct PlanOptions {
  std::string creator;  // who will run the statements and own what they create; empty: not known
};

struct Plan {
  std::vector<Statement> statements;
  std::vector<std::string>
      refusals;  // differences that stay, and what to do about them by hand; one line each
};

// The statements that turn `actual` into `expected`, as far as the differences say. Both snapshots should
// have their dependencies. Throws Error for a cycle that cannot be cut; it names the members.
Plan plan(const Snapshot& actual, const Snapshot& expected, std::span<const Difference> differences,
          const PlanOptions& options = {});

}  // namespace plumbline
