#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"
#include "snapshot/object.h"

namespace plumbline {

struct Attribute;

// Two spellings of one expression are no difference: a server that has the schema reads both and prints them
// in its own way. Nothing of it stays in the database.
class Equivalence {
 public:
  // `connection` is asked for when it is first needed: starting a server takes time.
  explicit Equivalence(std::function<Connection&()> connection) : connection_(std::move(connection)) {}

  // True when the server prints both values of the attribute alike. False when it does not, refuses one, or
  // cannot be asked. `object` is the expected one, which the server has.
  bool same(const Object& object, const Attribute& attribute, std::string_view actual,
            std::string_view expected);

 private:
  std::optional<std::string> spelled(const Object& object, const Attribute& attribute, std::string value);
  std::optional<std::string> ask(const std::vector<std::string>& statements);

  std::function<Connection&()> connection_;
};

}  // namespace plumbline
