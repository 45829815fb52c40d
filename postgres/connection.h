#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// One row of a result; the texts live until the next row is asked for.
class Row {
 public:
  explicit Row(std::span<const std::string_view> fields) : fields_(fields) {}
  std::size_t size() const { return fields_.size(); }
  // NULL reads as empty, and so does a column that there is not: SELECT alone yields a row without any.
  std::string_view operator[](std::size_t column) const {
    return column < fields_.size() ? fields_[column] : std::string_view();
  }
  bool is_null(std::size_t column) const { return (*this)[column].data() == nullptr; }

 private:
  std::span<const std::string_view> fields_;
};

using EachRow = std::function<void(const Row&)>;

// The values of $1, $2, ...: texts that the server reads as the types it expects there; nullopt is NULL.
using Parameter = std::optional<std::string>;
using Parameters = std::span<const Parameter>;

// What we need of a server. Everything throws Error, with the server's SQLSTATE when it was the server that
// refused; a lost connection has SQLSTATE 08006. Tests give the program one that fails at the n-th call.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual int version() const = 0;         // major: 14, 15, ...
  virtual int version_number() const = 0;  // as server_version_num: 150018
  virtual std::string database() const = 0;
  virtual std::string user() const = 0;
  // "host:port/database" for people: never a password.
  virtual std::string description() const = 0;

  // One statement that yields rows; the whole result is held in memory, so for small ones.
  virtual void query(std::string_view sql, const EachRow& each) = 0;
  // The same with bound parameters, which need no quoting: one SELECT, INSERT, UPDATE, DELETE or VALUES.
  virtual void query(std::string_view sql, Parameters parameters, const EachRow& each) = 0;
  // A SELECT of any size, read as COPY (...) TO STDOUT: nothing is held but the row at hand.
  virtual void stream(std::string_view select, const EachRow& each) = 0;
  // One or more statements; rows are thrown away.
  virtual void execute(std::string_view sql) = 0;
  // A COPY ... FROM STDIN and its data, in COPY's text form without the closing \. line.
  virtual void copy_in(std::string_view sql, std::string_view data) = 0;

  // True inside BEGIN ... COMMIT, also when that transaction has failed.
  virtual bool in_transaction() const = 0;
  // The server process, as whoever took the connection named it at the start; 0: not known. A pooler in
  // between invents one.
  virtual int process() const { return 0; }
  // Puts an end to the session though another thread waits for its answer, which is an error then. Unlike a
  // cancel it needs nobody at the other side.
  virtual void disconnect() {}
  // Notices of the server (severity and text) go here; without one they are dropped.
  virtual void on_notice(std::function<void(std::string_view)> listener) = 0;

  // The first column of the only row, nothing for no row; for questions with one answer.
  std::optional<std::string> value(std::string_view sql);

  // With bound parameters, given as a list or as a span.
  std::optional<std::string> value(std::string_view sql, Parameters parameters);
  void execute(std::string_view sql, Parameters parameters);
  std::optional<std::string> value(std::string_view sql, std::initializer_list<Parameter> parameters) {
    return value(sql, Parameters(parameters.begin(), parameters.size()));
  }
  void execute(std::string_view sql, std::initializer_list<Parameter> parameters) {
    execute(sql, Parameters(parameters.begin(), parameters.size()));
  }
  void query(std::string_view sql, std::initializer_list<Parameter> parameters, const EachRow& each) {
    query(sql, Parameters(parameters.begin(), parameters.size()), each);
  }
};

struct ConnectionOptions {
  std::string conninfo;  // URL or key=value; what it leaves open comes from PG* variables
  std::string application_name = "plumbline";
  int connect_timeout = 10;  // seconds, unless conninfo or PGCONNECT_TIMEOUT say otherwise
};

// Opens a connection. client_encoding is UTF8.
std::unique_ptr<Connection> connect(const ConnectionOptions& options);

// SQL that lets the server look every second whether we are still there while it is at a statement: when we
// are killed, it gives up and frees its locks (client_connection_check_interval, PostgreSQL 14+; some systems
// refuse it). With `scope` "session" or "transaction".
std::string watch_client(std::string_view scope);

// The conninfo with its password, if any, left out; for reports and logs.
std::string without_password(std::string_view conninfo);
// The conninfo with the value of one key replaced or added ("dbname", "user", ...).
std::string with_parameter(std::string_view conninfo, std::string_view key, std::string_view value);
// The conninfo as another program may be given it: what its command line shows to every user of the machine
// holds no secret, the password stands in a variable of its environment ("PGPASSWORD=...").
struct OutsideConninfo {
  std::string conninfo;
  std::vector<std::string> variables;
};
OutsideConninfo for_other_program(std::string_view conninfo);
// True for postgres:// and postgresql:// URLs and for key=value strings.
bool looks_like_conninfo(std::string_view text);

}  // namespace plumbline
