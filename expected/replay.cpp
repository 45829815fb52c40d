#include "expected/replay.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "expected/extension_packages.h"
#include "expected/missing_role.h"
#include "migrations/parser.h"
#include "migrations/scan.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

// Looking at the catalogue after each statement takes time in proportion to its size: in a file that makes a
// big schema by itself (a first migration from a dump) what it made is told by the file alone.
constexpr std::size_t statements_watched_singly = 500;

constexpr std::string_view prelude_name = "prelude";

// The extension that a failed CREATE EXTENSION wanted.
std::string missing_extension(const Error& error) {
  const std::string& message = error.message();
  constexpr std::string_view before = "extension \"", after = "\" is not available";
  if (message.starts_with(before) && message.ends_with(after)) {
    return message.substr(before.size(), message.size() - before.size() - after.size());
  }
  constexpr std::string_view control = ".control\"";
  const std::size_t end = message.find(control);
  if (error.sqlstate() != "58P01" || end == std::string::npos) return {};
  const std::size_t start = message.rfind('/', end) + 1;
  return message.substr(start, end - start);
}

std::string hint_for_extension(const std::string& extension, int server_version) {
  const std::string package = debian_package_of(extension, server_version);
  if (package.empty()) {
    return "Install the extension for PostgreSQL " + std::to_string(server_version) +
           " on this machine, or give a server that has it with --shadow-url.";
  }
  return "Install it: apt-get install " + package + "; or give a server that has it with --shadow-url.";
}

bool begins_with_one_of(std::string_view sql, std::span<const std::string_view> words) {
  const std::vector<Token> first = significant_tokens(sql, 1);
  return !first.empty() &&
         std::ranges::any_of(words, [&](std::string_view word) { return same_word(first[0].of(sql), word); });
}

bool controls_transaction(std::string_view sql) {
  constexpr auto words =
      std::to_array<std::string_view>({"begin", "start", "commit", "end", "rollback", "abort", "prepare"});
  return begins_with_one_of(sql, words);
}

// Statements that cannot change a catalogue by themselves. What a function called by one does is seen after
// the next one that can, or at the end of the transaction.
bool only_reads_or_writes_rows(std::string_view sql) {
  constexpr auto words = std::to_array<std::string_view>({"select", "insert", "update", "delete", "with",
                                                          "copy", "values", "set", "reset", "show", "analyze",
                                                          "truncate", "lock", "notify", "table", "explain"});
  return significant_tokens(sql, 1).empty() || begins_with_one_of(sql, words);
}

