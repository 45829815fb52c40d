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
    if (connection_) connection_->disconnect();  // it may wait for a pooler
  }
  wake_.notify_all();
  thread_.join();
}

std::chrono::milliseconds LockWatch::take_waited() {
  return std::chrono::milliseconds(waited_ms_.exchange(0));
}

std::string LockWatch::in_the_way() {
  const std::lock_guard lock(mutex_);
  return said_;
}

void LockWatch::watch() {
  try {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval, [this] { return stop_; })) {
      lock.unlock();
      if (!connection_) {
        std::unique_ptr<Connection> opened = connect_();
        const std::lock_guard guard(mutex_);
        connection_ = std::move(opened);
      }
      look(*connection_);
      lock.lock();
    }
  } catch (const Error&) {  // without a second connection nothing is known about waiting
  }
}

void LockWatch::look(Connection& connection) {
  std::string text;
  connection.query(
      "SELECT coalesce((SELECT pg_catalog.format(' on %I.%I', nspname, relname) FROM pg_catalog.pg_locks w "
      "JOIN pg_catalog.pg_class c ON c.oid = w.relation JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace WHERE w.pid = a.pid AND NOT w.granted LIMIT 1), '') || ' that is held by ' || "
      "coalesce((SELECT pg_catalog.string_agg('session ' || b.pid || pg_catalog.concat(' of ' || b.usename, "
      "' "
      "(' || nullif(b.application_name, '') || ')', ', ' || b.state), '; ') FROM pg_catalog.pg_stat_activity "
      "b "
      "WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid))), 'another session') FROM "
      "pg_catalog.pg_stat_activity a WHERE a.pid = " +
          std::to_string(pid_) + " AND a.wait_event_type = 'Lock'",
      [&](const Row& row) { text = "a lock" + std::string(row[0]); });
  if (text.empty()) return;
  waited_ms_ += interval.count();
  {
    const std::lock_guard lock(mutex_);
    if (text == said_) return;
    said_ = text;
  }
  if (say_) say_("waits for " + text);
}

}  // namespace plumbline
