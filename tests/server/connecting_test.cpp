// What connecting comes to, to the byte; the record is that of the driver that was libpq alone.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "postgres/connection.h"
#include "postgres/error.h"
#include "tests/server/recorder.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

// A variable of the environment for the time of its scope.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
};

// The role "with_password" of that server has to give its password, which is "right".
void demand_password(TestDatabase& database) {
  database.execute(
      "DO $$ BEGIN CREATE ROLE with_password LOGIN PASSWORD 'right'; "
      "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  const std::string file = database.connection().value("SHOW hba_file").value();
  database.execute(
      "DO $$ BEGIN EXECUTE format('COPY (SELECT line FROM unnest(%L::text[]) AS line) TO %L', "
      "ARRAY['local all with_password scram-sha-256'] || string_to_array(rtrim(pg_read_file('" +
      file + "'), E'\n'), E'\n'), '" + file + "'); END $$; SELECT pg_reload_conf()");
  for (int i = 0; i < 400; ++i) {
    try {
      connect({.conninfo = with_parameter(database.conninfo(), "user", "with_password")});
    } catch (const Error&) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL("the server does not ask for a password");
}

// What connecting says, and what the connection says of itself; the folder of the socket is DIR.
std::string came_of_connecting(TestDatabase& database, const std::string& conninfo) {
  std::string text;
  try {
    const auto connection = connect({.conninfo = conninfo});
    const bool ours = connection->user() == database.connection().user();
    text = "connected as " + (ours ? "ROLE" : connection->user()) + " to " + connection->database() + " at " +
           connection->description() + ", encoding " +
           connection->value("SHOW client_encoding").value_or("") + ", " +
           connection->value("SHOW application_name").value_or("") + "\n";
  } catch (const Error& error) {
    text = "error: " + error.message() + "\n  hint: " + error.hint() + "\n  sqlstate: " + error.sqlstate() +
           "\n";
  }
  const auto replace = [&](const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;)
      text.replace(at, what.size(), with);
  };
  replace(database.connection().value("SHOW unix_socket_directories").value(), "DIR");
  replace(database.name(), "DATABASE");
  return text;
}

}  // namespace

TEST_CASE("a connection that cannot be made says why as it always did") {
  TestDatabase database = server(15).fresh_database();
  demand_password(database);
  const std::string good = database.conninfo();
  const auto with = [&](std::string_view key, std::string_view value) {
    return with_parameter(good, key, value);
  };
  const std::string user = with("user", "with_password");
  const std::vector<std::pair<std::string, std::string>> given = {
      {"one that can", good},
      {"with a password", with_parameter(user, "password", "right")},
      {"with a wrong password", with_parameter(user, "password", "wrong")},
      {"with no password", user},
      {"to a database that is missing", with("dbname", "missing")},
      {"as a role that is missing", with("user", "missing")},
      {"to a folder without a socket", with("host", "/nowhere")},
      {"to a port without a server", with_parameter(with("host", "127.0.0.1"), "port", "1")},
      {"to a port that cannot be", with("port", "99999")},
      {"with an application name", with("application_name", "mine")},
      {"with another encoding", with("client_encoding", "LATIN1")},
      {"with options", with("options", "-c application_name=theirs -c nosuch.thing=1")},
      {"with options that are refused", with("options", "-c work_mem=no")},
      {"with a bad value", with("sslmode", "bogus")},
      {"with a key that is missing", "nosuchkey=1"},
      {"with a text that is none", "postgres://[::1"},
      {"with a time-out that is no number", with("connect_timeout", "soon")}};
  std::vector<std::pair<std::string, std::string>> records;
  for (const auto& [name, conninfo] : given)
    records.emplace_back(name, came_of_connecting(database, conninfo));
  {
    const Variable address("PGHOSTADDR", "192.0.2.1"), wait("PGCONNECT_TIMEOUT", "2");
    records.emplace_back("with an empty hostaddr and PGHOSTADDR", came_of_connecting(database, good));
  }
  check_records("connecting.txt", records);
}
