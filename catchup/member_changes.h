#pragma once

#include "catchup/plan.h"

namespace plumbline {

// What makes the members of extensions, which somebody has altered by hand, what they are on the expected
// side; a refusal where a snapshot does not say what they were (one from a file).
struct MemberChanges {
  // What leaves an extension makes room for what becomes an object of its own: before all else. And the other
  // way round: the rest behind all else.
  std::vector<PlannedStatement> leaving, rest;
  std::vector<Refusal> refusals;
};
MemberChanges member_changes(const Snapshot& actual, const Snapshot& expected,
                             std::span<const Difference> differences, const PlanOptions& options);

// Whether it is a difference of those.
bool differs_in_members(const Difference& difference);

}  // namespace plumbline
