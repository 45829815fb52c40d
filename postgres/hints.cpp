#include "postgres/hints.h"

namespace plumbline {

// The SQLSTATE classes are the manual's, appendix A.
std::string hint_for(const std::string& sqlstate, const std::string& server_hint) {
  if (!server_hint.empty()) return server_hint;
  if (sqlstate == "42501") return "Grant the role the right, or connect as a role that has it.";
  if (sqlstate == "57014") return "Raise the time-out, or try again when the server is less busy.";
  if (sqlstate == "22021") {
    return "Correct the text that is not in the database's encoding: a comment, a default, or source code.";
  }
  if (sqlstate == "55P03") return "Another session holds the lock; try again later.";
  return "";
}

std::string hint_for_losing(std::string_view message) {
  if (message.find("statement pooling mode") != message.npos)
    return "Connect to the server itself, or to a pool with pool_mode = session or transaction.";
  return "Is the server still running? Run the command again.";
}

std::string hint_for_connecting(std::string_view message) {
  const auto says = [&](std::string_view part) { return message.find(part) != std::string_view::npos; };
  if (says("password authentication failed") || says("no password supplied")) {
    return "Check the user and the password (PGPASSWORD, ~/.pgpass, or the URL).";
  }
  if (says("does not exist") && says("database")) return "Check the name of the database in the URL.";
  if (says("does not exist") && says("role")) return "Check the name of the user in the URL.";
  if (says("could not translate host name")) return "Check the host in the URL.";
  if (says("Connection refused") || says("No such file or directory") || says("timeout expired")) {
    return "Is the server running and does it accept connections at that address?";
  }
  if (says("pg_hba.conf")) return "The server's pg_hba.conf does not let this user in from here.";
  return "Check the URL, or the PG* variables.";
}

}  // namespace plumbline
