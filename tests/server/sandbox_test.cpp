#include "expected/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/server/project.h"
#include "tests/server/server.h"
#include "tests/server/traces.h"

using namespace plumbline;
using namespace plumbline::testing;

namespace {

// Listens on a port of 127.0.0.1 that the kernel chooses.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(socket_, 8) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::string call() const {
    return "bash -c \"exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port_) + "\" 2>/dev/null";
  }
  bool was_reached() const {
    const int connection = accept(socket_, nullptr, nullptr);
    if (connection >= 0) close(connection);
    return connection >= 0;
  }

 private:
  int socket_, port_ = 0;
};

}  // namespace

TEST_CASE("a migration that is replayed reaches no port of this machine") {
  if (!possible_isolation().network) return;  // as the next test says
  const Listener listener;
  REQUIRE(std::system(listener.call().c_str()) == 0);
  REQUIRE(listener.was_reached());
  for (const int version : available_versions()) {
    DYNAMIC_SECTION(version) {
      ShadowOptions options = with_cache();
      options.major = version;
      const auto shadow = start_shadow(options);
      shadow->create_database("one");
      const auto connection = shadow->connect("one");
      connection->execute("CREATE TABLE said (line text)");
      connection->execute("COPY said FROM PROGRAM '" + listener.call() +
                          " && echo reached || echo not reached'");
      CHECK(connection->value("SELECT line FROM said") == "not reached");
      CHECK_FALSE(listener.was_reached());
      // Before 15 statistics travel over the loopback device; without one the server turns this off.
      CHECK(connection->value("SHOW track_counts") == "on");
      connection->execute("CREATE TABLE devices (line text)");
      connection->execute("COPY devices FROM PROGRAM 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d \" \"'");
      CHECK(connection->value("SELECT string_agg(line, ' ') FROM devices WHERE line <> 'lo'").value_or("") ==
            "");
    }
  }
}

TEST_CASE("check says once when the kernel gives throw-away servers no network of their own") {
  Project project;
  const Listener listener;
  project.migrations({"CREATE TABLE t (a int); COPY t FROM PROGRAM '" + listener.call() + "; true'"});
  project.live("CREATE TABLE t (a int)", 1);
  const ProgramResult result = project.check({"--no-cache"});
  CHECK(result.exit_code == 0);
  CHECK(listener.was_reached() != possible_isolation().network);
  const std::string said = "the throw-away server shares";
  const std::size_t first = (result.out + result.err).find(said);
  CHECK((first == std::string::npos) == possible_isolation().whole());
  CHECK((result.out + result.err).find(said, first == std::string::npos ? first : first + 1) ==
        std::string::npos);
}
