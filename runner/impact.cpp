#include "runner/impact.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <set>

#include "diff/compare.h"
#include "expected/lock_mode.h"
#include "expected/missing_role.h"
#include "migrations/execution.h"
#include "postgres/error.h"
#include "runner/record.h"
#include "snapshot/advice.h"
#include "snapshot/capture.h"

namespace plumbline {

namespace {

constexpr std::string_view head_database = "head";

// Relations that are there, and the file that each is kept in.
using Files = std::map<std::string, std::pair<std::string, std::string>>;  // by OID: name and file

Files files_of(Connection& connection) {
  Files files;
  connection.query(
      "SELECT c.oid, c.oid::regclass, pg_relation_filenode(c.oid) FROM pg_class c JOIN pg_namespace n ON "
      "n.oid = "
      "c.relnamespace WHERE c.relkind IN ('r', 'i', 'm', 'p', 'I', 'v', 'S') AND n.nspname !~ '^pg_' AND "
      "n.nspname <> 'information_schema'",
      [&](const Row& row) {
        files[std::string(row[0])] = {std::string(row[1]), std::string(row[2])};
      });
  return files;
}

// Runs a migration as replay does and notes before each COMMIT what it holds.
class Watch : public ExecutionObserver {
 public:
  Watch(Connection& connection, const SqlScript& script, const Files& before)
      : connection_(connection), script_(script), before_(before) {}

  std::size_t next() const { return next_; }  // the first statement that is not done for good

  void after(std::size_t statement, bool inside) override {
    if (inside) return;
    outside_ = true;
    next_ = statement + 1;
  }
  void after_commit(std::size_t done) override { next_ = done; }
  void before_commit(std::size_t) override {
    connection_.query(
        "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted AND locktype = "
        "'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [&](const Row& row) { note(std::string(row[0]), std::string(row[1])); });
  }
  [[noreturn]] void failed(const Error& error, std::size_t statement) override {
    if (!missing_role(error).empty()) throw Error(error);
    throw located(error, script_, statement, {});
  }

  void tell(MigrationImpact& impact) const {
    impact.outside_transaction = outside_;
    for (const auto& [object, mode] : held_)
      impact.locks.push_back({object, mode, std::string(find_lock_mode(mode)->blocks)});
    std::ranges::stable_sort(impact.locks, {}, [](const HeldLock& lock) {
      return lock.blocks == "reads and writes" ? 0 : lock.blocks == "writes" ? 1 : 2;
    });
  }

 private:
  void note(const std::string& oid, const std::string& mode) {
    const auto found = before_.find(oid);
    const LockMode* known = find_lock_mode(mode);
    // What every query and every change of rows holds blocks nobody.
    if (found != before_.end() && known && !known->blocks.empty()) held_.emplace(found->second.first, mode);
  }

  Connection& connection_;
  const SqlScript& script_;
  const Files& before_;
  std::set<std::pair<std::string, std::string>> held_;
  std::size_t next_ = 0;
  bool outside_ = false;
};

class Rehearsal {
 public:
  Rehearsal(const MigrationDirectory& head, const ExpectedOptions& options)
      : head_(head), options_(options), shadow_(start_shadow(options.shadow)) {
    options_.replay.attribute = false;
  }

