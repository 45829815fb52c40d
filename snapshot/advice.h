#pragma once

#include <vector>

#include "postgres/connection.h"
#include "snapshot/condition.h"

namespace plumbline {

// What a schema could do better, whatever is in its tables: foreign keys without an index, indexes that
// another one makes redundant, tables without a primary key. In the order of the checks, then by object.
std::vector<Condition> advice_of(Connection& connection);

}  // namespace plumbline
