#include "postgres/connection.h"

#include <libpq-events.h>
#include <libpq-fe.h>
#include <sys/socket.h>

#include <cstdlib>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/version>
#include <utility>
#if PQXX_VERSION_MAJOR < 7
#include <pqxx/prepared_statement>
#else
#include <pqxx/params>
#endif

#include "postgres/conninfo.h"
#include "postgres/copy_line.h"
#include "postgres/error.h"
#include "postgres/hints.h"
#include "postgres/interrupt.h"
#include "postgres/text.h"

// libpqxx is the driver. libpq is called where libpqxx has nothing: to open a connection by keys and values,
// for all fields of an error, for notices with their severity, for COPY data that is text already, for the
// state of the transaction. docs/decisions/0015-libpqxx.md has the reasons.
namespace plumbline {

namespace {

using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
using Cancel = std::unique_ptr<PGcancel, decltype(&PQfreeCancel)>;

// All that differs between libpqxx 6 and 7: a Session uses a handle that somebody else opened and closes, and
// execute_bound sends a statement with its parameters.
#if PQXX_VERSION_MAJOR < 7
// libpqxx 6 opens connections by a policy, and opens a lost one anew without a word: this one has one handle.
class OneHandle : public pqxx::connectionpolicy {
 public:
  explicit OneHandle(PGconn* opened) : connectionpolicy(""), opened_(opened) {}
  handle do_startconnect(handle) override { return opened_; }
  handle do_disconnect(handle) noexcept override { return opened_; }

