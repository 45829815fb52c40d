#include "migrations/execution.h"

#include "migrations/scan.h"
#include "migrations/secrets.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

std::string first_word(std::string_view sql, std::size_t place = 0) {
  const std::vector<Token> tokens = significant_tokens(sql, place + 1);
  return tokens.size() > place ? to_lower(tokens[place].of(sql)) : std::string();
}

// The statement, shortened for a message.
std::string excerpt(std::string_view sql) {
  constexpr std::size_t limit = 200;
  std::string result;
  for (const char c : sql.substr(0, limit)) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!space) result += c;
    if (space && !result.empty() && result.back() != ' ') result += ' ';
  }
  return sql.size() > limit ? result + " ..." : result;
}

class ScriptRun {
 public:
  ScriptRun(Connection& connection, const SqlScript& script, ExecutionObserver& observer)
      : connection_(connection), script_(script), observer_(observer) {}

  void run(std::size_t first) {
    const std::size_t count = script_.statements.size();
    for (std::size_t i = first; i < count; ++i) step(i);
    if (connection_.in_transaction() && !script_.inside) commit(count);
  }

 private:
  void step(std::size_t i) {
    const SqlStatement& statement = script_.statements[i];
    const TransactionControl control = transaction_control(statement.text);
    const bool begun = connection_.in_transaction();
    if (control == TransactionControl::begin && begun) return;  // the server would only warn
    if (control == TransactionControl::none && statement.in_transaction && !begun) begin_for(statement);
    if (!statement.in_transaction && begun) commit(i);
    if (control == TransactionControl::commit && begun) note_commit(i + 1);
    const bool inside = connection_.in_transaction();
    observer_.before(i);
    try {
      send(statement);
    } catch (const Error& error) {
      observer_.failed(error, i);
    }
    observer_.after(i, inside);
    if (own_ && connection_.in_transaction()) commit(i + 1);
  }

  void begin_for(const SqlStatement& statement) {
    own_ = !script_.transactional;
    if (own_ && (!observer_.wants_transactions() || may_commit(statement.text))) {
      own_ = false;
      return;
    }
    connection_.execute("BEGIN");
  }

  void send(const SqlStatement& statement) {
    if (statement.type == SqlStatement::Type::copy_in) {
      connection_.copy_in(statement.text, statement.data);
    } else {
      connection_.execute(statement.text);
    }
  }

  void note_commit(std::size_t done) { observer_.before_commit(done); }

  void commit(std::size_t done) {
    own_ = false;
    note_commit(done);
    try {
      connection_.execute("COMMIT");
    } catch (Error& error) {  // a deferred constraint
      observer_.failed(error, script_.statements.size());
    }
    observer_.after_commit(done);
  }

  Connection& connection_;
  const SqlScript& script_;
  ExecutionObserver& observer_;
  bool own_ = false;  // the open transaction is for one statement alone
};

struct LineColumn {
  int line, column;
};

// Where in the file the server saw the mistake: `position` counts characters of the statement from 1.
LineColumn place_of(const SqlStatement& statement, int position) {
  LineColumn place{statement.line, statement.column};
  if (position <= 0) return place;
  const std::size_t end = utf8_offset(statement.text, static_cast<std::size_t>(position) - 1);
  for (std::size_t at = 0; at < end; ++at) {
    const bool starts_character = (static_cast<unsigned char>(statement.text[at]) & 0xC0) != 0x80;
    if (statement.text[at] == '\n') {
      ++place.line;
      place.column = 1;
    } else if (starts_character) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace

void run_script(Connection& connection, const SqlScript& script, ExecutionObserver& observer,
                std::size_t first) {
  ScriptRun(connection, script, observer).run(first);
}

TransactionControl transaction_control(std::string_view sql) {
  const std::string word = first_word(sql);
  if (word == "begin" || word == "start") return TransactionControl::begin;
  if (word == "commit" || word == "end") {
    return first_word(sql, 1) == "prepared" ? TransactionControl::none : TransactionControl::commit;
  }
  if (word == "abort") return TransactionControl::rollback;
  if (word != "rollback") return TransactionControl::none;
  for (const Token& token : significant_tokens(sql, 4)) {
    if (same_word(token.of(sql), "to") || same_word(token.of(sql), "prepared"))
      return TransactionControl::none;
  }
  return TransactionControl::rollback;
}

bool may_commit(std::string_view sql) {
  const std::string word = first_word(sql);
  return word == "do" || word == "call";
}

Error located(const Error& error, const SqlScript& script, std::size_t statement, const std::string& hint) {
  if (statement >= script.statements.size()) {
    return {script.file + ": at its COMMIT: " + error.message(), hint.empty() ? error.hint() : hint,
            error.report()};
  }
  const SqlStatement& failed = script.statements[statement];
  const LineColumn place = place_of(failed, error.report().position);
  const Error said = without_secrets(error, failed.text);
  const std::string& better = hint.empty() ? said.hint() : hint;
  std::string message = script.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
                        ": " + said.message();
  if (!said.report().detail.empty()) message += " (" + said.report().detail + ")";
  return {message + "\n  statement: " + excerpt(without_secrets(failed.text)), better, said.report()};
}

std::string session_start(const MigrationDirectory& directory, const std::string& search_path) {
  std::string sql = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL";
  if (!search_path.empty()) sql += "; SET search_path = " + search_path;
  for (const SessionSetting& setting : directory.settings) {
    sql += "; SELECT set_config(" + quote_literal(setting.name) + ", " + quote_literal(setting.value) +
           ", false)";
  }
  return sql;
}

std::string shown_file(const MigrationDirectory& directory, const std::string& file) {
  const bool below = file != directory.path && directory.path != ".";
  return below ? directory.path + (directory.path.ends_with('/') ? "" : "/") + file : file;
}

}  // namespace plumbline
