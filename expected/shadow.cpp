#include "expected/shadow.h"

#include "expected/given_server.h"
#include "expected/throw_away_server.h"

namespace plumbline {

std::unique_ptr<Connection> Shadow::connect(std::string_view database) const {
  return plumbline::connect({.conninfo = conninfo(database)});
}

std::unique_ptr<Shadow> start_shadow(const ShadowOptions& options) {
  if (!options.url.empty()) return std::make_unique<GivenServer>(options);
  return std::make_unique<ThrowAwayServer>(options);
}

}  // namespace plumbline
