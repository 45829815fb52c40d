#include "snapshot/capture.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <exception>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <thread>

#include "postgres/error.h"
#include "postgres/text.h"
#include "snapshot/dependencies.h"
#include "snapshot/kinds.h"
#include "snapshot/members.h"
#include "snapshot/query.h"
#include "snapshot/undisturbed.h"

namespace plumbline {

namespace {

// From how many relations on a second connection is worth its start.
constexpr int relations_for_more_connections = 1500;

bool calls_any(std::string_view sql, std::initializer_list<std::string_view> functions) {
  return std::ranges::any_of(functions, [&](std::string_view name) { return sql.find(name) != sql.npos; });
}

// Whether the server locks, until the transaction ends, what the texts read that it prints: it does so for
// each query inside them (AcquireRewriteLocks in ruleutils.c, PostgreSQL 9.3+).
bool takes_locks(std::string_view sql) {
  return calls_any(sql, {"pg_get_viewdef(", "pg_get_ruledef(", "pg_get_function_sqlbody(", "pg_get_expr("});
}

OidAddress address_in(const Row& row) {
  OidAddress address;
  std::from_chars(row[0].data(), row[0].data() + row[0].size(), address.oid);
  std::from_chars(row[1].data(), row[1].data() + row[1].size(), address.part);
  return address;
}

// A copy made with pg_dump has another OID, a cluster of its own another system identifier (initdb).
std::string database_of(Connection& connection) {
  if (connection.value("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')") != "t") return {};
  return connection
      .value(
          "SELECT c.system_identifier || '/' || d.oid FROM pg_control_system() c, pg_database d WHERE "
          "d.datname "
          "= current_database()")
      .value_or("");
}

class Capture {
 public:
  Capture(Connection& connection, SymbolTable& symbols, const CaptureOptions& options)
      : connection_(connection), symbols_(symbols), options_(options) {
    for (const Kind* kind : all_kinds()) {
      if (kind->since > connection.version() || (kind->cluster && !options.cluster)) continue;
      kinds_.push_back(kind);
    }
    // Parts are many and take long to read: what is left for the end is short, and no connection waits.
    waiting_.assign(kinds_.begin(), kinds_.end());
    std::stable_partition(waiting_.begin(), waiting_.end(),
                          [](const Kind* k) { return k->built_in || !k->parent_kinds.empty(); });
  }

  Snapshot run() {
    std::jthread helper;
    {
      const BriefLocks locks(connection_);
      members_ = member_lines(connection_, symbols_, kinds_, options_.dependencies);
    }
    if (options_.more && is_large()) helper = std::jthread([this, id = export_snapshot()] { help(id); });
    read_kinds(connection_);
    if (helper.joinable()) helper.join();
    if (failure_) std::rethrow_exception(failure_);
    Snapshot snapshot = whole();
    if (options_.identity) snapshot.database = database_of(connection_);
    snapshot.members = std::move(members_.members);
    if (options_.dependencies) read_dependencies(connection_, addresses_, snapshot);
    return snapshot;
  }

 private:
  bool is_large() {
    const std::string limit = std::to_string(relations_for_more_connections);
    const auto count = connection_.value(
        "SELECT count(*) FROM (SELECT FROM pg_class WHERE oid >= 16384 LIMIT " + limit + ") r");
    return count == limit;
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

  // The kinds that nobody has taken yet.
  void read_kinds(Connection& connection) {
    while (const Kind* kind = take()) {
      try {
        if (options_.names_vanished) connection.execute("SAVEPOINT plumbline_kind");
        read_kind(connection, *kind);
      } catch (Error& error) {
        error.during("reading every " + std::string(kind->label));
        if (options_.names_vanished && is_disturbance(error)) throw named(connection, error);
        throw;
      }
    }
  }

  static Error named(Connection& connection, const Error& error) {
    connection.execute("ROLLBACK TO SAVEPOINT plumbline_kind");
    const std::string what = what_vanished(connection, error);
    return {error.message() + (what.empty() ? "" : ": " + what + " was changed or dropped meanwhile"),
            error.hint(), error.report()};
  }

  const Kind* take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return nullptr;
    const Kind* kind = waiting_.front();
    waiting_.pop_front();
    if (options_.progress) options_.progress(kind->label, kinds_.size() - waiting_.size() - 1, kinds_.size());
    return kind;
  }

