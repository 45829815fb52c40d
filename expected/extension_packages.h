#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// The Debian package that holds an extension for that major version of the server: "postgresql-15-postgis-3".
// Empty when we do not know one.
std::string debian_package_of(std::string_view extension, int server_version);

}  // namespace plumbline
