#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// What makes a ledger of version `from` one of today's; 0: there is schema_migrations at most.
std::vector<std::string> ledger_upgrade(int from, const std::string& schema);

// The steps from version 2 to 3, with holes that ledger_upgrade() fills.
std::vector<std::string_view> third_ledger_version();

}  // namespace plumbline
