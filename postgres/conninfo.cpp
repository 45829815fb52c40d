#include "postgres/conninfo.h"

// libpqxx passes connection strings on unread: parsing them is libpq's.
#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "postgres/connection.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options parsed(std::string_view conninfo) {
  char* message = nullptr;
  Options options(PQconninfoParse(std::string(conninfo).c_str(), &message), &PQconninfoFree);
  if (!options) {
    PQfreemem(message);  // may hold what was given, and so a password
    throw Error("cannot read the connection string",
                "Write postgres://user@host:port/database or \"host=... dbname=...\".");
  }
  return options;
}

}  // namespace

std::string conninfo_value(std::string_view value) {
  std::string result = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result += "'";
}

bool gives_parameter(std::string_view conninfo, std::string_view key) {
  const Options options = parsed(conninfo);
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (option->val && key == option->keyword) return true;
  }
  return false;
}

DatabaseAddress address_of(std::string_view conninfo) {
  const Options options = parsed(conninfo);
  const auto value = [&](std::string_view key) -> std::string {
    for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
      if (key != option->keyword) continue;
      if (option->val) return option->val;
      const char* variable = option->envvar ? std::getenv(option->envvar) : nullptr;
      return variable ? variable : option->compiled ? option->compiled : "";
    }
    return {};
  };
  DatabaseAddress address{to_lower(value("host")), value("port"), value("dbname"), value("service")};
  if (address.host.empty()) address.host = value("hostaddr");
  if (address.database.empty()) address.database = value("user");
  return address;
}

std::string described(const DatabaseAddress& address) {
  const std::string service = address.service.empty() ? "" : ", service " + address.service;
  return (address.host.empty() ? "local" : address.host) + ":" + address.port + "/" + address.database +
         service;
}

std::string without_password(std::string_view conninfo) {
  const Options options = parsed(conninfo);
  std::string result;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    const std::string_view key = option->keyword;
    if (!option->val || key.find("password") != std::string_view::npos) continue;
    if (!result.empty()) result += ' ';
    result += std::string(key) + "=" + option->val;
  }
  return result;
}

std::string with_parameter(std::string_view conninfo, std::string_view key, std::string_view value) {
  const Options options = parsed(conninfo);
  std::string result;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (!option->val || key == option->keyword) continue;
    result += std::string(option->keyword) + "=" + conninfo_value(option->val) + " ";
  }
  return result + std::string(key) + "=" + conninfo_value(value);
}

OutsideConninfo for_other_program(std::string_view conninfo) {
  const Options options = parsed(conninfo);
  OutsideConninfo result;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    const std::string_view key = option->keyword;
    if (!option->val) continue;
    if (key == "password") result.variables.push_back(std::string("PGPASSWORD=") + option->val);
    if (key.find("password") != key.npos || key.find("secret") != key.npos) continue;
    if (!result.conninfo.empty()) result.conninfo += ' ';
    result.conninfo += std::string(key) + "=" + conninfo_value(option->val);
  }
  return result;
}

bool looks_like_conninfo(std::string_view text) {
  if (text.starts_with("postgres://") || text.starts_with("postgresql://")) return true;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = trim(text.substr(0, equals));
  const Options known(PQconndefaults(), &PQconninfoFree);
  for (const PQconninfoOption* option = known.get(); option && option->keyword; ++option) {
    if (key == option->keyword) return true;
  }
  return false;
}

}  // namespace plumbline
