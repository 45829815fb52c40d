#pragma once

#include <string>
#include <string_view>

#include "postgres/error.h"

namespace plumbline {

// A statement as it may be shown and kept: string constants that may be secret are '***'. These are all of a
// statement that sets passwords, options of servers, user mappings and subscriptions, or settings, and of a
// COPY that names a program; constants of any other that hold a password, as in a connection string; and all
// of a statement that does not parse. The bodies of functions and DO are treated alike.
std::string without_secrets(std::string_view sql);

// What a server said of the statement, with the same constants hidden wherever it quotes them, and those of
// the statements inside that it names.
Error without_secrets(const Error& error, std::string_view sql);

}  // namespace plumbline
