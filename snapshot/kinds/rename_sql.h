#pragma once

#include <string>
#include <vector>

#include "snapshot/object.h"

namespace plumbline {

// The statements that give an object another name, and another schema where that differs.
std::vector<std::string> rename_sql(const ObjectId& from, const ObjectId& to);

}  // namespace plumbline