bool mentions(std::string_view text, std::string_view word) {
  return to_lower(text).find(word) != std::string::npos;
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

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error("cannot read the prelude \"" + path + "\"", "Check the path and its permissions.");
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

class Replay {
 public:
  Replay(Shadow& shadow, std::string_view database, const MigrationDirectory& directory, SymbolTable& symbols,
         const ReplayOptions& options)
      : shadow_(shadow), directory_(directory), options_(options), connection_(shadow.connect(database)) {
    if (options.attribute) tracker_ = std::make_unique<AttributionTracker>(*connection_, symbols);
  }

  Attribution run(std::span<const std::size_t> places) {
    if (!options_.prelude.empty()) run_prelude();
    if (tracker_) tracker_->start({std::string(prelude_name), 0});
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Migration& migration = directory_.migrations[places[i]];
      if (options_.progress) options_.progress(migration.file, i, places.size());
      begin_session();
      run_file(migration.file, migration.up, migration.transactional);
    }
    return tracker_ ? std::move(*tracker_).take() : Attribution{};
  }

 private:
  void run_prelude() {
    const std::string text = read_file(options_.prelude);
    if (!is_valid_utf8(text))
      throw Error("\"" + options_.prelude + "\" is not valid UTF-8", "Save it as UTF-8.");
    const std::vector<SqlStatement> statements = split_sql(text, options_.prelude);
    begin_session();
    std::unique_ptr<AttributionTracker> later =
        std::move(tracker_);  // all of it is the prelude's, whatever its line
    run_file(options_.prelude, statements, false);
    tracker_ = std::move(later);
  }

  // Each file starts with the session that the options describe, whatever the one before has left behind.
  void begin_session() {
    std::string sql = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL";
    if (!options_.search_path.empty()) sql += "; SET search_path = " + options_.search_path;
    for (const SessionSetting& setting : directory_.settings) {
      sql += "; SELECT set_config(" + quote_literal(setting.name) + ", " + quote_literal(setting.value) +
             ", false)";
    }
    connection_->execute(sql);
  }

  // Roles that the SQL names and nobody has made yet are made, and the file begun again: as often as there
  // are any.
  void run_file(const std::string& file, const std::vector<SqlStatement>& statements, bool transactional) {
    std::size_t next = 0;
    while (true) {
      try {
        return run_from(next, file, statements, transactional);
      } catch (const Error& error) {
        const std::string role = missing_role(error);
        if (role.empty() || !made_roles_.insert(role).second) throw;
        if (connection_->in_transaction()) connection_->execute("ROLLBACK");
        begin_session();
        shadow_.create_role(role);
      }
    }
  }

  // `next` is where a second try has to begin: at the first statement that has not been committed.
  void run_from(std::size_t& next, const std::string& file, const std::vector<SqlStatement>& statements,
                bool transactional) {
    if (tracker_) tracker_->new_transaction();
    by_statement_ = statements.size() <= statements_watched_singly;
    bool drops = false;
    for (std::size_t i = next; i < statements.size(); ++i) {
      const SqlStatement& statement = statements[i];
      if (transactional && statement.in_transaction && !connection_->in_transaction())
        connection_->execute("BEGIN");
      if (!statement.in_transaction && connection_->in_transaction()) commit();
      run_statement(file, statement);
      if (!connection_->in_transaction()) next = i + 1;
      drops = drops || mentions(statement.text, "drop");
    }
    finish(file, statements, drops);
  }

  void finish(const std::string& file, const std::vector<SqlStatement>& statements, bool drops) {
    if (connection_->in_transaction()) {
      try {
        connection_->execute("COMMIT");
      } catch (Error& error) {  // a deferred constraint
        error.during(shown(file) + ": at its COMMIT");
        throw;
      }
    }
    read_rest();
    if (tracker_ && !statements.empty()) tracker_->end_file(drops);
  }

  // Before a statement that refuses a transaction.
  void commit() {
    read_rest();
    connection_->execute("COMMIT");
    if (tracker_) tracker_->new_transaction();
  }

  // What the last statements did by functions they called, or a big file did; to be seen before rows get
  // another xmin.
  void read_rest() {
    if (tracker_ && unread_) tracker_->after(*unread_);
    unread_.reset();
  }

  void run_statement(const std::string& file, const SqlStatement& statement) {
    const bool inside = connection_->in_transaction();
    if (unread_ && controls_transaction(statement.text)) read_rest();
    try {
      if (statement.type == SqlStatement::Type::copy_in) {
        connection_->copy_in(statement.text, statement.data);
      } else {
        connection_->execute(statement.text);
      }
    } catch (const Error& error) {
      throw_located(error, file, statement);
    }
    if (!tracker_) return;
    if (inside != connection_->in_transaction()) tracker_->new_transaction();
    const Place place{file, by_statement_ ? statement.line : 0};
    if (!by_statement_ || only_reads_or_writes_rows(statement.text)) {
      unread_ = place;
    } else {
      tracker_->after(place);
      unread_.reset();
    }
  }

  [[noreturn]] void throw_located(const Error& error, const std::string& file,
                                  const SqlStatement& statement) {
    if (!missing_role(error).empty()) throw error;
    int line = statement.line, column = statement.column;
    if (error.report().position > 0) {
      const std::size_t end =
          utf8_offset(statement.text, static_cast<std::size_t>(error.report().position) - 1);
      for (std::size_t at = 0; at < end; ++at) {
        const bool starts_character = (static_cast<unsigned char>(statement.text[at]) & 0xC0) != 0x80;
        if (statement.text[at] == '\n') {
          ++line;
          column = 1;
        } else if (starts_character) {
          ++column;
        }
      }
    }
    std::string message =
        shown(file) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + error.message();
    if (!error.report().detail.empty()) message += " (" + error.report().detail + ")";
    message += "\n  statement: " + excerpt(statement.text);
    throw Error(message, hint_for(error), error.report());
  }

  std::string hint_for(const Error& error) const {
    const std::string extension = missing_extension(error);
    if (!extension.empty()) return hint_for_extension(extension, shadow_.version());
    if (!error.hint().empty()) return error.hint();
    return "Correct the file, or let --prelude FILE.sql make what it takes for granted; live was not "
           "touched.";
  }

  // As the user can open it.
  std::string shown(const std::string& file) const {
    const bool below = file != options_.prelude && file != directory_.path && directory_.path != ".";
    return below ? directory_.path + (directory_.path.ends_with('/') ? "" : "/") + file : file;
  }

  Shadow& shadow_;
  const MigrationDirectory& directory_;
  const ReplayOptions& options_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<AttributionTracker> tracker_;
  std::set<std::string> made_roles_;
  std::optional<Place> unread_;  // what was run since the catalogue was last read may have changed it
  bool by_statement_ = true;     // false: the running file is watched as a whole
};

}  // namespace

Attribution replay(Shadow& shadow, std::string_view database, const History& history, SymbolTable& symbols,
                   const ReplayOptions& options) {
  return Replay(shadow, database, history.directory, symbols, options).run(history.places);
}

}  // namespace plumbline
