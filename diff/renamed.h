#pragma once

#include <span>
#include <string>
#include <vector>

#include "diff/finding.h"

namespace plumbline {

// The attribute under which a rename is told: its values are the whole names of the object.
inline constexpr std::string_view renamed_attribute = "name";

// The change of the name, when the finding tells a rename; else null.
const AttributeChange* renaming_of(const Finding& finding);

// The expected name as people write it beside the actual object: without what both have in common.
std::string expected_name(const Finding& finding);

// Tells each pair of findings, one missing and one unexpected, that is likely to be one renamed object as one
// changed finding, and folds into it the findings that follow from it: a constraint, an index or a view that
// differs only by the name. Ambiguous and weak suspicions stay two findings that carry a hint.
void fold_renames(std::vector<Finding>& findings, const Snapshot& actual, const Snapshot& expected,
                  std::span<const Difference> differences, const Snapshot* previous = nullptr);

}  // namespace plumbline
