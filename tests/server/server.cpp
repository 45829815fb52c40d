#include "tests/server/server.h"

#include <unistd.h>

#include <cctype>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline::testing {

namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.') {
      result += c;
    } else {
      result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

}  // namespace

TestDatabase::TestDatabase(Shadow& shadow, std::string name) : shadow_(shadow), name_(std::move(name)) {
  shadow_.create_database(name_);
}

TestDatabase::~TestDatabase() {
  connection_.reset();
  try {
    shadow_.drop_database(name_);
  } catch (const Error&) {
    // The server goes with the test program anyhow.
  }
}

std::string TestDatabase::url() const {
  const std::string host =
      connect({.conninfo = conninfo()})->value("SHOW unix_socket_directories").value_or("");
  return "postgres://" + percent_encoded(shadow_.role()) + "@" + percent_encoded(host) + ":5432/" +
         percent_encoded(name_);
}

Connection& TestDatabase::connection() {
  if (!connection_) connection_ = shadow_.connect(name_);
  return *connection_;
}

TestServer::TestServer(int major)
    : shadow_(start_shadow({.major = major, .url{}, .cache_directory = test_cache(), .data_from{}})) {}

TestDatabase TestServer::fresh_database() { return {*shadow_, "test_" + std::to_string(++databases_)}; }

void TestServer::make_login_role(std::string_view name) {
  shadow_->create_role(name);
  shadow_->connect("postgres")->execute("ALTER ROLE " + quote_identifier(name) + " LOGIN");
}

TestServer& server(int major) {
  static std::map<int, TestServer> servers;
  if (major == 0) major = choose_server_binaries(0).version;
  return servers.try_emplace(major, major).first->second;
}

std::vector<int> available_versions() {
  std::vector<int> result;
  for (const ServerBinaries& binaries : find_server_binaries()) {
    if (result.empty() || result.back() != binaries.version) result.push_back(binaries.version);
  }
  return result;
}

// The build may be somebody else's.
std::filesystem::path test_cache() {
  const std::filesystem::path build = std::filesystem::path(PLUMBLINE_PROGRAM).parent_path(),
                              cache = build / "test-cache";
  if (access((std::filesystem::exists(cache) ? cache : build).c_str(), W_OK) == 0) return cache;
  return std::filesystem::temp_directory_path() / ("plumbline-test-cache-" + std::to_string(geteuid()));
}

}  // namespace plumbline::testing
