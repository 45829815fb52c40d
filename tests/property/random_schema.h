#pragma once

#include <string>
#include <vector>

#include "tests/property/names.h"

namespace plumbline::testing {

// A statement that changes an object, and the object's name, under which a snapshot has it or its parent.
struct RandomChange {
  std::string sql, name;
};

// Objects of one schema that do not know of each other: their statements may be run in any order, those of
// one object in their own.
struct RandomSchema {
  std::string name;
  std::vector<std::vector<std::string>> objects;
  std::vector<RandomChange> changes;  // any one of them makes a difference
};

rc::Gen<RandomSchema> random_schema();

// For RapidCheck's messages.
void showValue(const RandomSchema& schema, std::ostream& out);

}  // namespace plumbline::testing
