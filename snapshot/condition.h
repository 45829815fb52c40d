#pragma once

#include <string>
#include <vector>

#include "postgres/connection.h"

namespace plumbline {

// Something about a live database that wants looking after and is no matter of schema against schema: an
// index that a failed build left behind, a sequence near its end. Never a difference.
struct Condition {
  std::string check;   // "invalid_index": for machines
  std::string object;  // "index public.orders_by_day"
  std::string text;    // "is not valid: ..."
  std::string hint;    // what to do
};

// A fixed number of queries, which only read and leave no lock. In the order of the checks, then by object.
std::vector<Condition> conditions_of(Connection& live);

}  // namespace plumbline
