#pragma once

#include <filesystem>
#include <functional>
#include <map>
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
  // `connection` is asked for when it is first needed: starting a server takes time; empty, or yielding none,
  // when there is nobody to ask. So the answers for one expected schema are kept in the file `memory`, when
  // there is a name for it; what cannot be kept is asked again the next time.
  explicit Equivalence(std::function<Connection*()> connection, std::filesystem::path memory = {});
  ~Equivalence();
  Equivalence(const Equivalence&) = delete;
  Equivalence& operator=(const Equivalence&) = delete;

  // True when the server prints both values of the attribute alike. False when it does not, refuses one, or
  // cannot be asked. `object` is the expected one, which the server has.
  bool same(const Object& object, const Attribute& attribute, std::string_view actual,
            std::string_view expected);
  // How many questions there was nobody to ask.
  std::size_t unanswered() const { return unanswered_; }

 private:
  bool ask_whether_same(const Object& object, const Attribute& attribute, std::string_view actual,
                        std::string_view expected);
  std::optional<std::string> spelled(const Object& object, const Attribute& attribute, std::string value);
  std::optional<std::string> ask(const std::vector<std::string>& statements);

  Connection* server();

  std::function<Connection*()> connection_;
  std::filesystem::path memory_;
  std::map<std::string, bool> known_;  // by a hash of the question
  bool learned_ = false;
  std::size_t unanswered_ = 0;
};

}  // namespace plumbline
