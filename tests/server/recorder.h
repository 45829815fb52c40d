#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/server/server.h"

// What came of using a connection, as text: rows, notices, every field of an error, and the state it was left
// in.
namespace plumbline::testing {

class Recorder {
 public:
  Recorder(TestDatabase& database, std::string conninfo);

  void query(std::string_view sql);
  void stream(std::string_view select);
  void execute(std::string_view sql);
  void copy_in(std::string_view sql, std::string_view data);
  void value(std::string_view sql);
  // Ask for rows with a listener that throws at the first one.
  void query_and_throw(std::string_view sql);
  void stream_and_throw(std::string_view select);
  // Runs `action`, which is called `what` in the record, and writes down what it threw.
  void attempt(std::string_view what, const std::function<void()>& action);
  void note(std::string_view line);

  Connection& connection() { return *connection_; }
  // Another session of the same database, which leaves no trace in the record.
  Connection& other();
  // Ends the server's side of the connection and waits until it is gone.
  void kill();
  // The record, with the state of the connection as its last lines.
  std::string finish();

 private:
  EachRow each_row();

  TestDatabase& database_;
  std::unique_ptr<Connection> connection_, other_;
  std::string record_;
};

struct Situation {
  std::string name;
  std::function<void(Recorder&)> act;
};

// Runs each situation on a connection of its own and holds its record against tests/golden/connection/`file`,
// which UPDATE_GOLDEN=1 rewrites.
void check_situations(const std::string& file, const std::vector<Situation>& situations);
// The same for texts that are there already; a pair is a name and a record.
void check_records(const std::string& file, const std::vector<std::pair<std::string, std::string>>& records);
// Bytes that no terminal shows as \x.., long runs of one character as their number.
std::string printable(std::string_view text);

}  // namespace plumbline::testing