  // The state of base in the main database.
  void start(const MigrationDirectory& base, Impact& impact) {
    std::vector<std::size_t> all(base.migrations.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    shadow_->create_database(head_database);
    replay(*shadow_, head_database, {base, all}, symbols_, options_.replay);
    options_.replay.prelude.clear();
    options_.replay.progress = {};
    impact.server_version = shadow_->version();
    last_ = read();
    first_ = read();
    known_ = names(advice());
  }

  MigrationImpact apply(std::size_t place) {
    const Migration& migration = head_.migrations[place];
    MigrationImpact impact;
    impact.version = migration.version;
    impact.file = migration.file;
    {
      const auto connection = shadow_->connect(head_database);
      const Files before = files_of(*connection);
      const SqlScript script{shown_file(head_, migration.file), migration.up, migration.transactional};
      Watch watch(*connection, script, before);
      impact.seconds = run(*connection, script, watch);
      watch.tell(impact);
      tell_rewrites(impact, before, files_of(*connection));
    }
    Snapshot now = read();
    impact.changes = changes(last_, now);
    last_ = std::move(now);
    return impact;
  }

  void finish(Impact& impact) {
    impact.changes = changes(first_, last_);
    if (!impact.changes.empty()) impact.step = change_of_version(impact.changes);
    for (Condition& one : advice()) {
      if (!known_.contains(one.check + one.object)) impact.advice.push_back(std::move(one));
    }
  }

 private:
  // Seconds. Roles that it names and nobody has made are made, as replay does, and it goes on where it
  // stopped.
  double run(Connection& connection, const SqlScript& script, Watch& watch) {
    while (true) {
      connection.execute(session_start(head_, options_.replay.search_path));
      const auto start = std::chrono::steady_clock::now();
      try {
        run_script(connection, script, watch, watch.next());
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      } catch (const Error& error) {
        const std::string role = missing_role(error);
        if (role.empty() || !made_roles_.insert(role).second) throw;
        if (connection.in_transaction()) connection.execute("ROLLBACK");
        shadow_->create_role(role);
      }
    }
  }

  Snapshot read() {
    const auto connection = shadow_->connect(head_database);
    const ReadTransaction transaction(*connection);
    CaptureOptions options;
    options.throw_away = true;
    return capture(*connection, symbols_, options);
  }

  std::vector<Condition> advice() { return advice_of(*shadow_->connect(head_database)); }

  static std::set<std::string> names(const std::vector<Condition>& advice) {
    std::set<std::string> result;
    for (const Condition& one : advice) result.insert(one.check + one.object);
    return result;
  }

  static std::vector<Finding> changes(const Snapshot& before, const Snapshot& after) {
    return findings(after, before, compare(after, before));
  }

  static void tell_rewrites(MigrationImpact& impact, const Files& before, const Files& after) {
    for (const auto& [oid, file] : before) {
      const auto now = after.find(oid);
      if (now != after.end() && now->second.second != file.second) impact.rewritten.push_back(file.first);
    }
    std::ranges::sort(impact.rewritten);
  }

  const MigrationDirectory& head_;
  ExpectedOptions options_;
  SymbolTable symbols_;
  std::unique_ptr<Shadow> shadow_;
  Snapshot first_, last_;
  std::set<std::string> known_, made_roles_;
};

const Migration* find(const MigrationDirectory& directory, const Migration& wanted) {
  const auto found = std::ranges::find_if(directory.migrations, [&](const Migration& each) {
    return each.version == wanted.version && each.repeatable == wanted.repeatable;
  });
  return found == directory.migrations.end() ? nullptr : &*found;
}

}  // namespace

std::vector<const Finding*> breaking(const std::vector<Finding>& changes) {
  std::vector<const Finding*> result;
  for (const Finding& each : changes) {
    if (change_of_version({each}) == "major") result.push_back(&each);
  }
  return result;
}

Impact measure_impact(const MigrationDirectory& base, const MigrationDirectory& head,
                      const ExpectedOptions& options) {
  Impact impact;
  std::vector<std::size_t> fresh;
  for (std::size_t place = 0; place < head.migrations.size(); ++place) {
    const Migration& migration = head.migrations[place];
    const Migration* before = find(base, migration);
    const bool changed = before && before->checksum != migration.checksum;
    if (changed) impact.edited.push_back(migration.file);
    if (!before || (changed && migration.repeatable)) fresh.push_back(place);
  }
  for (const Migration& migration : base.migrations) {
    if (!find(head, migration)) impact.gone.push_back(migration.file);
  }
  Rehearsal rehearsal(head, options);
  rehearsal.start(base, impact);
  for (const std::size_t place : fresh) {
    if (options.replay.progress)
      options.replay.progress(head.migrations[place].file, impact.migrations.size(), fresh.size());
    impact.migrations.push_back(rehearsal.apply(place));
  }
  rehearsal.finish(impact);
  return impact;
}

}  // namespace plumbline