 private:
  PGconn* opened_;
};

class Session : private OneHandle, public pqxx::connection_base {
 public:
  explicit Session(PGconn* opened) : OneHandle(opened), connection_base(static_cast<OneHandle&>(*this)) {
    init();
  }
  ~Session() override { close(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  pqxx::connection_base& connection() { return *this; }
};

pqxx::result execute_bound(pqxx::nontransaction& work, std::string_view sql, Parameters parameters) {
  std::vector<const char*> texts;
  for (const Parameter& parameter : parameters) texts.push_back(parameter ? parameter->c_str() : nullptr);
  return work.exec_params(std::string(sql), pqxx::prepare::make_dynamic_params(texts));
}
#else
class Session {
 public:
  explicit Session(PGconn* opened) : connection_(pqxx::connection::seize_raw_connection(opened)) {}
  ~Session() { std::move(connection_).release_raw_connection(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  pqxx::connection& connection() { return connection_; }

 private:
  pqxx::connection connection_;
};

pqxx::result execute_bound(pqxx::nontransaction& work, std::string_view sql, Parameters parameters) {
  pqxx::params bound;
  for (const Parameter& parameter : parameters) parameter ? bound.append(*parameter) : bound.append();
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
  return work.exec(std::string(sql), bound);
#else
  return work.exec_params(std::string(sql), bound);
#endif
}
#endif

std::string one_line(std::string_view message) {
  std::string result;
  for (const std::string& line : split(trim(message), '\n')) {
    if (!result.empty()) result += "; ";
    result += trim(line);
  }
  return result;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

bool is_failure(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

// What the server said last. Exceptions of libpqxx have no position, detail, context and hint; libpq shows
// each result to an event procedure (manual, "Event System") before libpqxx has it.
class LastResult {
 public:
  void watch(PGconn* connection) { PQregisterEventProc(connection, &LastResult::see, "plumbline", this); }
  void forget() { *this = LastResult(); }

  // True for an error that the server reported; libpq's own have no SQLSTATE.
  bool has_report() const { return !report_.sqlstate.empty(); }
  Error error() const { return Error(message_, hint_for(report_.sqlstate, hint_), report_); }

 private:
  static int see(PGEventId id, void* event, void* self) {
    if (id == PGEVT_RESULTCREATE) {
      static_cast<LastResult*>(self)->read(static_cast<PGEventResultCreate*>(event)->result);
    }
    return 1;
  }

  void read(const PGresult* result) {
    forget();
    if (!is_failure(result)) return;
    message_ = field(result, PG_DIAG_MESSAGE_PRIMARY);
    hint_ = field(result, PG_DIAG_MESSAGE_HINT);
    report_ = {.sqlstate = field(result, PG_DIAG_SQLSTATE),
               .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
               .context = field(result, PG_DIAG_CONTEXT),
               .position = std::atoi(field(result, PG_DIAG_STATEMENT_POSITION).c_str())};
  }

  std::string message_, hint_;
  Error::ServerReport report_;
};

class PqxxConnection : public Connection, private interrupt::Cancellable {
 public:
  explicit PqxxConnection(Handle handle)
      : handle_(std::move(handle)),
        cancel_(PQgetCancel(handle_.get()), &PQfreeCancel),
        session_(handle_.get()),
        work_(session_.connection()) {
    last_.watch(handle_.get());
    // libpqxx has a notice as one text only, with severity, message, detail and context run together.
    PQsetNoticeReceiver(handle_.get(), &PqxxConnection::receive_notice, this);
  }

  int version() const override { return version_number() / 10000; }
  int version_number() const override { return session_.connection().server_version(); }
  std::string database() const override { return session_.connection().dbname(); }
  std::string user() const override { return session_.connection().username(); }

  std::string description() const override {
    return std::string(session_.connection().hostname()) + ":" + session_.connection().port() + "/" +
           database();
  }

  // libpqxx knows only the transactions that it began itself; ours begin with BEGIN in SQL.
  bool in_transaction() const override {
    const PGTransactionStatusType status = PQtransactionStatus(handle_.get());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  }

  int process() const override { return PQbackendPID(handle_.get()); }

  void disconnect() override { shutdown(PQsocket(handle_.get()), SHUT_RDWR); }

  // May be called while another thread is at work with the handle (manual, "Canceling Queries in Progress").
  void cancel() override {
    char trouble[256];
    if (cancel_) PQcancel(cancel_.get(), trouble, sizeof trouble);
  }

  void on_notice(std::function<void(std::string_view)> listener) override { notice_ = std::move(listener); }

  void query(std::string_view sql, const EachRow& each) override { hand_over(run(sql), each); }

  void query(std::string_view sql, Parameters parameters, const EachRow& each) override {
    for (const Parameter& parameter : parameters) {
      if (parameter && parameter->find('\0') != std::string::npos) {
        throw Error("a value holds a zero byte", "PostgreSQL stores no text with a zero byte.");
      }
    }
    hand_over(guarded([&] { return execute_bound(work_, sql, parameters); }), each);
  }

  // pqxx::stream_from copies each line twice; taken from the handle, a line is read where libpq has put it.
  void stream(std::string_view select, const EachRow& each) override {
    const interrupt::UnderWay under_way(*this);
    begin_copy("COPY (" + std::string(select) + ") TO STDOUT", PGRES_COPY_OUT);
    CopyLine line;
    char* buffer = nullptr;
    int length = 0;
    while ((length = PQgetCopyData(handle_.get(), &buffer, 0)) > 0) {
      const std::unique_ptr<char, decltype(&PQfreemem)> owner(buffer, &PQfreemem);
      each(line.parse(buffer, length));
    }
    finish_copy();
  }

  void execute(std::string_view sql) override { run(sql); }

  // pqxx::stream_to writes the COPY itself and takes fields or single lines, not the text of a whole file.
  void copy_in(std::string_view sql, std::string_view data) override {
    const interrupt::UnderWay under_way(*this);
    begin_copy(sql, PGRES_COPY_IN);
    constexpr std::size_t chunk = 1 << 20;
    for (std::size_t at = 0; at < data.size(); at += chunk) {
      if (interrupt::is_due()) return give_up_copy();
      const std::string_view part = data.substr(at, chunk);
      if (PQputCopyData(handle_.get(), part.data(), static_cast<int>(part.size())) != 1) lost();
    }
    if (PQputCopyEnd(handle_.get(), nullptr) != 1) lost();
    finish_copy();
  }

 private:
  static void receive_notice(void* self, const PGresult* result) {
    const auto& listener = static_cast<PqxxConnection*>(self)->notice_;
    if (!listener) return;
    listener(field(result, PG_DIAG_SEVERITY) + ": " + field(result, PG_DIAG_MESSAGE_PRIMARY));
  }

  static void hand_over(const pqxx::result& result, const EachRow& each) {
    std::vector<std::string_view> fields;
    for (const auto& row : result) {
      fields.clear();
      for (const auto& value : row) {
        fields.push_back(value.is_null() ? std::string_view()
                                         : std::string_view(value.c_str(), value.size()));
      }
      each(Row(fields));
    }
  }

  pqxx::result run(std::string_view sql) {
    return guarded([&] { return work_.exec(std::string(sql)); });
  }

  // Lets libpqxx send a statement, and throws our Error when it fails.
  template <typename Statement>
  pqxx::result guarded(const Statement& statement) {
    if (is_lost()) lost("no connection to the server");
    const interrupt::UnderWay under_way(*this);
    last_.forget();
    try {
      return statement();
    } catch (const std::exception& error) {
      if (is_lost() || last_.has_report()) throw_failure();
      throw Error(one_line(error.what()));
    }
  }

  bool is_lost() const { return PQstatus(handle_.get()) == CONNECTION_BAD; }

  [[noreturn]] static void lost(const std::string& reason) {
    throw Error("lost the connection to the server: " + reason, hint_for_losing(reason),
                {.sqlstate = "08006"});
  }
  [[noreturn]] void lost() const { lost(one_line(PQerrorMessage(handle_.get()))); }

  // Throws what the server reported, or that it is gone.
  [[noreturn]] void throw_failure() const {
    if (is_lost() || !last_.has_report()) lost();
    const Error error = last_.error();
    const bool by_us = error.sqlstate() == "57014" && interrupt::is_due();
    if (by_us) throw Error(interrupt::what_happened(), "", error.report());
    throw error;
  }

  // libpqxx looks for notifications once a statement is done (connection_base::get_notifs): a server that
  // ends the connection at the start of a COPY would be taken for one that never sent what it did send.
  void begin_copy(std::string_view sql, ExecStatusType wanted) {
    last_.forget();
    const Result result(PQexec(handle_.get(), std::string(sql).c_str()), &PQclear);
    if (is_failure(result.get())) throw_failure();
    if (PQresultStatus(result.get()) == wanted) return;
    throw Error("the server did not start a COPY", "Only COPY ... FROM STDIN carries data.");
  }

  void give_up_copy() {
    PQputCopyEnd(handle_.get(), interrupt::what_happened().c_str());
    try {
      finish_copy();
    } catch (const Error& error) {
      if (is_lost()) throw;
    }
    interrupt::check();
  }

  void finish_copy() {
    while (const Result result{PQgetResult(handle_.get()), &PQclear}) {
      if (!is_failure(result.get())) continue;
      const LastResult failed = last_;
      while (PGresult* rest = PQgetResult(handle_.get())) PQclear(rest);
      last_ = failed;
      throw_failure();
    }
  }

  Handle handle_;
  Cancel cancel_;
  LastResult last_;
  mutable Session session_;  // libpqxx 6 gives names of connections that are not const only
  pqxx::nontransaction work_;
  std::function<void(std::string_view)> notice_;
};

}  // namespace

std::optional<std::string> Connection::value(std::string_view sql) {
  std::optional<std::string> result;
  query(sql, [&](const Row& row) { result = std::string(row[0]); });
  return result;
}

std::optional<std::string> Connection::value(std::string_view sql, Parameters parameters) {
  std::optional<std::string> result;
  query(sql, parameters, [&](const Row& row) { result = std::string(row[0]); });
  return result;
}

void Connection::execute(std::string_view sql, Parameters parameters) {
  query(sql, parameters, [](const Row&) {});
}

// Where the system cannot tell that a client has gone, the setting is refused, so it is set on Linux alone.
std::string watch_client(std::string_view scope) {
  return std::string("SELECT pg_catalog.set_config('client_connection_check_interval', '1s', ") +
         (scope == "transaction" ? "true" : "false") +
         ") WHERE pg_catalog.version() LIKE '%linux%' AND "
         "pg_catalog.current_setting('client_connection_check_interval', true) = '0'";
}

std::unique_ptr<Connection> connect(const ConnectionOptions& options) {
  const bool has_timeout =
      gives_parameter(options.conninfo, "connect_timeout") || std::getenv("PGCONNECT_TIMEOUT") != nullptr;
  std::vector<const char*> keys, values;
  const std::string timeout = std::to_string(options.connect_timeout);
  const auto add = [&](const char* key, const char* value) {
    keys.push_back(key);
    values.push_back(value);
  };
  // libpqxx takes one text, in which ours could not be told from the user's. Expanded by libpq itself, since
  // of keys and values it drops the empty ones: hostaddr='' has to keep PGHOSTADDR away from a throw-away
  // server, or the replay would go to live.
  add("dbname", options.conninfo.c_str());
  add("client_encoding", "UTF8");
  add("fallback_application_name", options.application_name.c_str());
  if (!has_timeout) add("connect_timeout", timeout.c_str());
  add(nullptr, nullptr);

  Handle handle(PQconnectdbParams(keys.data(), values.data(), 1), &PQfinish);
  if (!handle) throw Error("out of memory");
  if (PQstatus(handle.get()) != CONNECTION_OK) {
    const std::string message = one_line(PQerrorMessage(handle.get()));
    throw Error("cannot connect: " + message, hint_for_connecting(message), {.sqlstate = "08001"});
  }
  try {
    return std::make_unique<PqxxConnection>(std::move(handle));
  } catch (const pqxx::feature_not_supported& error) {
    throw Error("cannot connect: " + one_line(error.what()), "Connect to PostgreSQL 14 or newer.",
                {.sqlstate = "08001"});
  }
}

}  // namespace plumbline
