#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/migration.h"
#include "runner/ledger_rows.h"

// The order of expand, migrate and contract: within a phase by version, between phases by what needs what.
namespace plumbline {

// 0 expand, 1 migrate, 2 contract. No phase counts as expand; nothing: the word is unknown.
std::optional<int> phase_rank(std::string_view phase);

// What has to be applied before the migration can be, in the order of the directory: what its header names,
// with the migrates that belong to it; the earlier migrations of earlier phases where it names none of those.
// Empty for an expand, whose dependencies have an order of their own.
std::vector<std::size_t> needed_before(const MigrationDirectory& directory, std::size_t place);

// The newest applied migration that should have come after this one: a later one of its phase, or one that
// needs it.
std::optional<std::size_t> applied_too_early(const MigrationDirectory& directory,
                                             const std::set<std::size_t>& applied, std::size_t place);

// "-- Wait: 14d": how long a migrate or contract stays pending after the last migration that it needs was
// applied. No length: the header is there and cannot be read.
struct WaitHeader {
  std::string text;  // empty: there is none
  std::optional<std::chrono::seconds> length;
};
WaitHeader wait_header(const Migration& migration);

// A pending migration that must not be run yet.
struct Waiting {
  std::size_t place = 0;
  std::string version;                // as the ledger has it
  std::vector<std::string> wait_for;  // versions that have to be applied first
  std::string until;                  // "2026-12-14 09:30:00 UTC"; empty: no time is known
  std::string why;                    // "20250101_000000 (a.sql) is not applied"
  std::string next;                   // what to do, as a sentence
};

// Asked for pending migrations in the order of the directory.
class PhaseOrder {
 public:
  PhaseOrder(const MigrationDirectory& directory, const LedgerEntries& entries, bool out_of_order);

  // Why the migration must not be run yet; later ones of its phase then wait behind it, unless out of order.
  // `begun`: a part of it is done, so that it waits behind none.
  std::optional<Waiting> hold(std::size_t place, bool begun);
  // It will be run before those that are asked for later.
  void take(std::size_t place) { taken_.insert(place); }
  const std::set<std::size_t>& applied() const { return applied_; }

 private:
  std::optional<Waiting> for_others(const std::vector<std::size_t>& needed, std::size_t place) const;
  std::optional<Waiting> for_time(const std::vector<std::size_t>& needed, std::size_t place) const;
  std::optional<Waiting> for_its_turn(std::size_t place) const;
  Waiting waiting(std::size_t place) const;
  std::string shown(std::size_t place) const;

  const MigrationDirectory& directory_;
  const LedgerEntries& entries_;
  bool out_of_order_;
  std::vector<std::string> keys_;
  std::set<std::size_t> applied_, taken_;
  std::vector<std::size_t> held_;
};

// All pending migrations that could not be run now, in the order of the directory.
std::vector<Waiting> waiting_migrations(const MigrationDirectory& directory, const LedgerEntries& entries);

// "20250102_000000 (b.sql) waits: 20250101_000000 (a.sql) is not applied"
std::string sentence(const MigrationDirectory& directory, const Waiting& waiting);

}  // namespace plumbline
