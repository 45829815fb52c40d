#include "postgres/connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

// What to do about what the server says most often; the SQLSTATE classes are the manual's, appendix A.
std::string hint_for(const std::string& sqlstate, const std::string& server_hint) {
  if (!server_hint.empty()) return server_hint;
  if (sqlstate == "42501") return "Grant the role the right, or connect as a role that has it.";
  if (sqlstate == "57014") return "Raise the time-out, or try again when the server is less busy.";
  if (sqlstate == "22021") {
    return "Correct the text that is not in the database's encoding: a comment, a default, or source code.";
  }
  if (sqlstate == "55P03") return "Another session holds the lock; try again later.";
  return "";
}

std::string_view connection_hint(std::string_view message) {
  const auto says = [&](std::string_view part) { return message.find(part) != std::string_view::npos; };
  if (says("password authentication failed") || says("no password supplied")) {
    return "Check the user and the password (PGPASSWORD, ~/.pgpass, or the URL).";
  }
  if (says("does not exist") && says("database")) return "Check the name of the database in the URL.";
  if (says("does not exist") && says("role")) return "Check the name of the user in the URL.";
  if (says("could not translate host name")) return "Check the host in the URL.";
  if (says("Connection refused") || says("No such file or directory") || says("timeout expired")) {
    return "Is the server running and does it accept connections at that address?";
  }
  if (says("pg_hba.conf")) return "The server's pg_hba.conf does not let this user in from here.";
  return "Check the URL, or the PG* variables.";
}

std::string one_line(std::string_view message) {
  std::string result;
  for (const std::string& line : split(trim(message), '\n')) {
    if (!result.empty()) result += "; ";
    result += trim(line);
  }
  return result;
}

Options parsed(std::string_view conninfo) {
  char* message = nullptr;
  Options options(PQconninfoParse(std::string(conninfo).c_str(), &message), &PQconninfoFree);
  if (!options) {
    PQfreemem(message);  // may hold what was given, and so a password
    throw Error("cannot read the connection string",
                "Write postgres://user@host:port/database or \"host=... dbname=...\".");
  }
  return options;
}

std::string quoted_value(std::string_view value) {
  std::string result = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result += "'";
}

// COPY's text form, one line (manual, COPY, "Text Format"): undoes the escapes in place.
class CopyLine {
 public:
  Row parse(char* line, int length) {
    fields_.clear();
    char* const end = line + length - (length > 0 && line[length - 1] == '\n' ? 1 : 0);
    for (char* at = line; at <= end;) at = parse_field(at, end);
    return Row(fields_);
  }

 private:
  char* parse_field(char* at, char* end) {
    char* const start = at;
    if (end - at >= 2 && at[0] == '\\' && at[1] == 'N' && (at + 2 == end || at[2] == '\t')) {
      fields_.emplace_back();
      return at + 3;
    }
    char* out = at;
    for (; at < end && *at != '\t'; ++at) *out++ = *at == '\\' ? unescaped(*++at) : *at;
    fields_.emplace_back(start, static_cast<std::size_t>(out - start));
    return at + 1;
  }

  static char unescaped(char c) {
    constexpr std::string_view codes = "bfnrtv", bytes = "\b\f\n\r\t\v";
    const std::size_t place = codes.find(c);
    return place == std::string_view::npos ? c : bytes[place];
  }

  std::vector<std::string_view> fields_;
};

class LibpqConnection : public Connection {
 public:
  explicit LibpqConnection(PGconn* connection) : connection_(connection, &PQfinish) {
    PQsetNoticeReceiver(connection, &LibpqConnection::receive_notice, this);
  }

  int version() const override { return PQserverVersion(connection_.get()) / 10000; }
  int version_number() const override { return PQserverVersion(connection_.get()); }
  std::string database() const override { return PQdb(connection_.get()); }
  std::string user() const override { return PQuser(connection_.get()); }

  std::string description() const override {
    return std::string(PQhost(connection_.get())) + ":" + PQport(connection_.get()) + "/" + database();
  }

  bool in_transaction() const override {
    const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  }

  void on_notice(std::function<void(std::string_view)> listener) override { notice_ = std::move(listener); }

