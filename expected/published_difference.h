#pragma once

#include <string>
#include <vector>

#include "expected/information_schema.h"
#include "expected/witness.h"

namespace plumbline {

struct PublishedComparison {
  std::vector<HiddenName> hidden;  // whatever mentions one of these is left out
  // How many expressions are known to be spelled in two ways and to mean the same.
  std::size_t respelled = 0;
};

// In what two databases differ, as far as information_schema shows both.
struct PublishedDifference {
  std::vector<std::string> lines;         // "+" actual, "-" expected
  std::size_t rows = 0;                   // that were compared
  std::size_t respelled = 0;              // expressions that the two spell in two ways
  std::vector<std::string> not_compared;  // what, and why, for people
};

// Compares what both roles are shown: a row that only one side has counts when the other side's role would be
// shown it, too.
PublishedDifference compare_published(const InformationSchema& actual, const InformationSchema& expected,
                                      const PublishedComparison& options);

}  // namespace plumbline
