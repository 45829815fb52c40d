#pragma once

#include <memory>
#include <string>
#include <vector>

#include "expected/shadow.h"

namespace plumbline {

// The schema of a live database once more, on a throw-away server: from pg_dump, when it is first asked for,
// and as far as that server can have it. Owners and privileges are left out.
class Rebuilt {
 public:
  // `major` is the live server's; `options` may want a newer one, which understands what both spell.
  Rebuilt(std::string conninfo, int major, ShadowOptions options)
      : conninfo_(std::move(conninfo)), major_(major), options_(std::move(options)) {}

  // Nothing when there is no server or no pg_dump for it; warnings() says why.
  Connection* connection();
  std::vector<std::string> warnings() const { return warnings_; }

 private:
  void rebuild();

  std::string conninfo_;
  int major_;
  ShadowOptions options_;
  std::unique_ptr<Shadow> shadow_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::string> warnings_;
  bool tried_ = false;
};

}  // namespace plumbline
