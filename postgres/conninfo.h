#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// True when the conninfo itself gives a value for that key; throws Error when it cannot be read.
bool gives_parameter(std::string_view conninfo, std::string_view key);

// The database that a conninfo leads to, with what PG* variables and libpq's defaults add to it.
struct DatabaseAddress {
  std::string host, port, database, service;
  bool operator==(const DatabaseAddress&) const = default;
};
DatabaseAddress address_of(std::string_view conninfo);
std::string described(const DatabaseAddress& address);  // "db.internal:5432/shop"

// A value as it stands behind "key=" in a conninfo, quoted.
std::string conninfo_value(std::string_view value);

}  // namespace plumbline
