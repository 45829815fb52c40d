#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// The hint of the server, or ours for the errors that it reports most often.
std::string hint_for(const std::string& sqlstate, const std::string& server_hint);
// The hint for a connection that failed, chosen by the message of libpq.
// To do for whoever lost a connection; `message` is libpq's.
std::string hint_for_losing(std::string_view message);
std::string hint_for_connecting(std::string_view message);

}  // namespace plumbline
