#pragma once

#include <string>
#include <vector>

#include "tests/server/promises.h"

namespace plumbline::testing {

struct Holding {
  std::vector<std::string> disagreements;              // the object, the fact, and both values
  std::size_t facts = 0;                               // that were compared
  std::map<std::string, std::size_t> not_in_snapshot;  // reason -> how many facts
};

// Holds all that is published against what the snapshot promises. A role that is not shown everything: what
// it is shown has to agree, and what only owners are shown may be missing.
Holding hold(const Snapshot& snapshot, const InformationSchema& published);

// What the table of columns says of those that are left out: NULL everywhere, one value, the database's name.
std::vector<std::string> wrong_reasons(Connection& connection);

}  // namespace plumbline::testing
