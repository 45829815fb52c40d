#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "expected/attribution.h"
#include "expected/replay.h"
#include "expected/shadow.h"
#include "migrations/migration.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct ExpectedOptions {
  ShadowOptions shadow;  // its cache_directory also holds finished snapshots; empty: no cache
  ReplayOptions replay;
  bool dependencies = false;  // also who needs whom (Snapshot::dependencies)
};

// What a database would be if exactly these migrations had been applied to it: by replay, or from the cache
// when the same files have been replayed on the same server by the same plumbline before.
class Expected {
 public:
  Expected(const MigrationDirectory& directory, std::span<const std::size_t> places, SymbolTable& symbols,
           const ExpectedOptions& options);

  const Snapshot& snapshot() const { return snapshot_; }
  const Attribution& attribution() const { return attribution_; }
  bool from_cache() const { return from_cache_; }
  int server_version() const { return snapshot_.server_version; }
  // Identifies what was replayed, on what, by which plumbline.
  const std::string& key() const { return key_; }
  std::vector<std::string> warnings() const;

  // Where answers about the spelling of this schema's expressions may be kept; empty without a cache.
  std::filesystem::path spellings() const { return entry_.empty() ? entry_ : entry_ / "spellings"; }

  // A connection to a database that has this schema; replays when the snapshot came from the cache.
  Connection& connection();
  // Of the same database, for libpq.
  std::string conninfo();

 private:
  void replay_now(bool attribute);
  bool load();
  void store();

  const MigrationDirectory& directory_;
  std::vector<std::size_t> places_;
  SymbolTable& symbols_;
  ExpectedOptions options_;
  std::string key_;
  std::filesystem::path entry_;  // in the cache; empty: none
  std::unique_ptr<Shadow> shadow_;
  std::unique_ptr<Connection> connection_;
  Snapshot snapshot_;
  Attribution attribution_;
  bool from_cache_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace plumbline
