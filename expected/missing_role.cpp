#include "expected/missing_role.h"

#include <string_view>

namespace plumbline {

// The name between the quotes of 'role "x" does not exist'. SET ROLE calls it an invalid value.
std::string missing_role(const Error& error) {
  constexpr std::string_view undefined_object = "42704", invalid_value = "22023";
  constexpr std::string_view before = "role \"", after = "\" does not exist";
  const std::string& message = error.message();
  if (error.sqlstate() != undefined_object && error.sqlstate() != invalid_value) return {};
  if (!message.starts_with(before) || !message.ends_with(after)) return {};
  return message.substr(before.size(), message.size() - before.size() - after.size());
}

}  // namespace plumbline
