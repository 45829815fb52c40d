#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "expected/attribution.h"
#include "expected/shadow.h"
#include "migrations/migration.h"
#include "postgres/connection.h"
#include "snapshot/capture.h"
#include "snapshot/snapshot.h"

namespace plumbline {

struct ReplayOptions {
  std::string prelude;      // path of a file run before the first migration, empty: none
  std::string search_path;  // empty: the server's default
  bool attribute = true;    // record which statement made what
  Progress progress;
};

// Which migrations of a directory, by their places in it.
struct History {
  const MigrationDirectory& directory;
  std::span<const std::size_t> places;
};

// Runs a history on `database` of the shadow, in order, with transactions
// as the convention says; creates roles that the SQL names and the server lacks. Throws Error
// "file:line:column: the server's message" with the statement, and for a missing extension the Debian package
// that holds it.
Attribution replay(Shadow& shadow, std::string_view database, const History& history, SymbolTable& symbols,
                   const ReplayOptions& options);

}  // namespace plumbline
