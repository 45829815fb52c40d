#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "migrations/migration.h"
#include "postgres/connection.h"
#include "postgres/error.h"

namespace plumbline {

// The statements of one file, or of one of its sections.
struct SqlScript {
  std::string file;  // as messages name it
  std::span<const SqlStatement> statements;
  bool transactional = true;  // false: each statement by itself, as far as the file does not say BEGIN
  bool inside = false;        // it runs in a transaction of the caller's, which is left open
};

// Is told how a script goes. Replay and runner send statements in one and the same way and differ in what
// they note down.
class ExecutionObserver {
 public:
  virtual ~ExecutionObserver() = default;
  virtual void before(std::size_t /*statement*/) {}
  // `inside`: whether the statement was sent inside a transaction.
  virtual void after(std::size_t /*statement*/, bool /*inside*/) {}
  // Inside a transaction that is about to be committed, by us or by the file's own COMMIT; the first `done`
  // statements are in it or before it.
  virtual void before_commit(std::size_t /*done*/) {}
  virtual void after_commit(std::size_t /*done*/) {}  // by us
  // A statement, or the COMMIT behind the last one, was refused; must throw.
  [[noreturn]] virtual void failed(const Error& error, std::size_t statement) = 0;
  // Statements of a script without a transaction get one each, so that what before_commit() notes is noted
  // if and only if they were done.
  virtual bool wants_transactions() const { return false; }
};

// Runs a script from the statement `first` on. A transactional one is one transaction, which is committed
// around statements that refuse one and wherever the file says COMMIT.
void run_script(Connection& connection, const SqlScript& script, ExecutionObserver& observer,
                std::size_t first = 0);

// What a script means for transactions.
enum class TransactionControl { none, begin, commit, rollback };
TransactionControl transaction_control(std::string_view sql);

// True for statements that may commit by themselves (DO, CALL): they fail inside a transaction if they do.
bool may_commit(std::string_view sql);

// "file:line:column: what the server said", with the statement. `hint`, when there is one, instead of the
// server's.
Error located(const Error& error, const SqlScript& script, std::size_t statement, const std::string& hint);

// SQL that gives the session what the directory's settings say, whatever the file before has left behind.
std::string session_start(const MigrationDirectory& directory, const std::string& search_path);

// A file of the directory as the user can open it.
std::string shown_file(const MigrationDirectory& directory, const std::string& file);

}  // namespace plumbline
