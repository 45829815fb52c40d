#include "postgres/error.h"

#include <utility>

namespace plumbline {

Error::Error(std::string message, std::string hint) : Error(std::move(message), std::move(hint), {}) {}

Error::Error(std::string message, std::string hint, ServerReport report)
    : std::runtime_error(message),
      message_(std::move(message)),
      hint_(std::move(hint)),
      report_(std::move(report)) {}

void Error::during(std::string_view doing) { message_ = std::string(doing) + ": " + message_; }

}  // namespace plumbline
