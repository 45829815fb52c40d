#include "runner/repair.h"

#include <algorithm>

#include "migrations/header.h"
#include "migrations/ledger.h"
#include "postgres/error.h"
#include "postgres/text.h"

namespace plumbline {
namespace {

class Repairing {
 public:
  Repairing(Runner& runner, const MigrationDirectory& directory, const RepairRequest& request)
      : runner_(runner),
        directory_(directory),
        request_(request),
        keys_(ledger_keys(directory)),
        ledger_(runner.ledger()) {}

  std::vector<Repair> run(const LedgerEntries& entries) {
    for (const auto& [version, entry] : entries) {
      if (!request_.version.empty() && version != wanted()) continue;
      if (entry.state == "failed" || entry.state == "running" || entry.is_partial()) restart(entry);
    }
    if (request_.accept_edits) accept(entries);
    if (repairs_.empty()) {
      throw Error(request_.version.empty() ? "nothing needs a repair"
                                           : "the migration " + request_.version + " needs no repair",
                  "\"plumbline status\" says what failed.");
    }
    return std::move(repairs_);
  }

 private:
  std::string wanted() const {
    const auto place = place_named(directory_, request_.version);
    return place ? keys_[*place] : request_.version;
  }

  void restart(const LedgerEntry& entry) {
    const auto key = std::ranges::find(keys_, entry.version);
    const bool down = entry.direction == "down";
    std::size_t done = request_.from_start ? 0 : entry.done;
    if (entry.running > 0 && !request_.from_start) {
      if (key == keys_.end()) refuse_without_file(entry);
      done = done_of(entry, static_cast<std::size_t>(key - keys_.begin()));
    }
    const std::string is = down ? "applied" : "pending";
    repairs_.push_back(
        {entry.version, entry.state, is, "goes on with statement " + std::to_string(done + 1)});
    if (request_.dry_run) return;
    // Nothing of an earlier statement may be edited then; without a file nothing can be said about that.
    std::string checksum = entry.done_checksum;
    if (key != keys_.end()) {
      const Step step{.place = static_cast<std::size_t>(key - keys_.begin()), .down = down};
      const auto& statements = statements_of(directory_, step);
      checksum = statements_checksum({statements.data(), std::min(done, statements.size())});
    }
    write("UPDATE " + ledger_.table("schema_migrations") + " SET status = " + quote_literal(is) +
              ", statements_done = " + std::to_string(done) + ", done_checksum = " + quote_literal(checksum) +
              ", statement_running = NULL, statement_mark = NULL, error = NULL, changed_at = "
              "clock_timestamp()" +
              (done == 0 && down ? ", direction = 'up'" : "") +
              " WHERE version = " + quote_literal(entry.version),
          {.action = "repaired",
           .version = entry.version,
           .name = entry.name,
           .direction = entry.direction,
           .statements = entry.statements,
           .done = done,
           .reason = request_.reason,
           .details = entry.state + " -> " + is + (entry.error.empty() ? "" : "; " + entry.error)});
  }

  std::size_t done_of(const LedgerEntry& entry, std::size_t place) {
    if (request_.statement == "done") return entry.running;
    if (request_.statement == "not-done") return entry.running - 1;
    if (request_.dry_run) return entry.done;
    const Step step{.place = place,
                    .version = entry.version,
                    .down = entry.direction == "down",
                    .first = entry.done,
                    .running = entry.running,
                    .mark = entry.mark};
    return runner_.settle(step).first;
  }

  [[noreturn]] void refuse_without_file(const LedgerEntry& entry) const {
    throw Error("the migration " + entry.version + " has no file in \"" + directory_.path + "\"",
                "Bring the file back; or undo by hand what it did and run repair --from-start.");
  }

  void accept(const LedgerEntries& entries) {
    for (const std::size_t place : edited_files(directory_, entries)) {
      const Migration& migration = directory_.migrations[place];
      if (!request_.version.empty() && keys_[place] != wanted()) continue;
      repairs_.push_back({keys_[place], "edited", "accepted", migration.file});
      if (request_.dry_run) continue;
      write("UPDATE " + ledger_.table("schema_migrations") +
                " SET checksum = " + quote_literal(migration.checksum) +
                ", changed_at = clock_timestamp() WHERE version = " + quote_literal(keys_[place]),
            {.action = "edit_accepted",
             .version = keys_[place],
             .name = migration.name,
             .checksum = migration.checksum,
             .reason = request_.reason,
             .details = "instead of " + entries.at(keys_[place]).checksum});
    }
  }

  void write(const std::string& sql, const HistoryEvent& event) {
    runner_.connection().execute("BEGIN; " + as_ourselves() + sql + "; " + ledger_.event(event) + "COMMIT");
  }

  Runner& runner_;
  const MigrationDirectory& directory_;
  const RepairRequest& request_;
  std::vector<std::string> keys_;
  const LedgerWriter& ledger_;
  std::vector<Repair> repairs_;
};

}  // namespace

std::vector<Repair> repair(Runner& runner, const MigrationDirectory& directory,
                           const RepairRequest& request) {
  runner.lease();
  return Repairing(runner, directory, request)
      .run(read_entries(runner.connection(), runner.ledger().schema()));
}

std::vector<std::string> mark_applied(Runner& runner, const MigrationDirectory& directory,
                                      const std::vector<std::size_t>& places, const HistoryEvent& why) {
  runner.lease();
  const LedgerEntries entries = read_entries(runner.connection(), runner.ledger().schema());
  const std::vector<std::string> keys = ledger_keys(directory);
  std::vector<std::string> marked;
  std::string sql;
  for (const std::size_t place : places) {
    const auto entry = entries.find(keys[place]);
    if (entry != entries.end() && entry->second.state == "applied") continue;
    const Migration& migration = directory.migrations[place];
    HistoryEvent event = why;
    event.version = keys[place];
    event.name = migration.name;
    event.checksum = migration.checksum;
    sql += runner.ledger().finished(keys[place], migration, false, 0) + runner.ledger().event(event);
    marked.push_back(keys[place]);
  }
  if (!marked.empty()) runner.connection().execute("BEGIN; " + as_ourselves() + sql + "COMMIT");
  return marked;
}

std::vector<std::size_t> edited_files(const MigrationDirectory& directory, const LedgerEntries& entries) {
  const std::vector<std::string> keys = ledger_keys(directory);
  std::vector<std::size_t> edited;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto entry = entries.find(keys[i]);
    if (entry == entries.end() || directory.migrations[i].repeatable) continue;
    const bool differs =
        !entry->second.checksum.empty() && entry->second.checksum != directory.migrations[i].checksum;
    if (entry->second.state == "applied" && differs) edited.push_back(i);
  }
  return edited;
}

}  // namespace plumbline
