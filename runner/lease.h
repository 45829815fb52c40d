#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/connection.h"
#include "postgres/interrupt.h"

namespace plumbline {

// Who holds the migration lock, or held it when it died.
struct LeaseHolder {
  std::string holder, role, since, doing;
  bool alive = false;  // the lock is held by somebody now
};
std::optional<LeaseHolder> read_lease(Connection& connection, const std::string& schema);

// The right to migrate: an advisory lock of the session, asked for again and again. The form that waits would
// make CREATE INDEX CONCURRENTLY of the holder wait for us while we wait for it. With the lock comes a ledger
// of today's form, and a row in it that says who we are.
class Lease {
 public:
  struct Patience {
    std::chrono::milliseconds limit{60'000};
    // Told once, when somebody else holds it.
    std::function<void(const std::string&)> waiting = {};
    bool makes_ledger = true;  // false: where there is no ledger, the lock is all that is taken
  };

  // Throws Error when others hold it for longer than we wait, when the server takes no writes, or when the
  // role may not make the ledger.
  Lease(Connection& connection, std::string schema, const Patience& patience);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // Whose lease this one took over: the session was gone.
  const std::optional<LeaseHolder>& predecessor() const { return predecessor_; }
  bool has_ledger() const { return has_ledger_; }
  // Migrations may give up locks (DISCARD ALL): takes it again. Throws Error when somebody else has it.
  void ensure();

 private:
  bool try_lock();
  [[noreturn]] void give_up() const;

  interrupt::Orderly orderly_;  // a signal makes us give it back
  Connection& connection_;
  std::string schema_;
  bool has_ledger_;
  std::optional<LeaseHolder> predecessor_;
};

}  // namespace plumbline