  void query(std::string_view sql, const EachRow& each) override {
    const Result result = run(sql);
    const int columns = PQnfields(result.get());
    std::vector<std::string_view> fields(static_cast<std::size_t>(columns));
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      for (int column = 0; column < columns; ++column) {
        fields[static_cast<std::size_t>(column)] = value_of(result.get(), row, column);
      }
      each(Row(fields));
    }
  }

  void stream(std::string_view select, const EachRow& each) override {
    send("COPY (" + std::string(select) + ") TO STDOUT");
    expect(PGRES_COPY_OUT);
    CopyLine line;
    char* buffer = nullptr;
    int length = 0;
    while ((length = PQgetCopyData(connection_.get(), &buffer, 0)) > 0) {
      const std::unique_ptr<char, decltype(&PQfreemem)> owner(buffer, &PQfreemem);
      each(line.parse(buffer, length));
    }
    finish();
  }

  void execute(std::string_view sql) override { run(sql); }

  void copy_in(std::string_view sql, std::string_view data) override {
    send(std::string(sql));
    expect(PGRES_COPY_IN);
    constexpr std::size_t chunk = 1 << 20;
    for (std::size_t at = 0; at < data.size(); at += chunk) {
      const std::string_view part = data.substr(at, chunk);
      if (PQputCopyData(connection_.get(), part.data(), static_cast<int>(part.size())) != 1) lost();
    }
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) lost();
    finish();
  }

 private:
  static std::string_view value_of(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column)) return {};
    return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
  }

  static void receive_notice(void* self, const PGresult* result) {
    const auto& listener = static_cast<LibpqConnection*>(self)->notice_;
    if (!listener) return;
    listener(field(result, PG_DIAG_SEVERITY) + ": " + field(result, PG_DIAG_MESSAGE_PRIMARY));
  }

  [[noreturn]] void lost() const {
    throw Error("lost the connection to the server: " + one_line(PQerrorMessage(connection_.get())),
                "Is the server still running? Run the command again.", {.sqlstate = "08006"});
  }

  // Throws what the server said, unless the result is of a kind that says nothing is wrong.
  void check(const PGresult* result) const {
    const ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    if (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE && status != PGRES_EMPTY_QUERY) return;
    if (status == PGRES_EMPTY_QUERY) return;
    Error::ServerReport report;
    if (result) {
      report = {.sqlstate = field(result, PG_DIAG_SQLSTATE),
                .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
                .context = field(result, PG_DIAG_CONTEXT),
                .position = std::atoi(field(result, PG_DIAG_STATEMENT_POSITION).c_str())};
    }
    if (report.sqlstate.empty() || PQstatus(connection_.get()) == CONNECTION_BAD) lost();
    const std::string hint = hint_for(report.sqlstate, field(result, PG_DIAG_MESSAGE_HINT));
    throw Error(field(result, PG_DIAG_MESSAGE_PRIMARY), hint, std::move(report));
  }

  Result run(std::string_view sql) {
    Result result(PQexec(connection_.get(), std::string(sql).c_str()), &PQclear);
    check(result.get());
    return result;
  }

  void send(const std::string& sql) {
    if (PQsendQuery(connection_.get(), sql.c_str()) != 1) lost();
  }

  void expect(ExecStatusType wanted) {
    const Result result(PQgetResult(connection_.get()), &PQclear);
    if (result && PQresultStatus(result.get()) == wanted) return;
    drain();
    check(result.get());
    throw Error("the server did not start a COPY", "Only COPY ... FROM STDIN carries data.");
  }

  void finish() {
    for (Result result(PQgetResult(connection_.get()), &PQclear); result;
         result.reset(PQgetResult(connection_.get()))) {
      if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) continue;
      drain();
      check(result.get());
    }
  }

  void drain() {
    while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::function<void(std::string_view)> notice_;
};

}  // namespace

std::optional<std::string> Connection::value(std::string_view sql) {
  std::optional<std::string> result;
  query(sql, [&](const Row& row) { result = std::string(row[0]); });
  return result;
}

std::unique_ptr<Connection> connect(const ConnectionOptions& options) {
  const Options given = parsed(options.conninfo);
  bool has_timeout = std::getenv("PGCONNECT_TIMEOUT") != nullptr;
  for (const PQconninfoOption* option = given.get(); option->keyword; ++option) {
    has_timeout = has_timeout || (option->val && std::string_view(option->keyword) == "connect_timeout");
  }
  std::vector<const char*> keys, values;
  const std::string timeout = std::to_string(options.connect_timeout);
  const auto add = [&](const char* key, const char* value) {
    keys.push_back(key);
    values.push_back(value);
  };
  // Expanded by libpq itself, since of keys and values it drops the empty ones: hostaddr='' has to keep
  // PGHOSTADDR away from a throw-away server, or the replay would go to live.
  add("dbname", options.conninfo.c_str());
  add("client_encoding", "UTF8");
  add("fallback_application_name", options.application_name.c_str());
  if (!has_timeout) add("connect_timeout", timeout.c_str());
  add(nullptr, nullptr);

  PGconn* raw = PQconnectdbParams(keys.data(), values.data(), 1);
  if (!raw) throw Error("out of memory");
  auto connection = std::make_unique<LibpqConnection>(raw);
  if (PQstatus(raw) != CONNECTION_OK) {
    const std::string message = one_line(PQerrorMessage(raw));
    throw Error("cannot connect: " + message, std::string(connection_hint(message)), {.sqlstate = "08001"});
  }
  return connection;
}

std::string without_password(std::string_view conninfo) {
  const Options options = parsed(conninfo);
  std::string result;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    const std::string_view key = option->keyword;
    if (!option->val || key.find("password") != std::string_view::npos) continue;
    if (!result.empty()) result += ' ';
    result += std::string(key) + "=" + option->val;
  }
  return result;
}

std::string with_parameter(std::string_view conninfo, std::string_view key, std::string_view value) {
  const Options options = parsed(conninfo);
  std::string result;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (!option->val || key == option->keyword) continue;
    result += std::string(option->keyword) + "=" + quoted_value(option->val) + " ";
  }
  return result + std::string(key) + "=" + quoted_value(value);
}

OutsideConninfo for_other_program(std::string_view conninfo) {
  const Options options = parsed(conninfo);
  OutsideConninfo result;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    const std::string_view key = option->keyword;
    if (!option->val) continue;
    if (key == "password") result.variables.push_back(std::string("PGPASSWORD=") + option->val);
    if (key.find("password") != key.npos || key.find("secret") != key.npos) continue;
    if (!result.conninfo.empty()) result.conninfo += ' ';
    result.conninfo += std::string(key) + "=" + quoted_value(option->val);
  }
  return result;
}

bool looks_like_conninfo(std::string_view text) {
  if (text.starts_with("postgres://") || text.starts_with("postgresql://")) return true;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = trim(text.substr(0, equals));
  const Options known(PQconndefaults(), &PQconninfoFree);
  for (const PQconninfoOption* option = known.get(); option && option->keyword; ++option) {
    if (key == option->keyword) return true;
  }
  return false;
}

}  // namespace plumbline