  void read_kind(Connection& connection, const Kind& kind) {
    const std::string sql = kind_query(kind, connection.version());
    Snapshot part;
    std::optional<BriefLocks> locks;
    if (takes_locks(sql)) locks.emplace(connection);
    std::vector<Symbol> values(kind.attributes.size());
    ObjectId id{&kind, {}, {}, {}};
    connection.stream(sql, [&](const Row& row) {
      id.schema = same_or_new(id.schema, row[2]);
      id.parent = same_or_new(id.parent, row[3]);
      id.name = symbols_.intern(row[4]);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string_view value =
            value_of(part, id, kind.attributes[i], row[first_attribute_column + i]);
        values[i] = same_or_new(values[i], value);
      }
      part.add(id, values, address_in(row));
      if (options_.dependencies) note_address(id, row);
    });
    part.seal();
    const std::lock_guard lock(mutex_);
    parts_.emplace(&kind, std::move(part));
  }

  void note_address(const ObjectId& id, const Row& row) {
    const std::lock_guard lock(mutex_);
    addresses_.add(id, row[0], row[1]);
  }

  // Neighbouring rows have much in common.
  Symbol same_or_new(Symbol last, std::string_view text) {
    return last.view() == text ? last : symbols_.intern(text);
  }

  Snapshot whole() {
    Snapshot snapshot;
    snapshot.server_version = connection_.version();
    std::size_t size = 0;
    for (const auto& [kind, part] : parts_) size += part.size();
    snapshot.reserve(size);
    for (const Kind* kind : kinds_) snapshot.append(std::move(parts_.extract(kind).mapped()));
    std::ranges::sort(snapshot.unreadable);
    snapshot.seal();
    return snapshot;
  }

  std::string_view value_of(Snapshot& part, const ObjectId& id, const Attribute& attribute,
                            std::string_view read) {
    if (options_.throw_away && attribute.surroundings) return not_decided;
    if (attribute.members) {
      const auto lines = members_.lines.find(id.name.view());
      return lines != members_.lines.end() ? std::string_view(lines->second) : std::string_view();
    }
    if (read == not_readable) {
      part.unreadable.push_back(std::string(attribute.name) + " of " + describe(id));
    }
    return read;
  }

  Connection& connection_;
  SymbolTable& symbols_;
  const CaptureOptions& options_;
  std::vector<const Kind*> kinds_;
  MemberLines members_;
  std::deque<const Kind*> waiting_;  // to be read
  std::mutex mutex_;                 // guards what stands above, parts_ and failure_
  std::map<const Kind*, Snapshot> parts_;
  Addresses addresses_;
  std::exception_ptr failure_;
};

}  // namespace

// Everything that changes how the server prints what we read (manual, "Client Connection Defaults"); and it
// is to take no more of the machine than the connections we open, and to write no temporary files.
std::string pinned_settings() {
  return "SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';"
         " SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = "
         "'hex';"
         " SET LOCAL standard_conforming_strings = on; SET LOCAL quote_all_identifiers = off;"
         " SET LOCAL row_security = on; SET LOCAL lc_monetary = 'C'; SET LOCAL jit = off;"
         " SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '32MB'";
}

ReadTransaction::ReadTransaction(Connection& connection, std::string_view exported_snapshot)
    : connection_(connection) {
  std::string begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
  if (!exported_snapshot.empty()) begin += "; SET TRANSACTION SNAPSHOT " + quote_literal(exported_snapshot);
  connection.execute(begin);
  connection.execute(pinned_settings() +
                     "; SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '5min';"
                     " SET LOCAL idle_in_transaction_session_timeout = '10min'; " +
                     watch_client("transaction"));
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
