#pragma once

#include <string>
#include <vector>

#include "diff/finding.h"
#include "expected/expected.h"
#include "migrations/migration.h"
#include "snapshot/condition.h"

namespace plumbline {

// A lock that a migration held on something that was there before it, as the server says.
struct HeldLock {
  std::string object;  // "orders"
  std::string mode;    // "AccessExclusiveLock"
  std::string blocks;  // "reads and writes", "writes", "other migrations"
};

// What one new migration did on the throw-away server, whose tables have no rows but those that migrations
// wrote.
struct MigrationImpact {
  std::string version, file;
  double seconds = 0;
  std::vector<HeldLock> locks;
  std::vector<std::string> rewritten;  // relations that were there before and got another file
  bool outside_transaction = false;    // some statements ran by themselves; their locks are gone when we look
  std::vector<Finding> changes;        // against the state before it: unexpected means added
};

// What a branch does to a schema.
struct Impact {
  int server_version = 0;
  std::vector<MigrationImpact> migrations;  // those that base does not have, in order
  std::vector<std::string> gone;            // files that only base has
  std::vector<std::string> edited;          // files of both whose statements differ
  std::vector<Finding> changes;             // of all together
  std::string step;               // of the semantic version: major, minor, patch; empty: nothing changed
  std::vector<Condition> advice;  // that holds at head and did not at base
};

// The changes that whoever uses the schema has to know before: what is removed, and what breaks.
std::vector<const Finding*> breaking(const std::vector<Finding>& changes);

// Replays base, then what head has besides, one by one. Throws Error where a migration fails.
Impact measure_impact(const MigrationDirectory& base, const MigrationDirectory& head,
                      const ExpectedOptions& options);

}  // namespace plumbline
