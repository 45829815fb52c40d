#pragma once

#include <map>
#include <string>
#include <vector>

#include "catchup/plan.h"
#include "postgres/connection.h"

namespace plumbline {

// Watches what the statements of one session do to the relations that were there before them: the locks they
// take, by pg_locks; what they rewrite, by the relations' files; what they read, by the session's statistics.
class Measure {
 public:
  explicit Measure(Connection& connection);

  // Before a statement, outside of any transaction: what was read so far was read by others.
  void start();
  // Inside the transaction of that statement, which has just run.
  Effect take();

 private:
  void note_file(const std::string& relation, const std::string& file, Effect& effect);
  void note_reading(const std::string& relation, long read, Effect& effect);

  Connection& connection_;
  std::map<std::string, std::string> files_;  // by the relation's oid
  std::map<std::string, std::string> names_;  // as they were at first
  std::map<std::string, long> read_;          // rows, so far
};

}  // namespace plumbline
