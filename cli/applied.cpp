#include "cli/applied.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/locate.h"
#include "cli/log.h"
#include "postgres/error.h"
#include "postgres/text.h"
#include "report/escape.h"
#include "report/wording.h"
#include "runner/record.h"
#include "snapshot/capture.h"

namespace plumbline {

namespace {

std::string database_owner(Connection& live) {
  return *live.value("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()");
}

}  // namespace

Applied applied_state(Connection& live, const MigrationDirectory& directory, const Settings& settings) {
  Applied ledger;
  {
    const BriefLocks locks(live);  // some tools empty their ledger with TRUNCATE
    ledger = read_ledger(live, directory, settings.migrations);
  }
  if (!ledger.tool.empty()) {
    log::detail(fmt::format("read the ledger of {} in {}: {} applied, {} pending", ledger.tool,
                            visible_line(ledger.table), ledger.applied.size(), ledger.pending.size()));
  }
  if (settings.at != "applied") {
    Applied wanted = applied_at(directory, settings.at);
    wanted.tool = ledger.tool;
    wanted.table = ledger.table;
    wanted.owner = ledger.owner;
    wanted.objects = ledger.objects;
    wanted.own = ledger.own;
    return wanted;
  }
  if (ledger.tool.empty()) {
    throw Error(
        "the live database has no ledger of " + directory.convention + ", so what was applied is not known",
        "Compare with all migrations by --at head, or name the table with migrations.ledger_table.");
  }
  if (!ledger.unknown.empty()) {
    throw Error(
        "the ledger " + ledger.table + " names versions that no file in \"" + directory.path +
            "\" has: " + few_of(ledger.unknown),
        "Check out the revision that was deployed; or list versions that are code, or were folded into "
        "others, as migrations.missing_versions in plumbline.toml.");
  }
  return ledger;
}

std::function<std::shared_ptr<const Snapshot>()> last_run_of(const Applied& applied, SymbolTable& symbols,
                                                             const Settings& settings) {
  if (applied.tool != "plumbline") return {};
  return [&symbols, &settings]() -> std::shared_ptr<const Snapshot> {
    try {
      const std::unique_ptr<Connection> live = connect({.conninfo = settings.url});
      const ReadTransaction transaction(*live);
      auto last = last_snapshot(*live, settings.runner.ledger_schema, symbols);
      return last ? std::make_shared<Snapshot>(std::move(*last)) : nullptr;
    } catch (const Error& error) {
      log::detail("renames are guessed, the ledger's snapshot cannot be read: " + error.message());
      return nullptr;
    }
  };
}

std::string migrating_role(Connection& live, const Applied& applied, const Settings& settings) {
  if (!settings.owner.empty()) return settings.owner;
  return applied.owner.empty() ? database_owner(live) : applied.owner;
}

MigrationDirectory migrations_of(const Settings& settings) {
  MigrationOptions options = settings.migrations;
  options.path = migrations_path(settings);
  MigrationDirectory directory = load_migrations(options);
  log::detail(fmt::format("read {} in {}, convention {}", counted(directory.migrations.size(), "migration"),
                          visible_line(directory.path), directory.convention));
  return directory;
}

}  // namespace plumbline
