#include "snapshot/capture.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/kinds.h"
#include "snapshot/members.h"
#include "snapshot/query.h"

namespace plumbline {

namespace {

// From how many relations on a second connection is worth its start.
constexpr int relations_for_more_connections = 1500;

// Whether the server locks, until the transaction ends, what the texts read that it prints: it does so for
// each query inside them (AcquireRewriteLocks in ruleutils.c, PostgreSQL 9.3+).
bool takes_locks(std::string_view sql) {
  constexpr std::string_view printers[] = {"pg_get_viewdef(", "pg_get_ruledef(", "pg_get_function_sqlbody(",
                                           "pg_get_expr("};
  return std::ranges::any_of(printers, [&](std::string_view name) { return sql.find(name) != sql.npos; });
}

class Capture {
 public:
  Capture(Connection& connection, SymbolTable& symbols, const CaptureOptions& options)
      : connection_(connection), symbols_(symbols), options_(options) {
    for (const Kind* kind : all_kinds()) {
      if (kind->since <= connection.version() && (!kind->cluster || options.cluster)) kinds_.push_back(kind);
    }
    snapshot_.server_version = connection.version();
  }

  Snapshot run() {
    std::jthread helper;
    {
      const BriefLocks locks(connection_);
      members_ = member_lines(connection_, symbols_, kinds_);
    }
    if (options_.more && is_large()) helper = std::jthread([this, id = export_snapshot()] { help(id); });
    read_kinds(connection_);
    if (helper.joinable()) helper.join();
    if (failure_) std::rethrow_exception(failure_);
    std::ranges::sort(snapshot_.unreadable);
    snapshot_.seal();
    return std::move(snapshot_);
  }

 private:
  bool is_large() {
    const auto count =
        connection_.value("SELECT count(*) > " + std::to_string(relations_for_more_connections) +
                          " FROM pg_class WHERE oid >= 16384");
    return count == "t";
  }

  std::string export_snapshot() { return *connection_.value("SELECT pg_export_snapshot()"); }

  // On the second connection: the same moment of the same database, the kinds that nobody has taken yet.
  void help(const std::string& exported) {
    try {
      const std::unique_ptr<Connection> connection = options_.more();
      const ReadTransaction transaction(*connection, exported);
      read_kinds(*connection);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void read_kinds(Connection& connection) {
    for (std::size_t next = next_++; next < kinds_.size(); next = next_++) {
      const Kind& kind = *kinds_[next];
      if (options_.progress) options_.progress(kind.label, next, kinds_.size());
      try {
        read_kind(connection, kind);
      } catch (Error& error) {
        error.during("reading every " + std::string(kind.label));
        throw;
      }
    }
  }

  void read_kind(Connection& connection, const Kind& kind) {
    const std::string sql = kind_query(kind, connection.version());
    std::optional<BriefLocks> locks;
    if (takes_locks(sql)) locks.emplace(connection);
    std::vector<Symbol> values(kind.attributes.size());
    connection.stream(sql, [&](const Row& row) {
      const ObjectId id{&kind, symbols_.intern(row[2]), symbols_.intern(row[3]), symbols_.intern(row[4])};
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = symbols_.intern(value_of(id, kind.attributes[i], row[first_attribute_column + i]));
      }
      const std::lock_guard lock(mutex_);
      snapshot_.add(id, values);
    });
  }

  std::string_view value_of(const ObjectId& id, const Attribute& attribute, std::string_view read) {
    if (options_.throw_away && attribute.surroundings) return not_decided;
    if (attribute.members) {
      const auto lines = members_.find(id.name.view());
      return lines != members_.end() ? std::string_view(lines->second) : std::string_view();
    }
    if (read == not_readable) {
      const std::lock_guard lock(mutex_);
      snapshot_.unreadable.push_back(std::string(attribute.name) + " of " + describe(id));
    }
    return read;
  }

  Connection& connection_;
  SymbolTable& symbols_;
  const CaptureOptions& options_;
  std::vector<const Kind*> kinds_;
  std::map<std::string, std::string, std::less<>> members_;  // lines by extension
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;  // guards snapshot_ and failure_
  Snapshot snapshot_;
  std::exception_ptr failure_;
};

}  // namespace

// Everything that changes how the server prints what we read (manual, "Client Connection Defaults").
std::string pinned_settings() {
  return "SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';"
         " SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = "
         "'hex';"
         " SET LOCAL standard_conforming_strings = on; SET LOCAL quote_all_identifiers = off;"
         " SET LOCAL row_security = on; SET LOCAL jit = off; SET LOCAL lc_monetary = 'C'";
}

ReadTransaction::ReadTransaction(Connection& connection, std::string_view exported_snapshot)
    : connection_(connection) {
  std::string begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
  if (!exported_snapshot.empty()) begin += "; SET TRANSACTION SNAPSHOT " + quote_literal(exported_snapshot);
  connection.execute(begin);
  connection.execute(pinned_settings() +
                     "; SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '5min';"
                     " SET LOCAL idle_in_transaction_session_timeout = '10min'");
}

ReadTransaction::~ReadTransaction() {
  try {
    connection_.execute("ROLLBACK");
  } catch (...) {  // the connection is gone, and the transaction with it
  }
}

BriefLocks::BriefLocks(Connection& connection) : connection_(connection) {
  connection.execute("SAVEPOINT plumbline_reading");
}

BriefLocks::~BriefLocks() {
  try {
    connection_.execute("ROLLBACK TO SAVEPOINT plumbline_reading; RELEASE SAVEPOINT plumbline_reading");
  } catch (...) {  // the connection is gone, and the locks with it
  }
}

Snapshot capture(Connection& connection, SymbolTable& symbols, const CaptureOptions& options) {
  return Capture(connection, symbols, options).run();
}

}  // namespace plumbline
