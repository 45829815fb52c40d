#pragma once

#include <cstddef>
#include <string_view>

namespace plumbline {

// A lock of a table (manual, Explicit Locking, Table-Level Locks; the same from 13 to 18).
struct LockMode {
  std::string_view shown;  // by pg_locks: "AccessExclusiveLock"
  std::string_view name;   // to LOCK TABLE: "ACCESS EXCLUSIVE"
  std::string_view
      blocks;  // what of others has to wait: "reads and writes", "writes", "other migrations", nothing
};

// By what pg_locks shows; null for what is no lock of a table.
const LockMode* find_lock_mode(std::string_view shown);
// Of two modes that are in the table: which comes first from the weakest to the strongest.
bool is_weaker(const LockMode& one, const LockMode& other);

}  // namespace plumbline
