#pragma once

#include <string>
#include <vector>

namespace plumbline {

// What makes a ledger of version `from` one of today's; 0: there is schema_migrations at most.
std::vector<std::string> ledger_upgrade(int from, const std::string& schema);

}  // namespace plumbline
