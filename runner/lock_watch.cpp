#include "runner/lock_watch.h"

#include "postgres/error.h"

namespace plumbline {
namespace {

constexpr std::chrono::milliseconds interval{100};

}  // namespace

LockWatch::LockWatch(int pid, Connect connect, Say say)
    : pid_(pid), connect_(std::move(connect)), say_(std::move(say)), thread_([this] { watch(); }) {}

LockWatch::~LockWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::chrono::milliseconds LockWatch::take_waited() {
  return std::chrono::milliseconds(waited_ms_.exchange(0));
}

void LockWatch::watch() {
  try {
    std::unique_ptr<Connection> connection;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval, [this] { return stop_; })) {
      lock.unlock();
      if (!connection) connection = connect_();
      look(*connection);
      lock.lock();
    }
  } catch (const Error&) {  // without a second connection nothing is known about waiting
  }
}

void LockWatch::look(Connection& connection) {
  std::string text;
  connection.query(
      "SELECT coalesce((SELECT pg_catalog.string_agg('session ' || b.pid || pg_catalog.concat(' of ' || "
      "b.usename, ' (' || nullif(b.application_name, '') || ')', ', ' || b.state), '; ') FROM "
      "pg_catalog.pg_stat_activity b WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid))), 'another "
      "session') FROM pg_catalog.pg_stat_activity a WHERE a.pid = " +
          std::to_string(pid_) + " AND a.wait_event_type = 'Lock'",
      [&](const Row& row) { text = row[0]; });
  if (text.empty()) return;
  waited_ms_ += interval.count();
  if (text == said_) return;
  said_ = text;
  if (say_) say_("waits for a lock that is held by " + text);
}

}  // namespace plumbline
