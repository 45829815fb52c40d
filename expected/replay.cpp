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
#include "migrations/execution.h"
#include "migrations/scan.h"
#include "migrations/splitter.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {

namespace {

// Looking at the catalogue after each statement takes time in proportion to its size, about a second for a
// million objects. So what a file made is told by the file alone when it makes a big schema by itself (a
// first migration from a dump), and when all that was looked at before comes to too much. Counts, not times:
// the same history is always told in the same way.
constexpr std::size_t statements_watched_singly = 500;
constexpr std::size_t looks_at_objects_in_file = 3'000'000, looks_at_objects = 60'000'000;

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

// Statements that cannot change a catalogue by themselves. What a function called by one does is seen after
// the next one that can, or at the end of the transaction. Those that take no snapshot must be among them:
// SET TRANSACTION may follow them, and our look would be the first query (PlannedStmtRequiresSnapshot,
// pquery.c).
bool only_reads_or_writes_rows(std::string_view sql) {
  constexpr auto words = std::to_array<std::string_view>(
      {"select",  "insert",     "update",    "delete",  "merge",   "with",     "copy",
       "values",  "set",        "reset",     "show",    "analyze", "vacuum",   "truncate",
       "lock",    "notify",     "listen",    "table",   "explain", "unlisten", "fetch",
       "move",    "declare",    "close",     "load",    "prepare", "execute",  "deallocate",
       "discard", "checkpoint", "savepoint", "release", "rollback"});
  return significant_tokens(sql, 1).empty() || begins_with_one_of(sql, words);
}

bool mentions(std::string_view text, std::string_view word) {
  return to_lower(text).find(word) != std::string::npos;
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
      run_file(migration.file,
               {shown_file(directory_, migration.file), migration.up, migration.transactional});
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
    run_file(options_.prelude, {options_.prelude, statements, false});
    tracker_ = std::move(later);
  }

  void begin_session() { connection_->execute(session_start(directory_, options_.search_path)); }

  // Roles that the SQL names and nobody has made yet are made, and the file begun again: as often as there
  // are any. A second try begins at the first statement that has not been committed.
  void run_file(const std::string& file, const SqlScript& script) {
    Watch watch(*this, file, script);
    while (true) {
      try {
        watch.begin();
        run_script(*connection_, script, watch, watch.next());
        return watch.finish();
      } catch (const Error& error) {
        const std::string role = missing_role(error);
        if (role.empty() || !made_roles_.insert(role).second) throw;
        if (connection_->in_transaction()) connection_->execute("ROLLBACK");
        begin_session();
        shadow_.create_role(role);
      }
    }
  }

  bool is_watched_singly(std::size_t statements) {
    if (!tracker_ || statements > statements_watched_singly) return false;
    const std::size_t looks = statements * tracker_->known();
    if (looks > looks_at_objects_in_file || looks_ + looks > looks_at_objects) return false;
    looks_ += looks;
    return true;
  }

  // Tells the tracker what a file does while it runs.
  class Watch : public ExecutionObserver {
   public:
    Watch(Replay& replay, const std::string& file, const SqlScript& script)
        : replay_(replay), tracker_(replay.tracker_.get()), file_(file), script_(script) {
      by_statement_ = replay_.is_watched_singly(script.statements.size());
    }

    std::size_t next() const { return next_; }

    void begin() {
      if (tracker_) tracker_->new_transaction();
    }

    void before(std::size_t statement) override {
      if (unread_ && transaction_control(script_.statements[statement].text) != TransactionControl::none)
        read_rest();
    }

    void after(std::size_t i, bool inside) override {
      const SqlStatement& statement = script_.statements[i];
      const bool still_inside = replay_.connection_->in_transaction();
      if (!still_inside) next_ = i + 1;
      if (!tracker_) return;
      drops_ = drops_ || mentions(statement.text, "drop");
      if (mentions(statement.text, "discard") || mentions(statement.text, "deallocate"))
        tracker_->forget_prepared();
      if (inside && !still_inside) tracker_->new_transaction();
      if (transaction_control(statement.text) != TransactionControl::none) {
        if (inside && still_inside) tracker_->chained_transaction();
        return;
      }
      const Place place{file_, by_statement_ ? statement.line : 0};
      if (!by_statement_ || only_reads_or_writes_rows(statement.text)) {
        unread_ = place;
      } else {
        tracker_->after(place);
        unread_.reset();
      }
    }

    void before_commit(std::size_t done) override {
      if (done < script_.statements.size()) read_rest();
    }

    void after_commit(std::size_t done) override {
      next_ = done;
      if (tracker_ && done < script_.statements.size()) tracker_->new_transaction();
    }

    [[noreturn]] void failed(const Error& error, std::size_t statement) override {
      if (!missing_role(error).empty()) throw Error(error);
      throw located(error, script_, statement, replay_.hint_for(error));
    }

    void finish() {
      read_rest();
      if (tracker_ && !script_.statements.empty()) tracker_->end_file(drops_);
    }

   private:
    // What the last statements did by functions they called, or a big file did; to be seen before rows get
    // another xmin.
    void read_rest() {
      if (tracker_ && unread_) tracker_->after(*unread_);
      unread_.reset();
    }

    Replay& replay_;
    AttributionTracker* tracker_;
    const std::string& file_;
    const SqlScript& script_;
    std::size_t next_ = 0;
    std::optional<Place> unread_;  // what was run since the catalogue was last read may have changed it
    bool by_statement_ = true;     // false: the running file is watched as a whole
    bool drops_ = false;
  };

  std::string hint_for(const Error& error) const {
    const std::string extension = missing_extension(error);
    if (!extension.empty()) return hint_for_extension(extension, shadow_.version());
    if (!error.hint().empty()) return error.hint();
    return "Correct the file, or let --prelude FILE.sql make what it takes for granted; live was not "
           "touched.";
  }

  Shadow& shadow_;
  const MigrationDirectory& directory_;
  const ReplayOptions& options_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<AttributionTracker> tracker_;
  std::set<std::string> made_roles_;
  std::size_t looks_ = 0;  // at objects, so far
};

}  // namespace

Attribution replay(Shadow& shadow, std::string_view database, const History& history, SymbolTable& symbols,
                   const ReplayOptions& options) {
  return Replay(shadow, database, history.directory, symbols, options).run(history.places);
}

}  // namespace plumbline
