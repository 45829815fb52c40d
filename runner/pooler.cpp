#include "runner/pooler.h"

#include <future>
#include <string>
#include <vector>

#include "postgres/error.h"

namespace plumbline {
namespace {

using Connect = std::function<std::unique_ptr<Connection>()>;

constexpr int most_sessions = 3;
constexpr std::chrono::seconds patience{2};

std::string process_of(Connection& connection) {
  return connection.value("SELECT pg_catalog.pg_backend_pid()").value_or("");
}

// PgBouncer refuses BEGIN in that mode, in these words.
bool is_by_statement(const Error& error) {
  return error.message().find("statement pooling") != std::string::npos;
}

// Another session inside a transaction, and the process it was given; empty when it got none in time: then
// the pool has none but those that sessions keep.
struct Probe {
  std::unique_ptr<Connection> connection;
  std::string process;
};

Probe probe(const Connect& connect) {
  Probe probe{connect(), {}};
  std::future<std::string> process = std::async(std::launch::async, [&] {
    probe.connection->execute("BEGIN");
    return process_of(*probe.connection);
  });
  const bool in_time = process.wait_for(patience) == std::future_status::ready;
  if (!in_time) probe.connection->disconnect();
  try {
    probe.process = process.get();
  } catch (const Error& error) {
    if (is_by_statement(error)) throw;
  }
  if (!in_time) probe.process.clear();
  return probe;
}

// A process that another session gets while ours lasts, or that ours changes, is nobody's for the session.
bool is_shared(Connection& connection, const Connect& connect) {
  const std::string ours = process_of(connection);
  std::vector<Probe> others;
  for (int i = 0; i < most_sessions; ++i) {
    others.push_back(probe(connect));
    if (others.back().process == ours) return true;
    if (others.back().process.empty()) return false;
    if (process_of(connection) != ours) return true;
  }
  return false;
}

}  // namespace

Pooling pooling_of(Connection& connection, const Connect& connect) {
  if (std::to_string(connection.process()) == process_of(connection)) return Pooling::none;
  try {
    return is_shared(connection, connect) ? Pooling::transaction : Pooling::session;
  } catch (const Error& error) {
    if (is_by_statement(error)) return Pooling::statement;
    throw;
  }
}

void refuse_pooler(Connection& connection, const Connect& connect) {
  const Pooling pooling = pooling_of(connection, connect);
  if (pooling == Pooling::none || pooling == Pooling::session) return;
  const std::string unit = pooling == Pooling::transaction ? "transaction" : "statement";
  throw Error("the connection goes through a pooler that gives a server process for one " + unit +
                  " only: the migration lock and the settings of the session would not last",
              "Connect to the server itself, or to a pool with pool_mode = session; nothing was changed.");
}

}  // namespace plumbline
