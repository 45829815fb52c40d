#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// Seconds since 1970 of an ISO 8601 time in UTC ("2026-02-01T06:00:00Z"); 0 when it is none.
long long seconds_of(std::string_view time);
std::string time_of(long long seconds);

}  // namespace plumbline
