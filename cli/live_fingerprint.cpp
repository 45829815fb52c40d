#include "cli/live_fingerprint.h"

#include "cli/sides.h"
#include "migrations/header.h"
#include "postgres/error.h"
#include "runner/without_ledger.h"
#include "snapshot/filter.h"

namespace plumbline {

namespace {

std::string fingerprint_now(const MigrationDirectory& directory, const Settings& settings) {
  return read_live(settings.url, [&](LiveSide& live) {
    const Applied applied = read_ledger(live.connection(), directory, settings.migrations);
    SymbolTable symbols;
    return live_fingerprint(live.capture(symbols, false), applied);
  });
}

}  // namespace

std::string live_fingerprint(const Snapshot& live, const Applied& applied) {
  std::vector<std::string> ledgers;
  for (const std::string& object : applied.objects) {
    const std::size_t dot = object.find('.');
    if (object.ends_with(".*")) ledgers.push_back(object.substr(0, dot));
    ledgers.push_back(dot == object.npos ? "*." + object : object);
    ledgers.push_back(ledgers.back() + "_*_seq");
  }
  return filtered(without_ledger(live, applied.own), {}, ledgers).fingerprint();
}

void check_catch_up(const Migration& migration, const MigrationDirectory& directory,
                    const Settings& settings) {
  const std::string made_for = header_value(migration.up_bytes, "live schema");
  if (made_for.empty()) return;
  const bool same = made_for == fingerprint_now(directory, settings);
  const bool reverts = header_value(migration.up_bytes, "catch-up") == "revert";
  if (reverts && !same) {
    throw Error(migration.file + " was made for another state of this database than it is in now",
                "Delete it and make it anew with \"plumbline catchup --revert\".");
  }
  if (!reverts && same) {
    throw Error(migration.file + " describes what this database has already: it was adopted from here",
                "Record it as applied with \"plumbline baseline " + migration.version + "\".");
  }
}

}  // namespace plumbline
