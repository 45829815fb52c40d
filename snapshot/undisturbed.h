#pragma once

#include <functional>
#include <memory>
#include <string>

#include "postgres/connection.h"
#include "postgres/error.h"

// The server prints views, constraints and defaults from the catalogue as it is at that moment, and not as
// our transaction sees it: what somebody drops meanwhile is an error of the whole reading. Then only a new
// transaction helps. docs/decisions/0027-reading-beside-ddl.md has the reasons.
namespace plumbline {

using Reconnect = std::function<std::unique_ptr<Connection>()>;

// Whether reading failed because somebody else changed the schema at the same moment.
bool is_disturbance(const Error& error);

// What of a disturbed reading is gone now: "table public.orders". To be asked in the transaction that was
// disturbed, behind a ROLLBACK TO SAVEPOINT. Empty when that cannot be said.
std::string what_vanished(Connection& connection, const Error& error);

// Whose locks keep a reader out: "table public.orders is locked by session 4711 of ...". Empty: nobody's.
std::string who_locks(Connection& connection);

// Counts the tries of one reading.
class Tries {
 public:
  // `connect` is for asking who is in the way; may be empty.
  explicit Tries(Reconnect connect) : connect_(std::move(connect)) {}
  bool is_last() const { return number_ == most; }  // then what vanishes is to be named
  // Returns when another try is worth it. Throws what is to be said of the error otherwise.
  void failed(const Error& error);

 private:
  static constexpr int most = 12;
  Reconnect connect_;
  int number_ = 1;
};

// Calls read(bool last) until it is not disturbed, each time in transactions of its own.
template <typename Read>
auto undisturbed(Reconnect connect, const Read& read) {
  for (Tries tries(std::move(connect));;) {
    try {
      return read(tries.is_last());
    } catch (const Error& error) {
      tries.failed(error);
    }
  }
}

}  // namespace plumbline
