#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "postgres/connection.h"

namespace plumbline {

// Looks from a second connection whether the session that migrates waits for a lock, how long and for whom.
// It connects only when a statement takes longer than an instant; what it cannot see it does not report.
class LockWatch {
 public:
  using Connect = std::function<std::unique_ptr<Connection>()>;
  using Say = std::function<void(const std::string&)>;  // called from another thread
  LockWatch(int pid, Connect connect, Say say);
  ~LockWatch();
  LockWatch(const LockWatch&) = delete;
  LockWatch& operator=(const LockWatch&) = delete;

  // Time waited since the last call.
  std::chrono::milliseconds take_waited();
  // What it last saw: "a lock on public.orders that is held by session 4711 of ..."; empty: nothing.
  std::string in_the_way();

 private:
  void watch();
  void look(Connection& connection);

  int pid_;
  Connect connect_;
  Say say_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::string said_;
  std::unique_ptr<Connection> connection_;
  std::atomic<std::int64_t> waited_ms_ = 0;
  std::thread thread_;
};

}  // namespace plumbline
