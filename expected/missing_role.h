#pragma once

#include <string>

#include "postgres/error.h"

namespace plumbline {

// The role that a statement named and the server does not have; empty when that is not what failed.
std::string missing_role(const Error& error);

}  // namespace plumbline
