#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace plumbline {

// The one exception of the program: what happened, and what to do next. It is thrown where the cause is known
// and caught in cli/main.cpp; on the way code may only add what was being done. Messages follow PostgreSQL:
// lower case, no full stop, names quoted; the hint is a sentence. Neither ever carries a password.
class Error : public std::runtime_error {
 public:
  // What the server said of a statement; all fields as in the error report of the protocol
  // (PostgreSQL manual, "Error and Notice Message Fields").
  struct ServerReport {
    std::string sqlstate{};  // five characters, empty: no server was involved
    std::string detail{};
    std::string context{};
    int position = 0;  // 1-based, in characters of the statement; 0: unknown
  };

  explicit Error(std::string message, std::string hint = {});
  Error(std::string message, std::string hint, ServerReport report);

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const std::string& sqlstate() const { return report_.sqlstate; }
  const ServerReport& report() const { return report_; }

  // Puts what was being done in front of the message: "applying 0042_orders.sql: ...".
  void during(std::string_view doing);

 private:
  std::string message_;
  std::string hint_;
  ServerReport report_;
};

}  // namespace plumbline
